import { brokenInvariant } from '../errors.js'
import type { ManifestAssets, ManifestPart } from '../server/build-manifest.js'
import { toModuleName } from '../vite/noted-imports.js'
import { packageFolder } from '../vite/own-package.js'
import { layoutsAround, tablePages, type PageFile } from '../vite/page-files.js'
import { CLIENT_ENTRY } from '../vite/virtual-modules.js'
import { ASSETS_FOLDER, bundleConfig, runBundler, type BundleSettings } from './bundle-settings.js'
import { chunksByName, closure, type Chunk } from './chunks.js'
import { orderModules, type ModuleFindings } from './module-order.js'
import { createPreloads } from './preloads.js'

/** What sees to it that the page comes to life at all. */
const isGuard = (id: string) => isOwn(id, /\/client\/guard\.js$/)
/** React, and the contexts that everything of ours shares: by themselves they would be files of a few bytes. */
const isFloor = (id: string) =>
  /\/node_modules\/(?:react|react-dom|scheduler)\//.test(id) ||
  isOwn(id, /\/react\/[a-z]+-context\.js$/) ||
  isGuard(id)
/** Where `Link` and `Head` are, and what they alone need. */
const isPart = (id: string) => isOwn(id, /\/react\/(?:head|href|link|visibility)\.js$|\/routing\/format\.js$/)
/** The built-in error page. */
const isErrorPage = (id: string) => isOwn(id, /\/react\/error-page\.js$/)
const isOwn = (id: string, name: RegExp) => id.startsWith(packageFolder) && name.test(id)

/** Files of the browser bundle that each page needs, and those that every page does. */
export interface ClientAssets {
  readonly frame: ManifestAssets
  readonly pages: ReadonlyMap<PageFile, ManifestAssets>
  /** Style sheets of the entry, which is to say of `_app`. */
  readonly globalStyles: readonly string[]
  /** What is imported later, by the names that server modules have for it. */
  readonly parts: Readonly<Record<string, ManifestPart>>
}

/** Bundles the pages for browsers, split by page, and tells which files each page needs. */
export async function buildClient(settings: BundleSettings, outDir: string): Promise<ClientAssets> {
  const found: ModuleFindings = { later: [] }
  const preloads = createPreloads(isPart)
  const config = await bundleConfig(settings, {
    plugins: [orderModules(found), preloads.plugin],
    build: {
      outDir,
      modulePreload: { polyfill: false, resolveDependencies: preloads.resolve },
      rolldownOptions: {
        input: { site: CLIENT_ENTRY },
        output: {
          entryFileNames: `${ASSETS_FOLDER}/[name]-[hash].js`,
          chunkFileNames: `${ASSETS_FOLDER}/[name]-[hash].js`,
          codeSplitting: {
            groups: [
              // By itself, because it outlives every change of a page in the caches of browsers.
              { name: 'react', test: isFloor, priority: 1 },
              // `Link` and `Head`, which most pages have: one file instead of one for each part they share.
              { name: 'parts', test: isPart, includeDependenciesRecursively: false },
            ],
          },
        },
      },
    },
  })
  const output = await runBundler(config)
  const chunks = chunksByName(output)
  const entry = [...chunks.values()].find((chunk) => chunk.isEntry)
  if (!entry) throw brokenInvariant('The browser bundle has no entry.')
  const files = settings.site.files()
  const all = [...chunks.values()]
  const own = new Map(
    [...tablePages(files), ...files.layouts].map((page) => {
      const chunk = findChunk(page.path, all)
      if (!chunk) throw brokenInvariant(`The browser bundle has no part for \`${page.file}\`.`)
      return [page, chunk]
    }),
  )
  const { root } = settings.site
  const later = new Map(
    found.later.flatMap((id) => {
      const chunk = findChunk(id, all)
      return chunk && chunk !== entry ? [[toModuleName(root, id), chunk] as const] : []
    }),
  )
  const graph: Graph = { entry, chunks, pages: new Set(own.values()), later }
  const everywhere = closure(entry, chunks)
  const chunksOf = (page: PageFile) => [...layoutsAround(page, files), page].map((part) => own.get(part)!)
  const errorPage = all.filter((chunk) => chunk.moduleIds.some(isErrorPage))
  return {
    frame: toAssets(errorPage, graph),
    pages: new Map(tablePages(files).map((page) => [page, toAssets(chunksOf(page), graph)])),
    globalStyles: orderedStyles([entry], chunks).map(toPath),
    parts: Object.fromEntries(
      [...later].map(([name, chunk]) => {
        const needed = [...closure(chunk, chunks)].filter((one) => !everywhere.has(one))
        const preloads = needed.map(({ fileName }) => toPath(fileName))
        return [name, { preloads, styles: pageStyles([chunk], graph) }]
      }),
    ),
  }
}

interface Graph {
  readonly entry: Chunk
  /** By file name. */
  readonly chunks: ReadonlyMap<string, Chunk>
  readonly pages: ReadonlySet<Chunk>
  /** By the name of the module that is imported later. */
  readonly later: ReadonlyMap<string, Chunk>
}

/** @param own what a page has beyond the entry: its layouts, outermost first, and itself */
function toAssets(own: readonly Chunk[], graph: Graph): ManifestAssets {
  const { entry, chunks } = graph
  const needed = new Set([entry, ...own].flatMap((chunk) => [...closure(chunk, chunks)]))
  needed.delete(entry)
  const later = laterOf([entry, ...own], graph)
  const guards = [...needed].filter((chunk) => chunk.moduleIds.some(isGuard))
  return {
    // An element tells when its script cannot be had, to the guard, which runs before all others.
    scripts: [...new Set([...guards, entry, ...own])].map((chunk) => toPath(chunk.fileName)),
    preloads: [...needed].map((chunk) => toPath(chunk.fileName)),
    styles: pageStyles(own, graph),
    ...(later.length > 0 && { later }),
  }
}

function findChunk(id: string, chunks: readonly Chunk[]): Chunk | undefined {
  return (
    chunks.find((chunk) => chunk.facadeModuleId === id) ??
    chunks.find((chunk) => chunk.moduleIds.includes(id))
  )
}

/** Style sheets in the order in which the helper for dynamic imports adds them: what is imported comes first. */
function orderedStyles(own: readonly Chunk[], chunks: Graph['chunks']): string[] {
  const styles = new Set<string>()
  const visited = new Set<Chunk>()
  const visit = (chunk: Chunk | undefined): void => {
    if (!chunk || visited.has(chunk)) return
    visited.add(chunk)
    for (const name of chunk.imports) visit(chunks.get(name))
    for (const file of chunk.viteMetadata?.importedCss ?? []) styles.add(file)
  }
  own.forEach(visit)
  return [...styles]
}

function pageStyles(own: readonly Chunk[], { entry, chunks }: Graph): string[] {
  const everywhere = orderedStyles([entry], chunks)
  return orderedStyles(own, chunks).flatMap((file) => (everywhere.includes(file) ? [] : toPath(file)))
}

/** The names of all modules that these chunks may import later, or what they import later than that. */
function laterOf(own: readonly Chunk[], { chunks, pages, later }: Graph): string[] {
  const reached = new Set(own)
  for (const chunk of reached)
    for (const name of [...chunk.imports, ...chunk.dynamicImports]) {
      const next = chunks.get(name)
      if (next && (chunk.imports.includes(name) || !pages.has(next))) reached.add(next)
    }
  return [...later].flatMap(([name, chunk]) => (reached.has(chunk) ? [name] : []))
}

function toPath(fileName: string): string {
  return new URL(`http://x/${fileName}`).pathname
}
