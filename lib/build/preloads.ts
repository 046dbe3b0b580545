import type { Plugin, ResolveModulePreloadDependenciesFn, Rolldown } from 'vite'

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
          const chunks = Object.values(bundle).filter((part) => part.type === 'chunk')
          const everywhere = chunks.filter((chunk) => chunk.isEntry || chunk.moduleIds.every(isPart))
          present = new Set(everywhere.flatMap((chunk) => closure(chunk, bundle)).map(toName))
          styled = new Set(chunks.filter((chunk) => closure(chunk, bundle).some(hasStyle)).map(toName))
        },
      },
    },
    resolve(file, imports) {
      const missing = imports.filter((name) => !present.has(name))
      return missing.length > 1 || styled.has(file) ? missing : []
    },
  }
}

const toName = ({ fileName }: Rolldown.OutputChunk) => fileName
const hasStyle = ({ viteMetadata }: Rolldown.OutputChunk) => (viteMetadata?.importedCss.size ?? 0) > 0

/** A chunk and everything it imports without waiting. */
function closure(from: Rolldown.OutputChunk, bundle: Rolldown.OutputBundle): Rolldown.OutputChunk[] {
  const found = new Set([from])
  for (const chunk of found)
    for (const name of chunk.imports) {
      const imported = bundle[name]
      if (imported?.type === 'chunk') found.add(imported)
    }
  return [...found]
}
