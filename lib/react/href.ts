import { collapseSlashes, encodeSegment } from '../routing/format.js'
import type { UrlLike } from './router-context.js'

/** How this site writes its URLs. */
export interface UrlStyle {
  /** The mount path, `''` or e.g. `/shop`. */
  readonly basePath: string
  readonly trailingSlash?: boolean
  /** The path of the root page where it does not follow from `basePath`: a token, while that is one. */
  readonly rootPath?: string
}

const SCHEME = /^[a-z][a-z\d+.-]*:/i
/** A segment of a route that stands for a parameter: `[id]`, `[...path]`, `[[...path]]`. */
const PARAM = /^\[(\[?\.\.\.)?(.+?)\]{1,2}$/

/** A query object as text: lists repeat their name, and what has no text of its own is empty. */
function formatQuery(query: Record<string, unknown>): string {
  const search = new URLSearchParams()
  for (const name in query)
    for (const value of [query[name]].flat()) {
      // Of text, numbers and booleans; NaN is not equal to itself.
      const hasText = /^[snb]/.test(typeof value) && value === value
      search.append(name, hasText ? String(value) : '')
    }
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
  if (!/^\/[^?#]*\[/.test(href)) return href
  const [, path = '', search, hash = ''] = /^([^?#]*)(\?[^#]*)?(.*)$/s.exec(href)!
  const query = new URLSearchParams(search)
  const missing: string[] = []
  const parts = path.split('/').map((part) => {
    const [, dots, name] = PARAM.exec(part) ?? []
    if (name === undefined) return part
    const values = query.getAll(name)
    query.delete(name)
    // Empty and dot segments do not survive in a URL.
    if (values.length ? values.some((value) => /^\.{0,2}$/.test(value)) : dots !== '[...') missing.push(name)
    return (dots ? values : values.slice(0, 1)).map(encodeSegment).join('/')
  })
  if (missing.length) throw new Error(`${path}: missing query values (${missing.join(', ')})`)
  return parts.join('/') + withMark('?', String(query)) + hash
}

/** The path in the form that the server answers without a redirect, below the mount path. */
export function toCanonicalPath(path: string, { basePath, trailingSlash, rootPath }: UrlStyle): string {
  const bare = path.replace(/\/$/, '')
  // A file name keeps its end: `/feed.xml` is no folder.
  const end = trailingSlash && !/\.[^/]+$/.test(bare) ? '/' : ''
  const own = bare + end
  return own ? basePath + own : (rootPath ?? (basePath || '/'))
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
  if (clean !== path) console.error(`Invalid href ${url}`)
  return clean + rest
}
