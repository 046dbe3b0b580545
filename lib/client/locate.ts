import type { ClientPage } from '../protocol/client-site.js'
import { fillParams, formatUrl, type UrlStyle } from '../react/href.js'
import type { UrlLike } from '../react/router-context.js'
import { isDynamicRoute } from '../routing/dynamic-route.js'
import { resolveUrl, toPagePath } from './page-url.js'
import { createFindPage, type PageMatch } from './routes.js'

/** An author's URL, resolved. */
export interface Destination {
  /** What the address bar will show. */
  readonly shown: URL
  /** Where the page and its query come from: another URL than shown where the author masked it with `as`. */
  readonly target: URL
  /** `undefined` if the URL is no page of this site. */
  readonly match: PageMatch | undefined
}

export type Locate = (from: string, url: UrlLike, as?: UrlLike) => Destination

/** Finds what an author's URL means on the page at the path `from`. */
export function createLocate(pages: readonly ClientPage[], style: UrlStyle): Locate {
  const find = createFindPage(pages)
  return (from, url, as) => {
    const text = formatUrl(url)
    const shown = resolveUrl(fillParams(as === undefined ? text : formatUrl(as)), from, style)
    const target = as === undefined ? shown : resolveUrl(text, from, style)
    const path = toPagePath(shown, style.basePath)
    const targetPath = toPagePath(target, style.basePath)
    if (path === undefined || targetPath === undefined) return { shown, target, match: undefined }
    if (!isDynamicRoute(targetPath)) return { shown, target, match: find(targetPath) }
    // A route: the URL to show says what its parameters are.
    const match = find(path, decodeURI(targetPath))
    if (!match) {
      if (process.env.NODE_ENV !== 'production') warnOfParams(targetPath, target.searchParams)
      throw new Error(`\`${path}\` is incompatible with the href value \`${targetPath}\`.`)
    }
    return { shown, target, match }
  }
}

/** The parameters could have been given in the query, had the author not meant to take them from `as`. */
function warnOfParams(route: string, given: URLSearchParams): void {
  const names = [...route.matchAll(/\[(?:\[?\.\.\.)?([^\]]+)\]/g)].map(([, name]) => name!)
  const missing = names.filter((name) => !given.has(name))
  console.warn(`The URL to show does not match \`${route}\`, and its query lacks: ${missing.join(', ')}.`)
}
