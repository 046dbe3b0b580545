import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { DATA_PREFIX, toDataPath, toPagePath } from '../protocol/data-url.js'
import { listeningAppOf, rootAppOf, type HostApp } from './host-app.js'
import { createMounts, type Mounts } from './mounts.js'
import { toPageRequest, type PageRequest } from './request.js'

export interface GuardedParts {
  /**
   * Whether a path (below the mount, as the client wrote it) is a page of ours that has data: its canonical path, and
   * no API route. May wait for the site to be ready.
   */
  isPageUrl(pagePath: string): boolean | Promise<boolean>
  /**
   * Serves a request that everything in front of the page has let through. `req` is as the client sent it; `request` is
   * what was read of it, `undefined` if it cannot be ours.
   */
  serve(request: PageRequest | undefined, exchange: HostExchange): void
  /** Answers a data request whose page could not be guarded, as if there were no such page. */
  readonly refuse: RequestHandler
}

/** A data request that travels under its page's URL. */
interface Detour {
  /** The request target as the client sent it. */
  readonly sentUrl: string
  readonly pageUrl: string
  /** Whether `req` shows the page's URL at the moment. */
  isApplied: boolean
}

const detourKey = Symbol('pagepress.detour')
const secondRoundKey = Symbol('pagepress.secondRound')

/** A pattern that takes nothing of the path. Most requests pay no more for the guard than being held against it. */
const dataPath = new RegExp(`(?=${DATA_PREFIX})`)

type TravellingRequest = Request & { [detourKey]?: Detour; [secondRoundKey]?: true }

/**
 * Makes the handler that an application mounts, so that a guard on a page guards its data.
 *
 * While a data request passes the application's own layers it has its page's URL, and what stops the page stops the
 * data. Express treats the handler as a sub-application and tells it where it is mounted; a mount that it does not tell
 * of is learned from the first request, and a data request that came that way is sent round once more.
 */
export function guardData(parts: GuardedParts): RequestHandler {
  const mounts = createMounts({ path: dataPath, create: rewriteDataUrl })

  function receive(req: TravellingRequest, res: Response, next: NextFunction): void {
    const detour = req[detourKey]
    if (detour?.isApplied) return serveDetour(detour, { req, res, next })
    const request = toPageRequest(req)
    const root = rootAppOf(req)
    if (root) mounts.learn(root, request?.basePath ?? req.baseUrl ?? '')
    if (request?.representation !== 'data') return parts.serve(request, { req, res, next })
    answer(isOurs(request.pathname), next, (isData) => {
      if (!isData) return parts.serve(request, { req, res, next })
      if (!root || req[secondRoundKey]) return void parts.refuse(req, res, next)
      sendRoundAgain(root, { req, res, next })
    })
  }

  function serveDetour(detour: Detour, { req, res, next }: HostExchange): void {
    const clientUrl = toClientUrl(detour, req)
    if (clientUrl === undefined) return next()
    const { url, originalUrl } = req
    detour.isApplied = false
    req.url = clientUrl
    req.originalUrl = detour.sentUrl
    const goOn = (error?: unknown) => {
      detour.isApplied = true
      req.url = url
      req.originalUrl = originalUrl
      next(error)
    }
    parts.serve(toPageRequest(req), { req, res, next: goOn })
  }

  /** Layer at the very front of an application. */
  function rewriteDataUrl(app: HostApp, known: Mounts): RequestHandler {
    return function rewriteDataUrl(req: TravellingRequest, res, next) {
      const { url } = req
      if (req[detourKey] || req.baseUrl || url !== req.originalUrl) return next()
      const found = findDataUrl(url, known)
      // Reached through another application that Express has not told of: what stands there must run first.
      if (!found || (listeningAppOf(req) ?? app) !== app) return next()
      answer(isOurs(found.pagePath), next, (isData) => {
        if (isData) takeDetour({ req, res }, found.pageUrl)
        next()
      })
    }
  }

  function isOurs(pagePath: string): boolean | Promise<boolean> {
    try {
      return parts.isPageUrl(pagePath)
    } catch {
      return false
    }
  }

  function sendRoundAgain(root: HostApp, { req, res, next }: HostExchange): void {
    const { url, baseUrl, params } = req
    const prototypes = [Object.getPrototypeOf(req), Object.getPrototypeOf(res)]
    req[secondRoundKey] = true
    req.url = req.originalUrl
    req.baseUrl = ''
    req.params = {}
    root.handle(req, res, (error?: unknown) => {
      Object.assign(req, { url, baseUrl, params })
      Object.setPrototypeOf(req, prototypes[0])
      Object.setPrototypeOf(res, prototypes[1])
      if (error) next(error)
      else void parts.refuse(req, res, next)
    })
  }

  return asSubApplication(receive as RequestHandler, (parent, mountPath) => mounts.mount(parent, mountPath))
}

