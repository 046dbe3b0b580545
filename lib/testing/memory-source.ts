import { toPageModule, toFacts } from '../server/page-module.js'
import { createGuardedRoutes } from '../server/guarded-routes.js'
import type { ModuleNamespace, PageAssets, PageFacts, PageRecord, PageSource } from '../server/page-source.js'
import { createRouteTable } from '../routing/table.js'
import type { GetStaticPaths } from '../types.js'
import { formatRoute } from '../routing/format.js'
import { parseRoute } from '../routing/pattern.js'

/** Page modules by route: `'/blog/[slug]'`, and `'/_app'`, `'/_document'`, `'/_error'`, `'/404'`, `'/500'`. */
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
  const appHasInitialProps =
    (frame.app?.['default'] as { getInitialProps?: unknown } | undefined)?.getInitialProps !== undefined

  async function describe({ route, file }: PageRecord): Promise<PageFacts> {
    if (route === '/api' || route.startsWith('/api/'))
      return { kind: 'api', data: undefined, fallback: undefined }
    const page = toPageModule(moduleOf(route), { route, file })
    const facts = toFacts(page, appHasInitialProps)
    const fallback = page.getStaticPaths ? (await page.getStaticPaths({})).fallback : undefined
    return { ...facts, fallback }
  }

  return {
    buildId,
    rootId: '__page',
    routes: createRouteTable(
      Object.keys(pages)
        .filter((route) => !specialRoutes.includes(route))
        .map((route) => ({ ...record(route), value: record(route) })),
    ),
    special: { notFound: special('/404'), serverError: special('/500'), error: special('/_error') },
    describe,
    load: async ({ route }) => ({ page: moduleOf(route), ...frame }),
    loadFrame: async () => frame,
    assets: () => noAssets,
    isGuarded: createGuardedRoutes(
      Object.keys(pages).filter((route) => pages[route]?.['middleware'] !== undefined),
    ),
    async lists({ route }, pathname) {
      const getStaticPaths = moduleOf(route)['getStaticPaths'] as GetStaticPaths
      const { paths } = await getStaticPaths({})
      return paths.some(
        (path) =>
          (typeof path === 'string' ? path : formatRoute(parseRoute(route), path.params)) === pathname,
      )
    },
  }
}

const noAssets: PageAssets = { scripts: [], preloads: [], styles: [] }
