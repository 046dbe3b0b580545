import { routeKey, shellKey, statusKey } from '../cache/key.js'
import { duplicatePaths } from '../errors.js'
import { formatRoute } from '../routing/format.js'
import { isDynamicRoute, parseRoute } from '../routing/pattern.js'
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

/** What a build produces. */
export interface PrerenderPlan {
  readonly total: number
  /** Made one by one: a large site has more of them than need be in memory. */
  tasks(): Iterable<PrerenderTask>
}

type Findings = ReadonlyMap<PageFile, PageFindings>

/** Plans what a build produces, or throws if two pages would produce the same URL. */
export function planPrerender(files: PageFiles, findings: Findings): PrerenderPlan {
  assertUniquePaths(files, findings)
  let total = 0
  for (const page of producible(files)) total += countTasks(page, findings.get(page))
  for (const [page] of errorPages(files, findings)) total += page ? 1 : 0
  return { total, tasks: () => listTasks(files, findings) }
}

/** What may be produced while building. */
function producible({ pages, handlers }: PageFiles): PageFile[] {
  return [...pages, ...handlers]
}

function isProduced({ kind, isStatic, failure }: PageFindings): boolean {
  return (kind === 'static' || isStatic === true) && failure === undefined
}

/** A route handler with parameters that lists none answers differently at each of its paths: they come with their visitors. */
function isFirstVisit({ route }: PageFile, { kind, paths }: PageFindings): boolean {
  return kind === 'handler' && paths === undefined && isDynamicRoute(route)
}

function countTasks(page: PageFile, found: PageFindings | undefined): number {
  if (!found || !isProduced(found) || isFirstVisit(page, found)) return 0
  return found.paths ? found.paths.length + (found.fallback === true ? 1 : 0) : 1
}

function* listTasks(files: PageFiles, findings: Findings): Iterable<PrerenderTask> {
  for (const page of producible(files)) {
    const found = findings.get(page)
    if (!found || !isProduced(found) || isFirstVisit(page, found)) continue
    if (found.paths) {
      for (const { pathname, params } of found.paths) yield { page, pathname, params, key: pathname }
      if (found.fallback === true)
        yield { page, pathname: page.route, params: {}, key: shellKey(page.route), isShell: true }
    } else {
      // Without data the page is the same for all its paths, so it is kept once, under its route.
      const pathname = toOnlyPathname(page)
      yield { page, pathname: pathname ?? page.route, params: {}, key: pathname ?? routeKey(page.route) }
    }
  }
  for (const [page, status] of errorPages(files, findings))
    if (page) yield { page, pathname: page.route, params: {}, key: statusKey(status) }
}

function errorPages(
  { notFound, serverError }: PageFiles,
  findings: Findings,
): [PageFile | undefined, number][] {
  const isStatic = (page: PageFile | undefined) => page && findings.get(page)?.kind === 'static'
  return [
    [isStatic(notFound) ? notFound : undefined, 404],
    [isStatic(serverError) ? serverError : undefined, 500],
  ]
}

function assertUniquePaths(files: PageFiles, findings: Findings): void {
  const owners = new Map<string, PageFile>()
  for (const page of producible(files)) {
    const pathname = toOnlyPathname(page)
    if (pathname !== undefined) owners.set(pathname.toLowerCase(), page)
  }
  for (const page of producible(files)) {
    for (const { pathname } of findings.get(page)?.paths ?? []) {
      // Without regard to case, because some proxies do not tell it apart.
      const name = pathname.toLowerCase()
      const owner = owners.get(name)
      if (owner && owner !== page) throw duplicatePaths(pathname, owner.file, page.file)
      owners.set(name, page)
    }
  }
}

/** The pathname of a route without parameters. */
function toOnlyPathname({ route }: PageFile): string | undefined {
  const pattern = parseRoute(route)
  return pattern.isDynamic ? undefined : formatRoute(pattern, {})
}