export interface HostExchange {
  readonly req: TravellingRequest
  readonly res: Response
  readonly next: NextFunction
}

/** Goes on at once where the answer is known, so that a request waits for nothing but a site that is not ready. */
function answer(isData: boolean | Promise<boolean>, next: NextFunction, go: (isData: boolean) => void): void {
  if (typeof isData === 'boolean') go(isData)
  else isData.then(go, () => go(false)).catch(next)
}

/** The data URL in a request target: at the first of its `/_data/` that stands right below a mount of ours. */
function findDataUrl(url: string, mounts: Mounts): { pagePath: string; pageUrl: string } | undefined {
  const cut = url.search(/[?#]/)
  if (cut !== -1 && url[cut] === '#') return undefined
  const path = cut === -1 ? url : url.slice(0, cut)
  for (let at = path.indexOf(DATA_PREFIX); at !== -1; at = path.indexOf(DATA_PREFIX, at + 1)) {
    // Longer than all mounts: nothing further on can be ours, however often a stranger repeats the prefix.
    if (at > mounts.longest()) return undefined
    const mount = path.slice(0, at)
    const pagePath = mounts.has(mount) ? toPagePath(path.slice(at)) : undefined
    if (pagePath === undefined) continue
    const pageUrl = pagePath === '/' && mount !== '' ? mount : mount + pagePath
    return { pagePath, pageUrl: cut === -1 ? pageUrl : pageUrl + url.slice(cut) }
  }
  return undefined
}

function takeDetour({ req, res }: Pick<HostExchange, 'req' | 'res'>, pageUrl: string): void {
  const detour: Detour = { sentUrl: req.url, pageUrl, isApplied: true }
  req[detourKey] = detour
  req.url = pageUrl
  req.originalUrl = pageUrl
  // Before all loggers that write at the end: they show what was asked for.
  const restore = () => {
    if (!detour.isApplied) return
    detour.isApplied = false
    req.originalUrl = detour.sentUrl
    req.url = detour.sentUrl
    req.baseUrl = ''
  }
  res.prependListener('finish', restore)
  res.prependListener('close', restore)
}

/** What the client sent, as this handler's mount shows it, or `undefined` if the data URL is not below this mount. */
function toClientUrl({ sentUrl, pageUrl }: Detour, { url, baseUrl }: Request): string | undefined {
  if (!sentUrl.startsWith(`${baseUrl}/`)) return undefined
  const below = pageUrl.slice(baseUrl.length)
  if (pageUrl.startsWith(baseUrl) && url === (below.startsWith('/') ? below : `/${below}`)) {
    return sentUrl.slice(baseUrl.length)
  }
  // The app rewrote the page's URL on the way: then the data asked for is the other page's.
  const cut = url.indexOf('?')
  const path = cut === -1 ? url : url.slice(0, cut)
  const pagePath = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  return toDataPath(pagePath) + (cut === -1 ? '' : url.slice(cut))
}

/** Express calls `handle` of what has `handle` and `set`, and tells it of each mount with a `mount` event. */
function asSubApplication(
  handler: RequestHandler,
  onMount: (parent: HostApp, mountPath: unknown) => void,
): RequestHandler {
  function emit(event: string): boolean {
    const { parent, mountpath } = handler as RequestHandler & Partial<Pick<HostApp, 'parent' | 'mountpath'>>
    if (event === 'mount' && parent) onMount(parent, mountpath)
    return true
  }
  return Object.defineProperties(handler, {
    handle: { value: handler },
    set: { value: () => handler },
    emit: { value: emit },
    // Express writes these two; as plain properties they would show among the site's methods.
    parent: { value: undefined, writable: true },
    mountpath: { value: '/', writable: true },
  })
}
