import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { wrongPages } from '../errors.js'
import { withMemory } from '../server/production.js'
import { toApiModule } from '../server/page-module.js'
import type { LoadedLayout, ModuleNamespace, PageFacts } from '../server/page-source.js'
import { describeLoaded, type PathsOrigin } from '../server/route-facts.js'
import { layoutsAround, tablePages, type PageFile, type PageFiles } from '../vite/page-files.js'
import { toReason } from './prerender.js'
import type { BuildReporter } from './reporter.js'
import { loadPaths, type StaticPaths } from './static-paths.js'
import type { ServerModules } from './server-bundle.js'

/** What running a page's module told about it. */
export interface PageFindings extends PageFacts {
  /** The paths of a dynamic route that lists them. */
  readonly paths: StaticPaths['paths'] | undefined
  /** Its document has no scripts. */
  readonly hydrates?: false
  /** Why its paths are not known. */
  readonly failure?: { readonly error: unknown }
}

export interface FactSources {
  readonly modules: ServerModules
  readonly serverDir: string
  readonly reporter: BuildReporter
}

/** Loads every page of the server bundle, checks it, and finds out how it is to be served and what its paths are. */
export async function findFacts(
  files: PageFiles,
  { modules, serverDir, reporter }: FactSources,
): Promise<ReadonlyMap<PageFile, PageFindings>> {
  const load = async (page: PageFile) =>
    (await import(pathToFileURL(join(serverDir, modules.get(page) ?? '')).href)) as ModuleNamespace
  const app = files.app && (await load(files.app))
  const loadLayout = async (layout: PageFile): Promise<LoadedLayout> => ({
    ...layout,
    module: await load(layout),
  })

  async function describeApi(page: PageFile): Promise<PageFindings> {
    toApiModule(await load(page), page.file)
    return { kind: 'api', data: undefined, fallback: undefined, paths: undefined }
  }
  async function describe(page: PageFile): Promise<PageFindings> {
    const around = await Promise.all(layoutsAround(page, files).map(loadLayout))
    const loaded = { page: await load(page), layouts: around, app, document: undefined }
    const { paths, ...facts } = describeLoaded(loaded, page)
    const config = loaded.page['config'] as { hydrate?: unknown } | undefined
    const bare = config?.hydrate === false ? { hydrates: false as const } : {}
    return { ...facts, ...bare, ...(await findPaths(paths, page, reporter)) }
  }

  const findings = new Map<PageFile, PageFindings>()
  const wrong = new Map<unknown, PageFile>()
  // One memory for all: what several pages list from is loaded once.
  await withMemory(async () => {
    for (const page of [...files.api, ...tablePages(files), ...files.handlers]) {
      const find = files.api.includes(page) ? describeApi : describe
      try {
        findings.set(page, await find(page))
      } catch (error) {
        // A module that several pages import fails for each with the same error: once is enough.
        if (!wrong.has(error)) wrong.set(error, page)
      }
    }
  })
  if (wrong.size > 0) throw toOneError(wrong, reporter)
  return findings
}

/** What is wrong with a page is said as it is; of several, all are named, so that one build is enough to know them. */
function toOneError(wrong: ReadonlyMap<unknown, PageFile>, reporter: BuildReporter): unknown {
  const failures = [...wrong].map(([error, { route }]) => ({ error, path: route }))
  if (failures.length === 1) return failures[0]!.error
  for (const { path, error } of failures) reporter.failed(path, error)
  return wrongPages(failures.map(({ path, error }) => ({ path, reason: toReason(error) })))
}

async function findPaths(
  origin: PathsOrigin | undefined,
  page: PageFile,
  reporter: BuildReporter,
): Promise<Pick<PageFindings, 'fallback' | 'paths' | 'failure'>> {
  if (!origin) return { fallback: undefined, paths: undefined }
  try {
    return await loadPaths(origin, page, reporter.warn)
  } catch (error) {
    // Reported with the pages that cannot be prerendered, so that one build names them all.
    return { fallback: undefined, paths: undefined, failure: { error } }
  }
}
