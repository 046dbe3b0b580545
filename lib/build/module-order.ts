import { join } from 'node:path'
import { isCSSRequest, type Plugin } from 'vite'
import { packageFolder } from '../vite/own-package.js'
import { chunksByName, type Chunk } from './chunks.js'

/** What only the graph of modules can tell; filled in when the bundle is made. */
export interface ModuleFindings {
  /** Ids of modules that the project's modules import later, with `import()`. */
  readonly later: string[]
}

/**
 * Puts style sheets in the order in which modules import them. A sheet that several pages have is a file of its own, and
 * code is loaded before what imports it: such a sheet would always come first, and a page could not be overridden by what
 * it imports last.
 *
 * To that end everything that can be asked for gets the whole list of its sheets, and what it shares with others none: the
 * helper for dynamic imports and the documents read the same list.
 */
export function orderModules(found: ModuleFindings): Plugin {
  return {
    name: 'pagepress:module-order',
    generateBundle(_options, bundle) {
      const chunks = chunksByName(Object.values(bundle))
      const importsOf = (id: string) => this.getModuleInfo(id)?.importedIds ?? []
      // As they were: the sets are about to change.
      const sheets = new Map([...chunks.values()].map((chunk) => [chunk, [...sheetsOf(chunk)]]))
      const filesOf = new Map(
        [...sheets].flatMap(([{ moduleIds }, files]) =>
          moduleIds.filter(isCSSRequest).map((id) => [id, files] as const),
        ),
      )
      const listOf = (chunk: Chunk): string[] => {
        // Modules that were found to be of no use are imported as well, and have no place in the bundle.
        const needed = new Set(importedFirst(chunk, chunks).flatMap((one) => sheets.get(one) ?? []))
        const ordered = orderedFiles(rootsOf(chunk), importsOf, filesOf).filter((file) => needed.has(file))
        return [...needed].filter((file) => !ordered.includes(file)).concat(ordered)
      }
      const entry = [...chunks.values()].find(({ isEntry }) => isEntry)
      const everywhere = entry ? listOf(entry) : []
      // What other chunks import as well is no entry of its own, though it is asked for.
      const later = new Set([...chunks.values()].flatMap(({ dynamicImports }) => dynamicImports))
      for (const chunk of chunks.values()) {
        const own = sheetsOf(chunk)
        own.clear()
        const list = chunk.isEntry || later.has(chunk.fileName) ? listOf(chunk) : []
        for (const file of list) if (chunk === entry || !everywhere.includes(file)) own.add(file)
      }
      for (const id of this.getModuleIds())
        if (!isOurs(id) && this.getModuleInfo(id)?.dynamicImporters.some(isProject)) found.later.push(id)
    },
  }
}

/** A chunk and everything it imports without waiting, what is imported first. */
function importedFirst(from: Chunk, chunks: ReadonlyMap<string, Chunk>, found = new Set<Chunk>()): Chunk[] {
  if (found.has(from)) return []
  found.add(from)
  const before = from.imports.flatMap((name) => {
    const chunk = chunks.get(name)
    return chunk ? importedFirst(chunk, chunks, found) : []
  })
  return [...before, from]
}

/** Not a package, and not the generated entry, which imports pages. */
const isProject = (id: string) => !/^\0|\/node_modules\//.test(id) && !isOurs(id)
const isOurs = (id: string) => id.startsWith(join(packageFolder, 'dist'))

function sheetsOf({ viteMetadata }: Chunk): Set<string> {
  return viteMetadata?.importedCss ?? new Set()
}

/** Modules that were put together in one file have no module that stands for it. */
function rootsOf({ facadeModuleId, moduleIds }: Chunk): readonly string[] {
  return facadeModuleId === null ? moduleIds : [facadeModuleId]
}

/** A file that holds several sheets stands where the last of them is imported: what comes last is to override. */
function orderedFiles(
  roots: readonly string[],
  importsOf: (id: string) => readonly string[],
  filesOf: ReadonlyMap<string, readonly string[]>,
): string[] {
  const files = new Set<string>()
  const visited = new Set<string>()
  const visit = (id: string): void => {
    if (visited.has(id)) return
    visited.add(id)
    importsOf(id).forEach(visit)
    for (const file of filesOf.get(id) ?? []) {
      files.delete(file)
      files.add(file)
    }
  }
  roots.forEach(visit)
  return [...files]
}
