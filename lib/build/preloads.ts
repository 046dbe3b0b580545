import type { Plugin, ResolveModulePreloadDependenciesFn } from 'vite'
import { chunksByName, closure, type Chunk } from './chunks.js'

/** Decides which of its own imports a dynamic import in the browser has fetched beside it. */
export interface Preloads {
  /** Looks at the bundle before Vite writes the lists into it. */
  readonly plugin: Plugin
  /**
   * Not what every page has, nor `parts`, which most have: their names would be in the code of each dynamic import. A
   * chunk that is left alone is asked for by its own import, unless that waits for style sheets.
   */
  readonly resolve: ResolveModulePreloadDependenciesFn
}

/** @param isPart whether a module belongs to what most pages have */
export function createPreloads(isPart: (id: string) => boolean): Preloads {
  let present = new Set<string>()
  let styled = new Set<string>()

  return {
    plugin: {
      name: 'pagepress:preloads',
      generateBundle: {
        order: 'pre',
        handler(_options, bundle) {
          const chunks = chunksByName(Object.values(bundle))
          const all = [...chunks.values()]
          const everywhere = all.filter((chunk) => chunk.isEntry || chunk.moduleIds.every(isPart))
          present = new Set(everywhere.flatMap((chunk) => [...closure(chunk, chunks)]).map(toName))
          styled = new Set(all.filter((chunk) => [...closure(chunk, chunks)].some(hasStyle)).map(toName))
        },
      },
    },
    resolve(file, imports) {
      const missing = imports.filter((name) => !present.has(name))
      return missing.length > 1 || styled.has(file) ? missing : []
    },
  }
}

const toName = ({ fileName }: Chunk) => fileName
const hasStyle = ({ viteMetadata }: Chunk) => (viteMetadata?.importedCss.size ?? 0) > 0
