import { readFile } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import type { ResolvedConfig } from '../config.js'
import { createRouteTable } from '../routing/table.js'
import { loadConfig } from '../vite/load-config.js'
import { readExportNames, readPageExports } from '../vite/page-exports.js'
import { findPages, routedFiles, type PageFile, type PageFiles } from '../vite/page-files.js'
import { assertNoPublicConflicts, assertNothingReserved } from '../vite/public-files.js'

export interface ProjectOptions {
  /** The project's folder. @default process.cwd() */
  root?: string | undefined
  /** Relative to `root`, as all paths here. @default 'pages', or 'src/pages' */
  pagesDir?: string | undefined
  /** @default 'public' */
  publicDir?: string | undefined
  /** @default '.pagepress' */
  outDir?: string | undefined
}

/** A project that can be built: its configuration and its page files, checked as far as reading them goes. */
export interface Project {
  readonly root: string
  readonly publicDir: string
  readonly outDir: string
  readonly config: ResolvedConfig
  readonly files: PageFiles
}

/** Reads a project. Throws for everything that is wrong before anything is bundled. */
export async function readProject(
  options: ProjectOptions,
  onWarning: (message: string) => void,
): Promise<Project> {
  const root = resolve(options.root ?? process.cwd())
  const inRoot = (path: string) => (isAbsolute(path) ? path : join(root, path))
  const publicDir = inRoot(options.publicDir ?? 'public')
  const outDir = inRoot(options.outDir ?? '.pagepress')
  const config = await loadConfig({ root, command: 'build', onWarning })
  const pagesDir = options.pagesDir === undefined ? undefined : inRoot(options.pagesDir)
  const files = await findPages({ root, pagesDir, extensions: config.pageExtensions })
  // Throws for routes that the router could not tell apart.
  createRouteTable(routedFiles(files).map((page) => ({ ...page, value: page })))
  assertNothingReserved(root, publicDir)
  await assertNoPublicConflicts(root, publicDir, files)
  const { api, handlers, layouts } = files
  for (const page of allFiles(files).filter((one) => !api.includes(one) && !handlers.includes(one))) {
    const code = await readFile(page.path, 'utf8')
    if (layouts.includes(page)) readExportNames(page.file, code)
    else readPageExports({ ...page, code })
  }
  return { root, publicDir, outDir, config, files }
}

/** Every file of the pages folder that becomes a module of the server. */
export function allFiles(files: PageFiles): PageFile[] {
  const { app, document, error, notFound, serverError } = files
  const all = [...routedFiles(files), ...files.layouts, app, document, error, notFound, serverError]
  return all.filter((one) => one !== undefined)
}
