import type { Query } from '../protocol/payload.js'
import { cleanUrl, toCanonicalPath, type UrlStyle } from '../react/href.js'

/**
 * The absolute URL that an author's URL means on the page at `asPath`. Paths are below the mount path.
 */
export function resolveUrl(url: string, asPath: string, style: UrlStyle): URL {
  const { basePath } = style
  const href = cleanUrl(url)
  const resolved = new URL(href.startsWith('/') ? basePath + href : href, location.origin + basePath + asPath)
  const path = toPagePath(resolved, basePath)
  if (path !== undefined) resolved.pathname = toCanonicalPath(path, style)
  return resolved
}

/** The path below the mount path, or `undefined` for a URL that is none of this site's. */
export function toPagePath({ origin, pathname }: URL | Location, basePath: string): string | undefined {
  const isInside = `${pathname}/`.startsWith(`${basePath}/`)
  return origin === location.origin && isInside ? pathname.slice(basePath.length) || '/' : undefined
}

/** The URL as events and the history have it: what follows the origin. */
export function toHref({ href, origin }: URL | Location): string {
  return href.slice(origin.length)
}

/** Search parameters as authors see them; a name that occurs several times has a list. */
export function toQuery(search: URLSearchParams): Query {
  return Object.fromEntries(
    [...search.keys()].map((name) => {
      const values = search.getAll(name)
      return [name, values.length > 1 ? values : values[0]]
    }),
  )
}

export function withoutHash(href: string): string {
  return href.split('#', 1)[0]!
}

/** Whether only the hash is new; a link to the very same one scrolls once more. */
export function isHashChange(from: string, { asPath, method }: { asPath: string; method: string }): boolean {
  const [path, hash] = asPath.split('#', 2)
  const [oldPath, oldHash] = from.split('#', 2)
  return path === oldPath && (hash !== oldHash || (hash !== undefined && method !== 'pop'))
}
