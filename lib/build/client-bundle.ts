import { build, type Rolldown } from 'vite'
import { brokenInvariant } from '../errors.js'
import type { ManifestAssets } from '../server/build-manifest.js'
import { browserFiles, type PageFile } from '../vite/page-files.js'
import { CLIENT_ENTRY } from '../vite/virtual-modules.js'
import { ASSETS_FOLDER, bundleConfig, type BundleSettings } from './bundle-settings.js'

type Chunk = Rolldown.OutputChunk

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
            // By itself, because it outlives every change of a page in the caches of browsers.
            groups: [{ name: 'react', test: /\/node_modules\/(?:react|react-dom|scheduler)\// }],
          },
        },
      },
    },
  })
  const { output } = (await build(config)) as Rolldown.RolldownOutput
  const chunks = new Map(output.flatMap((part) => (part.type === 'chunk' ? [[part.fileName, part]] : [])))
  const entry = [...chunks.values()].find((chunk) => chunk.isEntry)
  if (!entry) throw brokenInvariant('The browser bundle has no entry.')
  const pages = browserFiles({ ...settings.site.files(), app: undefined })
  return {
    frame: toAssets(entry, entry, chunks),
    pages: new Map(
      pages.map((page) => [page, toAssets(findChunk(page, [...chunks.values()]), entry, chunks)]),
    ),
  }
}

function toAssets(own: Chunk, entry: Chunk, chunks: ReadonlyMap<string, Chunk>): ManifestAssets {
  const needed = [...closure(entry, chunks), ...closure(own, chunks)]
  const unique = [...new Set(needed)].filter((chunk) => chunk !== entry)
  return {
    scripts: [toPath(entry.fileName)],
    preloads: unique.map((chunk) => toPath(chunk.fileName)),
    styles: orderedStyles(entry, own, chunks).map(toPath),
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

/** Style sheets in the order in which the modules that import them are evaluated: what is imported comes first. */
function orderedStyles(entry: Chunk, own: Chunk, chunks: ReadonlyMap<string, Chunk>): string[] {
  const styles = new Set<string>()
  const visited = new Set<Chunk>()
  const visit = (chunk: Chunk): void => {
    if (visited.has(chunk)) return
    visited.add(chunk)
    for (const name of chunk.imports) {
      const imported = chunks.get(name)
      if (imported) visit(imported)
    }
    for (const file of chunk.viteMetadata?.importedCss ?? []) styles.add(file)
  }
  visit(entry)
  visit(own)
  return [...styles]
}

function toPath(fileName: string): string {
  return new URL(`http://x/${fileName}`).pathname
}
