import type { ViteDevServer } from 'vite'
import type { ModuleRunner } from 'vite/module-runner'
import { loadStaticPaths, type StaticPaths } from '../build/static-paths.js'
import { BASE_PATH_TOKEN } from '../protocol/base-path.js'
import { toFacts, toPageModule } from '../server/page-module.js'
import type {
  LoadedPage,
  ModuleNamespace,
  PageFacts,
  PageFrame,
  PageRecord,
  PageSource,
} from '../server/page-source.js'
import type { PageFile } from '../vite/page-files.js'
import type { Site } from '../vite/plugin.js'
import { devScripts } from './dev-modules.js'
import type { PageSet } from './page-set.js'
import { collectStyles } from './styles.js'

export interface DevSourceParts {
  vite: ViteDevServer
  runner: ModuleRunner
  /** The pages as they are now. */
  pages(): PageSet
  site: Pick<Site, 'rootId' | 'dataKind'>
}

/** How long the paths of a page are believed before `getStaticPaths` is asked again. */
const PATHS_MILLISECONDS = 1000

/** Serves page modules from sources, through Vite's module runner: an edit shows in the next request. */
export function createDevSource({ vite, runner, pages, site }: DevSourceParts): PageSource {
  const compiled = new Set<string>()
  const paths = new WeakMap<ModuleNamespace, { until: number; value: Promise<StaticPaths> }>()

  async function importFile(file: PageFile): Promise<ModuleNamespace> {
    if (compiled.has(file.path)) return (await runner.import(file.path)) as ModuleNamespace
    const started = performance.now()
    const module = (await runner.import(file.path)) as ModuleNamespace
    compiled.add(file.path)
    vite.config.logger.info(`Compiled ${file.route} in ${Math.round(performance.now() - started)} ms`, {
      timestamp: true,
    })
    return module
  }

  async function loadFrame(): Promise<PageFrame> {
    const { app, document } = pages().files
    return {
      app: app && (await importFile(app)),
      document: document && (await importFile(document)),
    }
  }

  async function load(record: PageRecord): Promise<LoadedPage> {
    const frame = await loadFrame()
    return { page: await importFile(pages().fileOf(record)), ...frame }
  }

  async function staticPaths(record: PageRecord): Promise<StaticPaths | undefined> {
    const module = await importFile(pages().fileOf(record))
    const { getStaticPaths } = toPageModule(module, record)
    if (!getStaticPaths) return undefined
    const known = paths.get(module)
    if (known && known.until > Date.now()) return known.value
    const value = loadStaticPaths(getStaticPaths, record)
    paths.set(module, { until: Date.now() + PATHS_MILLISECONDS, value })
    value.catch(() => paths.delete(module))
    return value
  }

  async function describe(record: PageRecord): Promise<PageFacts> {
    const file = pages().fileOf(record)
    if (pages().files.api.includes(file)) return { kind: 'api', data: undefined, fallback: undefined }
    const { page, app } = await load(record)
    // What only the text of a page tells, such as `export *`; what is no JavaScript at all has failed before, with a frame.
    await site.dataKind(file)
    const App = app?.['default'] as { getInitialProps?: unknown } | undefined
    const facts = toFacts(toPageModule(page, record), App?.getInitialProps !== undefined)
    const listed = facts.data === 'getStaticProps' ? await staticPaths(record) : undefined
    return { ...facts, fallback: listed?.fallback }
  }

  return {
    buildId: 'development',
    get rootId() {
      return site.rootId()
    },
    get routes() {
      return pages().routes
    },
    get special() {
      return pages().special
    },
    describe,
    load,
    loadFrame,
    async assets(record) {
      // Styles are known when the modules that import them are.
      await (record ? load(record) : loadFrame())
      const { app } = pages().files
      const page = record && pages().fileOf(record)
      const from = [app, page].filter((file) => file !== undefined)
      return {
        scripts: devScripts.map(toUrl),
        preloads: [],
        styles: [],
        inlineStyles: await collectStyles(
          vite,
          from.map((file) => file.path),
        ),
      }
    },
    // Nothing is kept here that could be sent past a page's middlewares.
    isGuarded: () => true,
    async lists(record, pathname) {
      const listed = await staticPaths(record)
      return listed?.paths.some((path) => path.pathname === pathname) ?? false
    },
  }
}

function toUrl(path: string): string {
  return `${BASE_PATH_TOKEN}/_assets/${path}`
}
