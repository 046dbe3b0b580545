import type { ViteDevServer } from 'vite'
import type { ModuleRunner } from 'vite/module-runner'
import { loadPaths, type StaticPaths } from '../build/static-paths.js'
import { BASE_PATH_TOKEN } from '../protocol/base-path.js'
import { lowercaseMethods } from '../server/handler-methods.js'
import type {
  LoadedLayout,
  LoadedPage,
  ModuleNamespace,
  PageFacts,
  PageFrame,
  PageRecord,
  PageSource,
} from '../server/page-source.js'
import { describeLoaded } from '../server/route-facts.js'
import { createWarnings } from '../server/warnings.js'
import { errorPageStyle } from '../vite/error-style.js'
import { layoutsAround, tablePages, type PageFile } from '../vite/page-files.js'
import type { Site } from '../vite/plugin.js'
import { withCheckedComponent } from './checked-page.js'
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

interface KnownPaths {
  readonly until: number
  readonly modules: readonly ModuleNamespace[]
  readonly value: Promise<StaticPaths>
}

/** How long the paths of a page are believed before they are listed again. */
const PATHS_MILLISECONDS = 1000

/** Serves page modules from sources, through Vite's module runner: an edit shows in the next request. */
export function createDevSource({ vite, runner, pages, site }: DevSourceParts): PageSource {
  const compiled = new Set<string>()
  const told = new WeakSet<ModuleNamespace>()
  const warnings = createWarnings()
  const paths = new WeakMap<ModuleNamespace, KnownPaths>()

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
    const file = pages().fileOf(record)
    const layouts: LoadedLayout[] = []
    for (const layout of around(file)) layouts.push({ ...layout, module: await importFile(layout) })
    const module = await importFile(file)
    const isPage = tablePages(pages().files).includes(file)
    return { page: isPage ? withCheckedComponent(module, file.file) : module, layouts, ...frame }
  }

  /** Route handlers answer by themselves: nothing is around them. */
  function around(file: PageFile): readonly PageFile[] {
    const { files } = pages()
    return files.handlers.includes(file) ? [] : layoutsAround(file, files)
  }

  /** Functions that list paths are asked again after a moment, and at once after an edit of any of the modules. */
  async function listPaths(loaded: LoadedPage, record: PageRecord): Promise<StaticPaths | undefined> {
    const { paths: origin } = describeLoaded(loaded, record)
    if (!origin) return undefined
    const modules = [loaded.page, ...(loaded.layouts ?? []).map(({ module }) => module)]
    const known = paths.get(loaded.page)
    const isSame = known?.modules.every((module, index) => module === modules[index])
    if (known && isSame && known.until > Date.now()) return known.value
    const value = loadPaths(origin, record, (message) => warnings.once(message, message))
    paths.set(loaded.page, { until: Date.now() + PATHS_MILLISECONDS, modules, value })
    value.catch(() => paths.delete(loaded.page))
    return value
  }

  async function describe(record: PageRecord): Promise<PageFacts> {
    const { files } = pages()
    const file = pages().fileOf(record)
    if (files.api.includes(file)) return { kind: 'api', data: undefined, fallback: undefined }
    const loaded = await load(record)
    // What only the text of a page tells, such as `export *`; what is no JavaScript at all has failed before, with a frame.
    if (!files.handlers.includes(file)) await site.dataKind(file)
    else tellLowercase(loaded.page, file)
    const { paths: _origin, ...facts } = describeLoaded(loaded, record)
    return { ...facts, fallback: (await listPaths(loaded, record))?.fallback }
  }

  function tellLowercase(module: ModuleNamespace, { file }: PageFile): void {
    if (told.has(module)) return
    told.add(module)
    for (const name of lowercaseMethods(module))
      vite.config.logger.error(
        `Detected lowercase method \`${name}\` in \`${file}\`. Export it as \`${name.toUpperCase()}\`, or it is never called.`,
        { timestamp: true },
      )
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
      const from = [app, ...(page ? around(page) : []), page].filter((file) => file !== undefined)
      return {
        scripts: devScripts.map(toUrl),
        preloads: [],
        styles: [],
        guards: true,
        inlineStyles: [
          ...(await collectStyles(
            vite,
            from.map((file) => file.path),
          )),
          errorPageStyle,
        ],
      }
    },
    // Nothing is kept here that could be sent past a page's middlewares.
    isGuarded: () => true,
    async lists(record, pathname) {
      const listed = await listPaths(await load(record), record)
      return listed?.paths.some((path) => path.pathname === pathname) ?? false
    },
  }
}

function toUrl(path: string): string {
  return `${BASE_PATH_TOKEN}/_assets/${path}`
}
