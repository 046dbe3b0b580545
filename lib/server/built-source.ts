import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { brokenInvariant, unusableBuild } from '../errors.js'
import { BASE_PATH_TOKEN } from '../protocol/base-path.js'
import { createRouteTable } from '../routing/table.js'
import {
  buildFolders,
  readManifest,
  type BuildManifest,
  type ManifestAssets,
  type ManifestPage,
  type ManifestPart,
} from './build-manifest.js'
import { createGuardedRoutes } from './guarded-routes.js'
import type {
  LoadedLayout,
  LoadedPage,
  ModuleNamespace,
  PageAssets,
  PageFacts,
  PageFrame,
  PageRecord,
  PageSource,
} from './page-source.js'

/** A build, as the production server uses it. */
export interface BuiltSource extends PageSource {
  readonly config: BuildManifest['config']
  /** Secrets of draft mode. */
  readonly draftKeys: BuildManifest['draftKeys']
  /** Folder whose `_assets` the browser loads. */
  readonly clientDir: string
  /** The public folder as it was when the site was built. */
  readonly publicDir: string
  /** Folder of the pages that were produced by the build. */
  readonly prerenderedDir: string
}

export interface BuiltSourceParts {
  outDir: string
  /** Whether the build produced this pathname, e.g. `has` of a pack reader. */
  isPrerendered(pathname: string): boolean | Promise<boolean>
}

/**
 * Serves page modules from a build folder. Reading it checks it, synchronously; pages are imported when they are first
 * needed, so that start-up does not grow with their number.
 */
export function createBuiltSource({ outDir, isPrerendered }: BuiltSourceParts): BuiltSource {
  const manifest = readManifest(outDir)
  const { special, buildId, rootId, config, draftKeys, assetPrefix } = manifest
  const loadModule = createModuleLoader(outDir, manifest.serverDir)
  const toAssets = createAssets(manifest)
  const pages = new Map<PageRecord, ManifestPage>()
  const facts = new Map<PageRecord, PageFacts>()
  const toRecord = (page: ManifestPage | undefined): PageRecord | undefined => {
    if (!page) return undefined
    const record = { route: page.route, file: page.file }
    pages.set(record, page)
    facts.set(record, toFacts(page))
    return record
  }
  const find = (record: PageRecord): ManifestPage => {
    const page = pages.get(record)
    if (!page) throw brokenInvariant(`The build was asked for the unknown page ${record.route}.`)
    return page
  }
  const listed = new Map(
    manifest.pages.flatMap((page) => (page.paths ? [[page, new Set(page.paths)] as const] : [])),
  )
  const loadLayout = async (index: number): Promise<LoadedLayout> => {
    const { route, file, module } = manifest.layouts[index]!
    return { route, file, module: await loadModule(module) }
  }
  const loadFrame = async (): Promise<PageFrame> => {
    const [app, document] = await Promise.all([
      special.app === undefined ? undefined : loadModule(special.app),
      special.document === undefined ? undefined : loadModule(special.document),
    ])
    return { app, document }
  }
  const loaded = new Map<PageRecord, LoadedPage>()
  const load = async (record: PageRecord): Promise<LoadedPage> => {
    const { module, layouts } = find(record)
    const [page, { app, document }, around] = await Promise.all([
      loadModule(module),
      loadFrame(),
      Promise.all((layouts ?? []).map(loadLayout)),
    ])
    const known = loaded.get(record) ?? { page, app, document, layouts: around }
    loaded.set(record, known)
    return known
  }

  return {
    buildId,
    rootId,
    ...(assetPrefix !== undefined && { assetPrefix }),
    config,
    draftKeys,
    clientDir: join(outDir, buildFolders.client),
    publicDir: join(outDir, buildFolders.public),
    prerenderedDir: join(outDir, buildFolders.prerendered),
    routes: createRouteTable(
      manifest.pages.map((page) => ({
        route: page.route,
        file: page.file,
        value: toRecord(page) as PageRecord,
      })),
    ),
    special: {
      notFound: toRecord(special.notFound),
      serverError: toRecord(special.serverError),
      error: toRecord(special.error),
    },
    describe: (record) => facts.get(record) ?? toFacts(find(record)),
    load: (record) => loaded.get(record) ?? load(record),
    loadFrame,
    assets: (record) => toAssets(record ? find(record).assets : manifest.frame),
    isGuarded: createGuardedRoutes(
      manifest.pages.filter((page) => page.hasMiddleware).map((page) => page.route),
    ),
    lists(record, pathname) {
      const paths = listed.get(find(record))
      return paths === undefined ? isPrerendered(pathname) : paths.has(pathname)
    },
  }
}

function createModuleLoader(outDir: string, serverDir: string): (module: string) => Promise<ModuleNamespace> {
  const folder = join(outDir, serverDir)
  const loaded = new Map<string, ModuleNamespace>()
  return async (module) => {
    const known = loaded.get(module)
    if (known) return known
    const path = join(folder, module)
    try {
      const namespace = (await import(pathToFileURL(path).href)) as ModuleNamespace
      loaded.set(module, namespace)
      return namespace
    } catch (error) {
      const { code, url } = error as { code?: string; url?: string }
      if (code === 'ERR_MODULE_NOT_FOUND' && url === pathToFileURL(path).href)
        throw unusableBuild(outDir, `lacks its module \`${module}\`.`, error)
      throw error
    }
  }
}

function toFacts(page: ManifestPage): PageFacts {
  const { kind, data, fallback, hasMiddleware, isStatic, query, microcache } = page
  return {
    kind,
    data,
    fallback,
    ...(hasMiddleware && { hasMiddleware }),
    ...(isStatic && { isStatic }),
    ...(query && { query }),
    ...(microcache && { microcache }),
  }
}

/** Makes of the manifest's lists what documents link to, once for each. */
function createAssets({
  globalStyles,
  parts,
  assetPrefix = BASE_PATH_TOKEN,
}: BuildManifest): (given: ManifestAssets) => PageAssets {
  const completed = new WeakMap<ManifestAssets, PageAssets>()
  const withBase = (paths: readonly string[]) => paths.map((path) => assetPrefix + path)
  const toLists = ({ preloads, styles }: ManifestPart) => ({
    preloads: withBase(preloads),
    styles: withBase(styles),
  })
  const shared = {
    globalStyles: withBase(globalStyles),
    parts: new Map(Object.entries(parts).map(([name, part]) => [name, toLists(part)])),
  }
  return (given) => {
    let assets = completed.get(given)
    if (!assets) {
      const { scripts, later } = given
      assets = { ...shared, ...toLists(given), scripts: withBase(scripts), ...(later && { later }) }
      completed.set(given, assets)
    }
    return assets
  }
}
