import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { conflictingRoutes, emptyPagesFolder, missingPagesFolder } from '../errors.js'
import { toRoute } from '../routing/route-of-file.js'
import { isHandlerFile } from './handler-files.js'

/** A file of the pages folder and its place in the URL space. */
export interface PageFile {
  readonly route: string
  /** Relative to the root, with slashes: `pages/blog/[slug].tsx`. */
  readonly file: string
  /** Absolute. */
  readonly path: string
}

/** The files of a pages folder by what they are. */
export interface PageFiles {
  /** Absolute. */
  readonly pagesDir: string
  /** Pages with URLs of their own. */
  readonly pages: readonly PageFile[]
  /** Modules under `pages/api`. */
  readonly api: readonly PageFile[]
  /** Modules that export HTTP methods and nothing by default, wherever they are. */
  readonly handlers: readonly PageFile[]
  /** `_layout` files, outer ones first; their route is the place of their folder. */
  readonly layouts: readonly PageFile[]
  readonly app: PageFile | undefined
  readonly document: PageFile | undefined
  readonly error: PageFile | undefined
  readonly notFound: PageFile | undefined
  readonly serverError: PageFile | undefined
}

export interface FindPagesOptions {
  root: string
  /** Absolute; looked for when not given. */
  pagesDir?: string | undefined
  extensions: readonly string[]
}

const CANDIDATES = ['pages', 'src/pages']

/** The pages folder of a project: the one that was named, or `pages`, or `src/pages`. Absolute. */
export function findPagesFolder(root: string, pagesDir?: string): string {
  const looked = pagesDir === undefined ? CANDIDATES.map((name) => join(root, name)) : [pagesDir]
  const found = looked.find((path) => existsSync(path))
  if (found === undefined)
    throw missingPagesFolder(
      root,
      looked.map((path) => toRelative(root, path)),
    )
  return found
}

/** Finds the page files of a project, in the order of their names. */
export async function findPages({ root, pagesDir, extensions }: FindPagesOptions): Promise<PageFiles> {
  const folder = findPagesFolder(root, pagesDir)
  const files: PageFile[] = []
  const layouts: PageFile[] = []
  for (const name of await listFiles(folder)) {
    const route = toRoute(name, extensions)
    if (route === undefined) continue
    const path = join(folder, name)
    const file = toRelative(root, path)
    if (route.endsWith(LAYOUT)) layouts.push({ route: route.slice(0, -LAYOUT.length) || '/', file, path })
    else files.push({ route, file, path })
  }
  assertOneLayout(layouts)
  if (files.length === 0) throw emptyPagesFolder(toRelative(root, folder), extensions)

  const role = (route: string) => files.find((one) => one.route === route)
  const roles = ['/_app', '/_document', '/_error', '/404', '/500']
  const ordinary = files.filter((one) => !roles.includes(one.route))
  const handlers = new Set(await keepAsync(ordinary, ({ path }) => isHandlerFile(path)))
  return {
    pagesDir: folder,
    pages: ordinary.filter((one) => !isApiRoute(one.route) && !handlers.has(one)),
    api: ordinary.filter((one) => isApiRoute(one.route) && !handlers.has(one)),
    handlers: [...handlers],
    layouts: layouts.sort((a, b) => a.route.length - b.route.length),
    app: role('/_app'),
    document: role('/_document'),
    error: role('/_error'),
    notFound: role('/404'),
    serverError: role('/500'),
  }
}

const LAYOUT = '/_layout'

function assertOneLayout(layouts: readonly PageFile[]): void {
  for (const [index, layout] of layouts.entries()) {
    const other = layouts.slice(0, index).find(({ route }) => route === layout.route)
    if (other)
      throw conflictingRoutes(other, layout, 'a folder has one layout. Remove or rename one of them.')
  }
}

/** The layouts around a page, outermost first. The pages for errors stand alone: a layout may be what failed. */
export function layoutsAround(
  page: PageFile,
  { layouts, serverError, error }: PageFiles,
): readonly PageFile[] {
  if (page === serverError || page === error) return []
  return layouts.filter(({ file }) => page.file.startsWith(file.slice(0, file.lastIndexOf('/') + 1)))
}

/** Pages in the browser's table: those with a URL, and those that are shown for a status. */
export function tablePages({ pages, error, notFound, serverError }: PageFiles): PageFile[] {
  return [...pages, error, notFound, serverError].filter((one) => one !== undefined)
}

/** Every file that browser code is made from: pages with and without a URL, layouts, and `_app`. */
export function browserFiles(files: PageFiles): PageFile[] {
  return [...tablePages(files), ...files.layouts, files.app].filter((one) => one !== undefined)
}

/** Everything that has a URL. */
export function routedFiles({ pages, api, handlers }: PageFiles): PageFile[] {
  return [...pages, ...api, ...handlers]
}

/** `api` itself and what is below it; `api-docs` is a page like any other. */
function isApiRoute(route: string): boolean {
  return route === '/api' || route.startsWith('/api/')
}

/** All files below a folder, relative to it, with slashes, sorted by name. */
export async function listFiles(folder: string, below = ''): Promise<string[]> {
  const names = (await readdir(join(folder, below)).catch((): string[] => [])).sort()
  const files: string[] = []
  for (const name of names) {
    if (name.startsWith('.') || name === 'node_modules') continue
    const path = below === '' ? name : `${below}/${name}`
    const found = await stat(join(folder, path)).catch(() => undefined)
    if (found?.isDirectory()) files.push(...(await listFiles(folder, path)))
    else if (found?.isFile()) files.push(path)
  }
  return files
}

async function keepAsync<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<T[]> {
  const kept = await Promise.all(items.map(test))
  return items.filter((_, index) => kept[index])
}

/** A path as messages show it: relative to the root where it is inside, with slashes. */
export function toRelative(root: string, path: string): string {
  const inner = relative(root, path)
  return inner.startsWith('..') ? path : inner.split(sep).join('/')
}
