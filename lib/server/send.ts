import type { Request, Response } from 'express'
import { compress, encodeBody, isWorthCompressing, makeEtag, type Body } from '../cache/body.js'
import type { CachedPage, LivePage } from '../cache/cached-page.js'
import type { RedirectResponse, RenderedResponse } from '../page-response.js'
import {
  BYPASS_CACHE_STATUS,
  DEVELOPMENT_CACHE_CONTROL,
  PRIVATE_CACHE_CONTROL,
  toCacheControl,
  toCacheStatus,
  type CacheOutcome,
  type Lifespan,
} from './cache-control.js'
import type { PreviewFields } from '../types.js'
import { isNotModified } from './conditional.js'
import { negotiateCoding } from './content-coding.js'
import { cacheControlOfPage, keepLateCookiesPrivate } from './late-cookies.js'
import type { PageRequest } from './request.js'
import { sendKeptAnswer } from './send-handler.js'
import { mergeVary, write, writeNotModified, type AnswerHead } from './write-answer.js'

const HTML = 'text/html; charset=utf-8'
const JSON_TYPE = 'application/json; charset=utf-8'
const TEXT = 'text/plain; charset=utf-8'

const NOT_FOUND_DATA = '{"notFound":true}'

/** One exchange: everything that the senders need. */
export interface Exchange {
  readonly request: PageRequest
  readonly req: Request
  readonly res: Response
  /** For a visitor in draft mode: what data functions are told of it. */
  readonly draft?: Required<PreviewFields>
  /** The page's own middlewares have let this visitor through, who is not everybody. */
  readonly isGuarded?: true
}

export interface SenderSettings {
  readonly buildId: () => string
  readonly dev: boolean
  readonly compress: boolean
  readonly etags: boolean
  /** The header that names a page's tags to a CDN. */
  readonly tagHeader: 'Cache-Tag' | 'Surrogate-Key' | undefined
  readonly now: () => number
}

export interface Sender {
  /** A cached page, redirect or "not found"; `onGrown` when compressed bytes have joined the page. */
  sendCached(exchange: Exchange, answer: CachedAnswer): Promise<void> | void
  /** A page that was produced for this request. */
  sendRendered(exchange: Exchange, response: RenderedResponse): Promise<void> | void
  sendRedirect(exchange: Exchange, redirect: RedirectResponse): void
  /** The page for a status other than 200; the data form says in JSON what happened. */
  sendStatus(exchange: Exchange, answer: StatusAnswer): Promise<void> | void
}

export interface CachedAnswer extends CacheOutcome {
  readonly page: CachedPage
  /** Kept here for visitors who are anybody, and nowhere else unless the page says so: others get pages of their own. */
  readonly isForVisitors?: true
  /** The document that a "not found" entry is shown as. */
  readonly notFoundDocument?: Body | Buffer | undefined
  onGrown(): void
}

export interface StatusAnswer {
  readonly status: number
  /** Absent for data requests. */
  readonly document: Body | Buffer | undefined
  /** The page exists and has no data: another 404 than the one of a page that does not. */
  readonly isNoData?: boolean
  /** Added to the response, e.g. `Allow`. */
  readonly headers?: readonly string[]
  /** What a cached "not found" result may be kept for; otherwise the answer is for one visitor. */
  readonly lifespan?: Lifespan
  readonly cacheStatus?: string
}

