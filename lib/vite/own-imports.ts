import type { Plugin } from 'vite'
import { serverOnlyImport, unsupportedImport } from '../errors.js'
import { ownFile, ownSpecifierFrom, parseOwnImport } from './own-package.js'
import { toRelative } from './page-files.js'

/** Begins the ids of our own entries in development, where the module runner takes them from Node. */
export const OWN_EXTERNAL = 'virtual:pagepress-own/'

export interface OwnImportsOptions {
  readonly root: string
  /** Folder of the server bundle; `undefined` in development. */
  readonly serverFolder: string | undefined
  /** Told when a module of the project imports `next/*`. */
  onNextImport(): void
}

/**
 * Resolves `pagepress/*` and `next/*` to this package. In the browser the modules become part of the bundle; on the server
 * they stay imports, so that pages and the app that serves them share one instance of every context.
 */
export function ownImports(site: OwnImportsOptions): Plugin {
  return {
    name: 'pagepress:own-imports',
    enforce: 'pre',
    resolveId: {
      filter: { id: /^(?:next|pagepress)(?:\/|$)/ },
      handler(source, importer) {
        const { root, serverFolder } = site
        const own = parseOwnImport(source)
        if (own === undefined) return undefined
        const from = importer === undefined ? 'the project' : toRelative(root, importer.replace(/\?.*$/, ''))
        if (own.type === 'unsupported') throw unsupportedImport(source, from, own.remedy)
        if (own.isNext && !importer?.includes('/node_modules/')) site.onNextImport()

        const { specifier } = own
        const file = ownFile(specifier)
        if (file === undefined)
          throw unsupportedImport(source, from, 'There is no such module. Check the spelling.')
        if (this.environment.config.consumer === 'client') {
          if (specifier === 'pagepress' || specifier === 'pagepress/vite')
            throw serverOnlyImport(source, from, [])
          return file
        }
        if (serverFolder === undefined) return `${OWN_EXTERNAL}${specifier}`
        return { id: ownSpecifierFrom(serverFolder, specifier) ?? file, external: true }
      },
    },
  }
}
