import type { RoutePattern, RouteSegment } from './pattern.js'

/** Parameters as somebody gave them: from `getStaticPaths`, or the query of a link. */
export type GivenParams = Readonly<Record<string, unknown>>

/** Whether a text is made of the characters that stand for themselves in a path segment (RFC 3986 `pchar`). */
const isPlain = /^[\w.~!$&'()*+,;=:@-]*$/
/** What `encodeURIComponent` escapes although a path segment may hold it. */
const needlessEscape = /%(?:24|26|2B|2C|3A|3B|3D|40)/g

/**
 * The one canonical encoding of a path segment: characters that RFC 3986 allows in a segment stand as they are, all
 * others are percent-encoded UTF-8 in upper case. Throws `URIError` for a lone surrogate, which has no UTF-8.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-3.3
 */
export function encodeSegment(value: string): string {
  if (isPlain.test(value)) return value
  return encodeURIComponent(value).replace(needlessEscape, decodeURIComponent)
}

/**
 * The canonical pathname of a route with these parameters, or `undefined` if one of them is missing or cannot stand
 * in a path; `wrongParams` then names it.
 */
export function formatRoute(pattern: RoutePattern, params: GivenParams): string | undefined {
  let pathname = ''
  for (const segment of pattern.segments) {
    const part = formatSegment(segment, params)
    if (part === undefined) return undefined
    pathname += part
  }
  return pathname || '/'
}

/** The parameters of a route that keep `formatRoute` from making a pathname. */
export function wrongParams(pattern: RoutePattern, params: GivenParams): string[] {
  return pattern.segments.flatMap((segment) =>
    segment.kind !== 'static' && formatSegment(segment, params) === undefined ? [segment.name] : [],
  )
}

function formatSegment(segment: RouteSegment, params: GivenParams): string | undefined {
  if (segment.kind === 'static') return `/${segment.text}`
  const value = Object.hasOwn(params, segment.name) ? params[segment.name] : undefined
  if (segment.kind === 'dynamic') return formatValue(value)
  if (segment.kind === 'optional-catch-all' && isAbsent(value)) return ''
  if (!Array.isArray(value) || value.length === 0) return undefined
  let path = ''
  for (const item of value) {
    const part = formatValue(item)
    if (part === undefined) return undefined
    path += part
  }
  return path
}

function isAbsent(value: unknown): boolean {
  return (
    value === undefined || value === null || value === false || (Array.isArray(value) && value.length === 0)
  )
}

function formatValue(value: unknown): string | undefined {
  // An empty segment and dot segments do not survive in a URL: browsers and proxies resolve them away.
  if (typeof value !== 'string' || value === '' || value === '.' || value === '..') return undefined
  try {
    return `/${encodeSegment(value)}`
  } catch {
    return undefined
  }
}

/**
 * The path with every run of slashes and backslashes as one slash. The result never begins with two of them, which a
 * browser would read as another host.
 */
export function collapseSlashes(pathname: string): string {
  return pathname.includes('//') || pathname.includes('\\') ? pathname.replace(/[/\\]+/g, '/') : pathname
}
