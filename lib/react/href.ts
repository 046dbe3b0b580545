import { BASE_PATH_TOKEN, ROOT_PATH_TOKEN } from '../protocol/base-path.js'
import { collapseSlashes, formatRoute, wrongParams } from '../routing/format.js'
import { parseRoute } from '../routing/pattern.js'
import type { UrlLike } from './router-context.js'

/** How this site writes its URLs. */
export interface UrlStyle {
  /** The mount path, `''` or e.g. `/shop`. */
  readonly basePath: string
  readonly trailingSlash?: boolean
}

const SCHEME = /^[a-z][a-z\d+.-]*:/i

function toText(value: unknown): string {
  return typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && value === value)
    ? String(value)
    : ''
}

/** A query object as text: lists repeat their name, and what has no text of its own is empty. */
function formatQuery(query: Record<string, unknown>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    for (const item of Array.isArray(value) ? value : [value]) search.append(name, toText(item))
  return String(search)
}

/** Puts `?` or `#` in front of a text that is not empty and does not begin with it. */
function withMark(mark: string, text: string): string {
  return !text || text.startsWith(mark) ? text : mark + text
}

/** A URL as text; the parameters of a route stay as they are. */
export function formatUrl(url: UrlLike): string {
  if (typeof url === 'string') return url
  const { pathname, query, search, hash } = url
  const queryText = typeof query === 'object' && query ? formatQuery(query) : (query ?? '')
  return (
    (pathname ?? '').replace(/[?#]/g, encodeURIComponent) +
    withMark('?', search || queryText).replace('#', '%23') +
    withMark('#', hash ?? '')
  )
}

/** A URL's path, and its search and hash as one text. */
export function splitPath(href: string): [path: string, rest: string] {
  const end = href.search(/[?#]/)
  return end < 0 ? [href, ''] : [href.slice(0, end), href.slice(end)]
}

/**
 * Takes the parameters of a route out of the query: `/post/[id]?id=1&a=2` becomes `/post/1?a=2`. Throws when one of
 * them is missing. A URL without parameters stays as it is.
 */
export function fillParams(href: string): string {
  const [path, rest] = splitPath(href)
  if (!path.includes('[')) return href
  const [search = '', hash = ''] = rest.split(/(?=#)/)
  const query = new URLSearchParams(search)
  const pattern = parseRoute(path)
  const given: Record<string, unknown> = {}
  for (const segment of pattern.segments)
    if (segment.kind !== 'static') {
      const { name } = segment
      given[name] = segment.kind === 'dynamic' ? query.get(name) : query.getAll(name)
      query.delete(name)
    }
  const pathname = formatRoute(pattern, given)
  if (pathname === undefined)
    throw new Error(
      `\`${path}\` is missing query values (${wrongParams(pattern, given).join(', ')}): add them to \`query\`.`,
    )
  return pathname + withMark('?', String(query)) + hash
}

/** The path in the form that the server answers without a redirect, below the mount path. */
export function toCanonicalPath(path: string, { basePath, trailingSlash }: UrlStyle): string {
  const bare = path.replace(/\/$/, '')
  // A file name keeps its end: `/feed.xml` is no folder.
  const end = trailingSlash && !/\.[^/]+$/.test(bare) ? '/' : ''
  const own = bare + end
  // On the server the mount path may not be known yet, and whether the root is `/` or nothing hangs on it.
  if (own === '' && basePath === BASE_PATH_TOKEN) return ROOT_PATH_TOKEN
  return basePath + own || '/'
}

/**
 * What an anchor needs to lead to a URL of a page: paths get the mount path, relative URLs stay relative, other
 * sites' URLs are left alone. `undefined` for a URL that would run a script.
 */
export function toHref(url: string, style: UrlStyle): string | undefined {
  const href = cleanUrl(url)
  if (SCHEME.test(href)) return isSafeUrl(href) ? url : undefined
  if (!href.startsWith('/')) return href
  const [path, rest] = splitPath(href)
  return toCanonicalPath(path, style) + rest
}

/** Whether following a URL with a scheme leads somewhere, and runs nothing in this page. */
export function isSafeUrl(href: string): boolean {
  return !/^(javascript|vbscript|data|blob):/i.test(href)
}

/**
 * The URL without what browsers ignore in it, and with single slashes: a path that begins with two of them, or with
 * backslashes, would be another host.
 */
export function cleanUrl(url: string): string {
  const href = url.replace(/[\t\n\r]|^[\0-\x20]+/g, '')
  if (SCHEME.test(href)) return href
  const [path, rest] = splitPath(href)
  const clean = collapseSlashes(path)
  if (clean !== path) console.error(`Invalid href \`${url}\`: repeated slashes or backslashes in a path.`)
  return clean + rest
}