export function createSender(settings: SenderSettings): Sender {
  const { now } = settings

  function sendCached(exchange: Exchange, answer: CachedAnswer): Promise<void> | void {
    const { page } = answer
    if (!settings.dev) keepLateCookiesPrivate(exchange.res)
    const time = now()
    const cacheStatus = toCacheStatus(answer, page.staleAt, time)
    if (page.type === 'not-found')
      return sendStatus(exchange, {
        status: 404,
        document: answer.notFoundDocument,
        ...(answer.isForVisitors !== true && { lifespan: page }),
        cacheStatus,
      })

    // Asked for once: on a response whose prototype Express has changed, every look at it is slow.
    const set = exchange.res.getHeaderNames()
    const isPersonal = isForOne(exchange, set)
    const isForVisitors = answer.isForVisitors === true
    const cacheControl = isPersonal || isForVisitors ? privateCacheControl() : toCacheControl(page, time)
    if (page.type === 'redirect') return writeRedirect(exchange, page, [cacheControl, cacheStatus])
    if (page.type === 'handler')
      return sendKeptAnswer(exchange, {
        page,
        cacheControl,
        cacheStatus,
        isPrivate: isPersonal,
        compress: settings.compress,
        etags: settings.etags,
        onGrown: answer.onGrown,
      })

    const isDocument = exchange.request.representation === 'document'
    const body = isDocument ? page.document : page.data
    if (!isDocument && body.bytes.length === 0)
      return sendStatus(exchange, { status: 404, document: undefined, isNoData: true })
    const headers = headersOf(exchange, cacheControl, cacheStatus)
    const hasHeaders = page.headers !== undefined
    const isOwn = hasHeaders && addOwnHeaders(headers, exchange, { page, isPersonal })
    addTags(headers, page)
    return sendBody(exchange, body, {
      status: page.status,
      headers,
      isPrivate: isForVisitors && !isOwn,
      set: hasHeaders ? undefined : set,
      onGrown: answer.onGrown,
    })
  }

  /** What the page has set when it was produced. Answers whether it says itself, and may say, who keeps it how long. */
  function addOwnHeaders(
    headers: string[],
    { res, request }: Exchange,
    { page, isPersonal }: { page: LivePage; isPersonal: boolean },
  ): boolean {
    let isOwn = false
    for (const [name, value] of page.headers ?? [])
      if (name === 'cache-control') {
        if (isPersonal) continue
        headers[3] = value
        isOwn = true
      } else if (name === 'content-type') {
        if (request.representation === 'document') headers[1] = value
      } else res.setHeader(name, value)
    return isOwn
  }

  function sendRendered(exchange: Exchange, response: RenderedResponse): Promise<void> | void {
    const { res, request } = exchange
    const isDocument = request.representation === 'document'
    const bytes = isDocument ? (response.document as Buffer) : Buffer.from(response.data!)
    // A draft is for the one who asked, whatever the app or the page says of other visits.
    const isForced = settings.dev || exchange.draft !== undefined
    const ownCacheControl = isForced ? undefined : cacheControlOfPage(res)
    const ownType = isDocument ? res.getHeader('Content-Type') : undefined
    const cacheControl = ownCacheControl ?? privateCacheControl()
    const headers = headersOf(exchange, cacheControl, BYPASS_CACHE_STATUS)
    if (ownType !== undefined) headers[1] = String(ownType)
    // What may be kept somewhere is worth a validator; what is private is not.
    return sendBody(exchange, bytes, {
      status: response.status,
      headers,
      isPrivate: ownCacheControl === undefined,
    })
  }

  function sendStatus(exchange: Exchange, answer: StatusAnswer): Promise<void> | void {
    const { status, document, headers = [], lifespan, cacheStatus } = answer
    const isData = exchange.request.representation === 'data'
    const content = isData ? Buffer.from(toStatusJson(answer)) : (document ?? Buffer.from(String(status)))
    const isShared = lifespan !== undefined && !isForOne(exchange, exchange.res.getHeaderNames())
    const cacheControl = isShared ? toCacheControl(lifespan, now()) : privateCacheControl()
    const all = headersOf(exchange, cacheControl, cacheStatus)
    if (!isData && document === undefined) all[1] = TEXT
    all.push(...headers)
    return sendBody(exchange, content, { status, headers: all, isPrivate: true })
  }

  /** What every page's answer says of itself, its type first. */
  function headersOf({ request }: Exchange, cacheControl: string, cacheStatus: string | undefined): string[] {
    const isDocument = request.representation === 'document'
    const headers = ['Content-Type', isDocument ? HTML : JSON_TYPE, 'Cache-Control', cacheControl]
    if (cacheStatus !== undefined) headers.push('Cache-Status', cacheStatus)
    headers.push('Pagepress-Build', settings.buildId())
    if (!isDocument) headers.push('X-Content-Type-Options', 'nosniff')
    return headers
  }

  function writeRedirect(
    { request, res }: Exchange,
    redirect: Redirect,
    [cacheControl, cacheStatus]: [string, string],
  ): void {
    const shared = [
      'Cache-Control',
      cacheControl,
      'Cache-Status',
      cacheStatus,
      'Pagepress-Build',
      settings.buildId(),
    ]
    if (request.representation === 'data') {
      const { destination, status, basePath } = redirect
      const json = JSON.stringify({
        redirect: { destination, status, ...(!basePath && { basePath: false }) },
      })
      const headers = ['Content-Type', JSON_TYPE, 'X-Content-Type-Options', 'nosniff', ...shared]
      return write(res, { status: 200, headers }, Buffer.from(json))
    }
    const location = toLocation(redirect, request.basePath)
    const refresh = redirect.status === 308 ? ['Refresh', `0;url=${location}`] : []
    const headers = ['Content-Type', TEXT, 'Location', location, ...refresh, ...shared]
    write(res, { status: redirect.status, headers }, Buffer.from(location))
  }

  /** Sends bytes with their validator, in the coding that the client prefers, or 304 if it has them. */
  function sendBody(exchange: Exchange, content: Body | Buffer, plan: BodyPlan): Promise<void> | void {
    const { req, res } = exchange
    const { headers } = plan
    // A getter, which is slow to ask of a request whose prototype Express has changed.
    const asked = req.headers
    if (settings.etags && plan.isPrivate !== true) {
      const etag = Buffer.isBuffer(content) ? makeEtag(content) : content.etag
      headers.push('ETag', etag)
      if (plan.status === 200 && isNotModified(asked['if-none-match'], etag))
        return writeNotModified(res, headers)
    }
    const bytes = Buffer.isBuffer(content) ? content : content.bytes
    const set = plan.set ?? res.getHeaderNames()
    const isCompressible =
      settings.compress && isWorthCompressing(bytes.length) && !set.includes('content-encoding')
    if (isCompressible)
      headers.push('Vary', mergeVary(set.includes('vary') ? res.getHeader('Vary') : undefined))
    const coding = isCompressible
      ? negotiateCoding(asked['accept-encoding'] as string | undefined)
      : undefined
    if (coding === undefined) return write(res, plan, bytes)

    const coded = Buffer.isBuffer(content)
      ? compress(content, coding)
      : encodeBody(content, coding, plan.onGrown ?? ignore)
    headers.push('Content-Encoding', coding)
    if (Buffer.isBuffer(coded)) return write(res, plan, coded)
    return coded.then((ready) => write(res, plan, ready))
  }

  /** A cookie is somebody's: what carries one is nobody else's, whatever the page says. */
  function isForOne({ isGuarded }: Exchange, set: readonly string[]): boolean {
    return settings.dev || isGuarded === true || set.includes('set-cookie')
  }

  /** Tags as CDNs split them: at commas or at spaces; whatever else they cannot hold is percent-encoded. */
  function addTags(headers: string[], { origin }: CachedPage): void {
    const { tagHeader } = settings
    if (tagHeader === undefined || origin === undefined || origin.tags.length === 0) return
    const tags = origin.tags.map((tag) => encodeURIComponent(tag.toWellFormed()))
    headers.push(tagHeader, tags.join(tagHeader === 'Cache-Tag' ? ',' : ' '))
  }

  function privateCacheControl(): string {
    return settings.dev ? DEVELOPMENT_CACHE_CONTROL : PRIVATE_CACHE_CONTROL
  }

  return {
    sendCached,
    sendRendered,
    sendRedirect: (exchange, redirect) =>
      writeRedirect(exchange, redirect, [privateCacheControl(), BYPASS_CACHE_STATUS]),
    sendStatus,
  }
}

type Redirect = Pick<RedirectResponse, 'destination' | 'status' | 'basePath'>

interface BodyPlan extends AnswerHead {
  readonly isPrivate?: boolean
  /** Names of the headers that the response has already, in lower case; looked up where they are not given. */
  readonly set?: readonly string[] | undefined
  readonly onGrown?: () => void
}

function ignore(): void {}

/** Relative destinations are inside the mount path, unless the page said otherwise. */
function toLocation({ destination, basePath }: Redirect, mount: string): string {
  return basePath && destination.startsWith('/') ? mount + destination : destination
}

function toStatusJson({ status, isNoData }: StatusAnswer): string {
  return status === 404 && isNoData !== true ? NOT_FOUND_DATA : JSON.stringify({ error: status })
}
