import { routeKey, shellKey, statusKey } from '../cache/key.js'
import { duplicatePaths } from '../errors.js'
import { formatRoute } from '../routing/format.js'
import { parseRoute } from '../routing/pattern.js'
import type { Params } from '../types.js'
import type { PageFile, PageFiles } from '../vite/page-files.js'
import type { PageFindings } from './site-facts.js'

/** One page to be produced while building. */
export interface PrerenderTask {
  readonly page: PageFile
  readonly params: Params
  readonly pathname: string
  /** What its entry is found by. */
  readonly key: string
  /** The shell of a `fallback: true` page. */
  readonly isShell?: boolean
}

/** Lists what a build produces, or throws if two pages would produce the same URL. */
export function planPrerender(
  files: PageFiles,
  findings: ReadonlyMap<PageFile, PageFindings>,
): readonly PrerenderTask[] {
  const owners = new Map<string, PageFile>()
  for (const page of files.pages) {
    const pathname = toOnlyPathname(page)
    if (pathname !== undefined) owners.set(pathname.toLowerCase(), page)
  }
  const claim = (pathname: string, page: PageFile): void => {
    // Without regard to case, because files and some proxies do not tell it apart.
    const owner = owners.get(pathname.toLowerCase())
    if (owner && owner !== page) throw duplicatePaths(pathname, owner.file, page.file)
    owners.set(pathname.toLowerCase(), page)
  }

  const tasks: PrerenderTask[] = []
  for (const page of files.pages) {
    const found = findings.get(page)
    if (found?.kind !== 'static') continue
    if (found.paths) {
      for (const { pathname, params } of found.paths) {
        claim(pathname, page)
        tasks.push({ page, pathname, params, key: pathname })
      }
      if (found.fallback === true)
        tasks.push({ page, pathname: page.route, params: {}, key: shellKey(page.route), isShell: true })
    } else if (found.failure === undefined) {
      // Without data the page is the same for all its paths, so it is kept once, under its route.
      const pathname = toOnlyPathname(page)
      tasks.push({
        page,
        pathname: pathname ?? page.route,
        params: {},
        key: pathname ?? routeKey(page.route),
      })
    }
  }
  for (const [page, status] of [
    [files.notFound, 404],
    [files.serverError, 500],
  ] as const)
    if (page && findings.get(page)?.kind === 'static')
      tasks.push({ page, pathname: page.route, params: {}, key: statusKey(status) })
  return tasks
}

/** The pathname of a route without parameters. */
function toOnlyPathname({ route }: PageFile): string | undefined {
  const pattern = parseRoute(route)
  return pattern.isDynamic ? undefined : formatRoute(pattern, {})
}
