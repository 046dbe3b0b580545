import type { IncomingMessage } from 'node:http'
import type { Representation } from '../page-response.js'
import { DATA_PREFIX, toPagePath } from '../protocol/data-url.js'
import { collapseSlashes } from '../routing/format.js'

/** What we need of a request, read once. Method and path alone decide it: no header, no query parameter, no body. */
export interface PageRequest {
  readonly method: string
  /** Where the site is mounted for this request: `''` or e.g. `/shop`. */
  readonly basePath: string
  /**
   * The page's path below the mount, as the client wrote it and never decoded, for data requests too. It begins with
   * a slash, and with two where the client wrote slashes that Express took away: such a path matches nothing, and
   * `collapseSlashes` makes the right one of it.
   */
  readonly pathname: string
  /** `''`, or the query string with its question mark. */
  readonly search: string
  readonly representation: Representation
  /** The path ends with a slash that it could also do without: not so for `/`, but for `/shop/` of a mount `/shop`. */
  readonly hasTrailingSlash: boolean
}

/** What Express, or Node alone, has put on a request. */
export type HostRequest = Pick<IncomingMessage, 'method' | 'url'> & {
  readonly baseUrl?: string
  readonly originalUrl?: string
}

const absoluteForm = /^https?:\/\/[\w.:[\]-]+(?=\/)/i
/** A path of these alone is read the same by everybody; Express reads odd request targets with a more liberal parser. */
const isUnambiguous = /^[\w.~!$&()*+,;=:@%/-]*$/
/** Goes into HTML, headers and scripts as it stands. */
const isSafeMount = /^(?:\/[\w.~!$()*+,;=:@%-]+)+$/
const dotSegment = /\/(?:\.|%2e){1,2}(?:\/|$)/i

/** `/_data/`, whichever way it is spelled: no page lives there, not even one that takes any path. */
const isAmongData = /^[/\\]*(?:_|%5[fF])(?:d|%64)(?:a|%61)(?:t|%74)(?:a|%61)[/\\]/

/** Reads a request as one for a page or its data, or returns `undefined` if it cannot be ours. */
export function toPageRequest(req: HostRequest): PageRequest | undefined {
  const target = toOriginForm(req.url ?? '')
  const basePath = req.baseUrl ?? ''
  if (target === undefined || !isUsableMount(basePath)) return undefined
  const cut = target.indexOf('?')
  const path = cut === -1 ? target : target.slice(0, cut)
  const sent = req.originalUrl === undefined ? target : toOriginForm(req.originalUrl)
  const written = sent === undefined ? path : asWritten(basePath, path, withoutQuery(sent))
  const isData = written.startsWith(DATA_PREFIX)
  const pathname = isData ? toPagePath(written) : written
  if (pathname === undefined || isAmongData.test(pathname)) return undefined
  return {
    method: req.method ?? 'GET',
    basePath,
    pathname: pathname || '/',
    search: cut === -1 ? '' : target.slice(cut),
    representation: isData ? 'data' : 'document',
    hasTrailingSlash: !isData && pathname.endsWith('/') && basePath + pathname !== '/',
  }
}

type VisibleParts = Pick<PageRequest, 'basePath' | 'pathname' | 'search'> & {
  readonly representation: Representation | undefined
}

/**
 * What the address bar shows, below the mount: another path than the page's where the app has given the request a new
 * `req.url` on its way here. Data is asked for by the page's own URL.
 */
export function toVisibleUrl(
  { url = '', originalUrl = url }: HostRequest,
  { basePath, pathname, search, representation }: VisibleParts,
): { path: string; search: string } {
  const sent = representation === 'document' ? toOriginForm(originalUrl) : undefined
  const path = sent === undefined ? '' : withoutQuery(sent)
  const isBelow = path === basePath || path.startsWith(`${basePath}/`)
  const visible = isBelow ? path.slice(basePath.length) || '/' : pathname
  return visible === pathname || sent === undefined
    ? { path: pathname, search }
    : { path: visible, search: sent.slice(path.length) }
}

/** The app has given the request a new `req.url` on its way here: the address bar does not say which page it shows. */
export function isRewritten(
  { url = '', originalUrl = url }: HostRequest,
  { basePath, pathname }: Pick<PageRequest, 'basePath' | 'pathname'>,
): boolean {
  const sent = toOriginForm(originalUrl)
  const path = sent === undefined ? '' : withoutQuery(sent)
  return path !== basePath + pathname && !(pathname === '/' && path === basePath)
}

function isUsableMount(basePath: string): boolean {
  return basePath === '' || (isSafeMount.test(basePath) && !dotSegment.test(basePath))
}

/** The request target as a path: a fragment, which has no business there, is dropped, and so are `http://` and host. */
function toOriginForm(target: string): string | undefined {
  const hash = target.indexOf('#')
  if (target.startsWith('/') && hash === -1) return target
  const prefix = target.startsWith('/') ? '' : absoluteForm.exec(target)?.[0]
  if (prefix === undefined) return undefined
  const rest = target.slice(prefix.length, hash === -1 ? undefined : hash)
  return isUnambiguous.test(withoutQuery(rest)) ? rest : undefined
}

function withoutQuery(target: string): string {
  const cut = target.indexOf('?')
  return cut === -1 ? target : target.slice(0, cut)
}

/**
 * The path below the mount with the slashes that the client wrote, `''` for the bare mount. Express 4 hands
 * `/shop//admin` to a mount at `/shop` as `/admin`, although a guard at `/shop/admin` has not seen it.
 */
function asWritten(basePath: string, path: string, sentPath: string): string {
  if (sentPath === path || sentPath === basePath + path) return path
  if (path === '/' && sentPath === basePath) return ''
  // Anything but slashes means that the app rewrote the URL: what it says now counts, as it does for its routers.
  return collapseSlashes(sentPath) === collapseSlashes(basePath + path) ? `/${path}` : path
}
