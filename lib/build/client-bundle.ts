import type { Rolldown } from 'vite'
import { brokenInvariant } from '../errors.js'
import type { ManifestAssets } from '../server/build-manifest.js'
import { packageFolder } from '../vite/own-package.js'
import { layoutsAround, tablePages, type PageFile } from '../vite/page-files.js'
import { CLIENT_ENTRY } from '../vite/virtual-modules.js'
import { ASSETS_FOLDER, bundleConfig, runBundler, type BundleSettings } from './bundle-settings.js'

type Chunk = Rolldown.OutputChunk

/** React, and the contexts that everything of ours shares: by themselves they would be files of a few bytes. */
const isFloor = (id: string) =>
  /\/node_modules\/(?:react|react-dom|scheduler)\//.test(id) || isOwn(id, /\/react\/[a-z]+-context\.js$/)
/** Where `Link` and `Head` are, and what they alone need. */
const isPart = (id: string) => isOwn(id, /\/react\/(?:head|href|link|visibility)\.js$|\/routing\/format\.js$/)
/** The built-in error page. */
const isErrorPage = (id: string) => isOwn(id, /\/react\/error-page\.js$/)
const isOwn = (id: string, name: RegExp) => id.startsWith(packageFolder) && name.test(id)

/** Files of the browser bundle that each page needs, and those that every page does. */
export interface ClientAssets {
  readonly frame: ManifestAssets
  readonly pages: ReadonlyMap<PageFile, ManifestAssets>
}

/** Bundles the pages for browsers, split by page, and tells which files each page needs. */
export async function buildClient(settings: BundleSettings, outDir: string): Promise<ClientAssets> {
  const config = await bundleConfig(settings, {
    build: {
      outDir,
      modulePreload: { polyfill: false },
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
  const chunks = new Map(output.flatMap((part) => (part.type === 'chunk' ? [[part.fileName, part]] : [])))
  const entry = [...chunks.values()].find((chunk) => chunk.isEntry)
  if (!entry) throw brokenInvariant('The browser bundle has no entry.')
  const files = settings.site.files()
  const all = [...chunks.values()]
  const own = new Map([...tablePages(files), ...files.layouts].map((page) => [page, findChunk(page, all)]))
  const graph: Graph = { entry, chunks, pages: new Set(own.values()) }
  const chunksOf = (page: PageFile) => [...layoutsAround(page, files), page].map((part) => own.get(part)!)
  const errorPage = all.filter((chunk) => chunk.moduleIds.some(isErrorPage))
  return {
    frame: toAssets(errorPage, graph),
    pages: new Map(tablePages(files).map((page) => [page, toAssets(chunksOf(page), graph)])),
  }
}

interface Graph {
  readonly entry: Chunk
  /** By file name. */
  readonly chunks: ReadonlyMap<string, Chunk>
  readonly pages: ReadonlySet<Chunk>
}

/** @param own what a page has beyond the entry: its layouts, outermost first, and itself */
function toAssets(own: readonly Chunk[], graph: Graph): ManifestAssets {
  const { entry, chunks } = graph
  const needed = new Set([entry, ...own].flatMap((chunk) => [...closure(chunk, chunks)]))
  needed.delete(entry)
  return {
    scripts: [toPath(entry.fileName)],
    preloads: [...needed].map((chunk) => toPath(chunk.fileName)),
    styles: orderedStyles(own, graph).map(toPath),
  }
}

function findChunk(page: PageFile, chunks: readonly Chunk[]): Chunk {
  const found =
    chunks.find((chunk) => chunk.facadeModuleId === page.path) ??
    chunks.find((chunk) => chunk.moduleIds.includes(page.path))
  if (!found) throw brokenInvariant(`The browser bundle has no part for \`${page.file}\`.`)
  return found
}

/** A chunk and everything it imports without waiting, itself first. */
function closure(from: Chunk, chunks: ReadonlyMap<string, Chunk>): Set<Chunk> {
  const found = new Set([from])
  for (const chunk of found)
    for (const name of chunk.imports) {
      const imported = chunks.get(name)
      if (imported) found.add(imported)
    }
  return found
}

/**
 * Style sheets in the order in which the modules that import them are evaluated: what is imported comes first. What is
 * imported later comes last: the server may have rendered it, and it should not appear without its style. Not so what
 * our own code imports later, which is the page for errors.
 */
function orderedStyles(own: readonly Chunk[], { entry, chunks, pages }: Graph): string[] {
  const styles = new Set<string>()
  const visited = new Set<Chunk>()
  const lazy: string[] = []
  const visit = (name: string): void => {
    const chunk = chunks.get(name)
    if (!chunk || visited.has(chunk)) return
    visited.add(chunk)
    chunk.imports.forEach(visit)
    lazy.push(...chunk.dynamicImports)
    for (const file of chunk.viteMetadata?.importedCss ?? []) styles.add(file)
  }
  visit(entry.fileName)
  for (const { fileName } of own) visit(fileName)
  // The list grows while it is read: what is imported later may import something later still.
  for (const name of lazy) {
    const chunk = chunks.get(name)
    if (chunk && !pages.has(chunk) && !isOurs(chunk)) visit(name)
  }
  return [...styles]
}

/** What our own code imports later: the router, which leads to the error page, and that page itself. */
function isOurs({ facadeModuleId, moduleIds }: Chunk): boolean {
  const isRouter = facadeModuleId !== null && isOwn(facadeModuleId, /\/client\/router\.js$/)
  return isRouter || moduleIds.some(isErrorPage)
}

function toPath(fileName: string): string {
  return new URL(`http://x/${fileName}`).pathname
}
