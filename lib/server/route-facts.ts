import { isDynamicRoute } from '../routing/pattern.js'
import { pageExportError } from '../errors.js'
import type { ParamsSource } from '../routing/static-params.js'
import type { GetStaticPaths } from '../types.js'
import { isHandlerModule } from './handler-methods.js'
import { toHandlerModule } from './handler-module.js'
import { toLayouts, type LayoutModule } from './layouts.js'
import { toPageModule, type PageModule } from './page-module.js'
import type { LoadedPage, PageFacts, PageRecord } from './page-source.js'

/** What the modules of a page or route handler say of it, before any of its functions has run. */
export interface RouteFacts extends Omit<PageFacts, 'fallback'> {
  /** Where its paths come from. */
  readonly paths: PathsOrigin | undefined
}

export type PathsOrigin =
  | { readonly getStaticPaths: GetStaticPaths }
  | { readonly sources: readonly ParamsSource[]; readonly fallback: 'blocking' | false }

/** Checks the exports of a loaded page or route handler and its layouts, and tells how it is to be served. */
export function describeLoaded(loaded: LoadedPage, record: PageRecord): RouteFacts {
  if (isHandlerModule(loaded.page)) return describeHandler(loaded, record)
  const page = toPageModule(loaded.page, record)
  const layouts = toLayouts(loaded.layouts)
  const App = loaded.app?.['default'] as { getInitialProps?: unknown } | undefined
  const kind = kindOf(page, layouts, App?.getInitialProps !== undefined)
  const guarded = page.middleware.length > 0 ? { hasMiddleware: true as const } : {}
  return {
    ...kind,
    ...guarded,
    ...(page.query && { query: page.query }),
    ...(page.microcache !== undefined && { microcache: page.microcache }),
    paths: pathsOf({ page, layouts, isStatic: kind.data !== 'getServerSideProps' }, record),
  }
}

/** Whether a page's props are its parameters: something lists them, and nothing else gives it props. */
export function takesParams(page: PageModule, layouts: readonly LayoutModule[]): boolean {
  if (page.getStaticProps || page.getServerSideProps || page.Component.getInitialProps) return false
  return [page, ...layouts].some(({ config }) => config.generateStaticParams !== undefined)
}

/** A page with a data function of its own does not depend on `_app`'s. */
function kindOf(
  page: PageModule,
  layouts: readonly LayoutModule[],
  appHasInitialProps: boolean,
): Pick<PageFacts, 'kind' | 'data'> {
  const isForced = page.config.dynamic === 'force-dynamic'
  if (page.getServerSideProps) return { kind: 'server', data: 'getServerSideProps' }
  if (page.getStaticProps) return { kind: 'static', data: 'getStaticProps' }
  if (takesParams(page, layouts))
    return { kind: isForced ? 'server' : 'static', data: 'generateStaticParams' }
  if (page.Component.getInitialProps || appHasInitialProps) return { kind: 'server', data: 'getInitialProps' }
  return { kind: isForced ? 'server' : 'static', data: undefined }
}

interface Listing {
  readonly page: PageModule
  readonly layouts: readonly LayoutModule[]
  /** Somebody produces it for everybody, so that listing its paths has a meaning. */
  readonly isStatic: boolean
}

function pathsOf({ page, layouts, isStatic }: Listing, { route, file }: PageRecord): PathsOrigin | undefined {
  if (page.getStaticPaths) return { getStaticPaths: page.getStaticPaths }
  const places = [...layouts, { route, file, config: page.config }]
  const isListed = places.some(({ config }) => config.generateStaticParams !== undefined)
  if (isListed && isStatic && !page.Component.getInitialProps) return toOrigin(places)
  const isDynamic = isDynamicRoute(route)
  if (page.getStaticProps && isDynamic)
    throw pageExportError(
      file,
      'exports `getStaticProps` but not `getStaticPaths`, which is required for dynamic static pages: there is no list of pages to build',
      "Export `getStaticPaths` (`{ paths: [], fallback: 'blocking' }` builds each at its first visit), or `generateStaticParams`, or use `getServerSideProps`",
    )
  assertListed(page.config.dynamicParams, file)
  const closed = layouts.find(({ config }) => !config.dynamicParams)
  const isPerRequest = page.Component.getInitialProps !== undefined || page.config.dynamic === 'force-dynamic'
  if (closed !== undefined && isDynamic && isStatic && !isPerRequest)
    throw pageExportError(
      closed.file,
      `exports \`dynamicParams = false\`, but nothing lists the paths of \`${file}\` below it, so that none would exist`,
      'Export `generateStaticParams` there or in the layout, or remove it',
    )
  return undefined
}

function describeHandler({ page }: LoadedPage, { route, file }: PageRecord): RouteFacts {
  const { config, isStatic, middleware } = toHandlerModule(page, { route, file })
  const guarded = middleware.length > 0 ? { hasMiddleware: true as const } : {}
  const isListed = config.generateStaticParams !== undefined
  if (!isListed) assertListed(config.dynamicParams, file)
  const paths = isListed ? toOrigin([{ route, file, config }]) : undefined
  return { kind: 'handler', data: undefined, isStatic, ...guarded, paths }
}

function assertListed(dynamicParams: boolean, file: string): void {
  if (!dynamicParams)
    throw pageExportError(
      file,
      'exports `dynamicParams = false`, but nothing lists its paths, so that none would exist',
      'Export `generateStaticParams`, here or in a layout above, or remove it',
    )
}

function toOrigin(places: readonly Pick<LayoutModule, 'route' | 'file' | 'config'>[]): PathsOrigin {
  const sources = places.map(({ route, file, config }) => ({
    route,
    file,
    generate: config.generateStaticParams,
    isClosed: !config.dynamicParams,
  }))
  return { sources, fallback: sources.some(({ isClosed }) => isClosed) ? false : 'blocking' }
}
