import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { withMemory } from '../server/production.js'
import { toApiModule } from '../server/page-module.js'
import type { LoadedLayout, ModuleNamespace, PageFacts } from '../server/page-source.js'
import { describeLoaded, type PathsOrigin } from '../server/route-facts.js'
import { layoutsAround, tablePages, type PageFile, type PageFiles } from '../vite/page-files.js'
import { loadPaths, type StaticPaths } from './static-paths.js'
import type { ServerModules } from './server-bundle.js'

/** What running a page's module told about it. */
export interface PageFindings extends PageFacts {
  /** The paths of a dynamic route that lists them. */
  readonly paths: StaticPaths['paths'] | undefined
  /** Why its paths are not known. */
  readonly failure?: { readonly error: unknown }
}

/** Loads every page of the server bundle, checks it, and finds out how it is to be served and what its paths are. */
export async function findFacts(
  files: PageFiles,
  modules: ServerModules,
  serverDir: string,
): Promise<ReadonlyMap<PageFile, PageFindings>> {
  const load = async (page: PageFile) =>
    (await import(pathToFileURL(join(serverDir, modules.get(page) ?? '')).href)) as ModuleNamespace
  const app = files.app && (await load(files.app))
  const loadLayout = async (layout: PageFile): Promise<LoadedLayout> => ({
    ...layout,
    module: await load(layout),
  })

  const findings = new Map<PageFile, PageFindings>()
  for (const page of files.api) {
    toApiModule(await load(page), page.file)
    findings.set(page, { kind: 'api', data: undefined, fallback: undefined, paths: undefined })
  }
  // One memory for all: what several pages list from is loaded once.
  await withMemory(async () => {
    for (const page of [...tablePages(files), ...files.handlers]) {
      const around = await Promise.all(layoutsAround(page, files).map(loadLayout))
      const loaded = { page: await load(page), layouts: around, app, document: undefined }
      const { paths, ...facts } = describeLoaded(loaded, page)
      findings.set(page, { ...facts, ...(await findPaths(paths, page)) })
    }
  })
  return findings
}

async function findPaths(
  origin: PathsOrigin | undefined,
  page: PageFile,
): Promise<Pick<PageFindings, 'fallback' | 'paths' | 'failure'>> {
  if (!origin) return { fallback: undefined, paths: undefined }
  try {
    return await loadPaths(origin, page)
  } catch (error) {
    // Reported with the pages that cannot be prerendered, so that one build names them all.
    return { fallback: undefined, paths: undefined, failure: { error } }
  }
}
