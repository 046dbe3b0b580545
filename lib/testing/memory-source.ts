import { createGuardedRoutes } from '../server/guarded-routes.js'
import type {
  LoadedPage,
  ModuleNamespace,
  PageAssets,
  PageFacts,
  PageRecord,
  PageSource,
} from '../server/page-source.js'
import { createRouteTable } from '../routing/table.js'
import { isHandlerModule } from '../server/handler-methods.js'
import { withMemory } from '../server/production.js'
import { describeLoaded, type PathsOrigin } from '../server/route-facts.js'
import { generatePaths } from '../routing/static-params.js'
import { formatRoute } from '../routing/format.js'
import { parseRoute } from '../routing/pattern.js'

/**
 * Page modules by route: `'/blog/[slug]'`, and `'/_app'`, `'/_document'`, `'/_error'`, `'/404'`, `'/500'`. A layout is
 * `'/blog/_layout'` and wraps what begins with `/blog/`.
 */
export type MemoryPages = Readonly<Record<string, ModuleNamespace>>

const specialRoutes = ['/_app', '/_document', '/_error', '/404', '/500']

/** A page source over modules that a test has made: no files, no bundler. */
export function createMemorySource(pages: MemoryPages, buildId: string): PageSource {
  const record = (route: string): PageRecord => ({
    route,
    file: `pages${route === '/' ? '/index' : route}.tsx`,
  })
  const special = (route: string) => (pages[route] === undefined ? undefined : record(route))
  const moduleOf = (route: string) => pages[route]!
  const frame = { app: pages['/_app'], document: pages['/_document'] }
  const layouts = Object.keys(pages)
    .filter((route) => route.endsWith(LAYOUT))
    .sort((a, b) => a.length - b.length)
    .map((name) => ({
      route: name.slice(0, -LAYOUT.length) || '/',
      file: record(name).file,
      module: moduleOf(name),
    }))

  function loadNow({ route }: PageRecord): LoadedPage {
    const isForErrors = route === '/500' || route === '/_error'
    const above = layouts.filter(
      (one) => !isForErrors && (one.route === '/' || route.startsWith(`${one.route}/`)),
    )
    return { page: moduleOf(route), layouts: above, ...frame }
  }

  async function describe(page: PageRecord): Promise<PageFacts> {
    const { route } = page
    const isApi = route === '/api' || route.startsWith('/api/')
    if (isApi && !isHandlerModule(moduleOf(route)))
      return { kind: 'api', data: undefined, fallback: undefined }
    const { paths, ...facts } = describeLoaded(loadNow(page), page)
    return { ...facts, fallback: await fallbackOf(paths) }
  }

  return {
    buildId,
    rootId: '__page',
    routes: createRouteTable(
      Object.keys(pages)
        .filter((route) => !specialRoutes.includes(route) && !route.endsWith(LAYOUT))
        .map((route) => ({ ...record(route), value: record(route) })),
    ),
    special: { notFound: special('/404'), serverError: special('/500'), error: special('/_error') },
    describe,
    load: async (page) => loadNow(page),
    loadFrame: async () => frame,
    assets: () => noAssets,
    isGuarded: createGuardedRoutes(
      Object.keys(pages).filter((route) => pages[route]?.['middleware'] !== undefined),
    ),
    async lists(page, pathname) {
      const { paths } = describeLoaded(loadNow(page), page)
      return paths !== undefined && (await listPaths(paths, page.route)).includes(pathname)
    },
  }
}

const LAYOUT = '/_layout'

async function fallbackOf(paths: PathsOrigin | undefined): Promise<PageFacts['fallback']> {
  if (paths === undefined) return undefined
  return 'sources' in paths ? paths.fallback : (await paths.getStaticPaths({})).fallback
}

async function listPaths(origin: PathsOrigin, route: string): Promise<(string | undefined)[]> {
  if ('sources' in origin)
    return (await withMemory(() => generatePaths(route, origin.sources))).map(({ pathname }) => pathname)
  const { paths } = await origin.getStaticPaths({})
  return paths.map((path) => (typeof path === 'string' ? path : formatRoute(parseRoute(route), path.params)))
}

const noAssets: PageAssets = { scripts: [], preloads: [], styles: [] }
