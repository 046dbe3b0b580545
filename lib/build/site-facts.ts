import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { toApiModule, toFacts, toPageModule, type PageModule } from '../server/page-module.js'
import type { ModuleNamespace, PageFacts } from '../server/page-source.js'
import type { PageFile, PageFiles } from '../vite/page-files.js'
import { loadStaticPaths, type StaticPaths } from './static-paths.js'
import type { ServerModules } from './server-bundle.js'

/** What running a page's module told about it. */
export interface PageFindings extends PageFacts {
  /** The paths to prerender of a dynamic route with `getStaticPaths`. */
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
  const appHasInitialProps =
    (app?.['default'] as { getInitialProps?: unknown } | undefined)?.getInitialProps !== undefined

  const findings = new Map<PageFile, PageFindings>()
  for (const page of files.api) {
    toApiModule(await load(page), page.file)
    findings.set(page, { kind: 'api', data: undefined, fallback: undefined, paths: undefined })
  }
  const special = [files.notFound, files.serverError, files.error].filter((page) => page !== undefined)
  for (const page of [...files.pages, ...special]) {
    const module = toPageModule(await load(page), page)
    findings.set(page, { ...toFacts(module, appHasInitialProps), ...(await findPaths(module, page)) })
  }
  return findings
}

async function findPaths(
  { getStaticPaths }: PageModule,
  page: PageFile,
): Promise<Pick<PageFindings, 'fallback' | 'paths' | 'failure'>> {
  if (!getStaticPaths) return { fallback: undefined, paths: undefined }
  try {
    return await loadStaticPaths(getStaticPaths, page)
  } catch (error) {
    // Reported with the pages that cannot be prerendered, so that one build names them all.
    return { fallback: undefined, paths: undefined, failure: { error } }
  }
}
