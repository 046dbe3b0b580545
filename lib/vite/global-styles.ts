import { existsSync } from 'node:fs'
import { isCSSRequest, type Plugin } from 'vite'
import { globalStyleOutsideApp, styleInDocument } from '../errors.js'
import { toRelative, type PageFiles } from './page-files.js'

export interface GlobalStylesOptions {
  readonly root: string
  files(): PageFiles
}

/**
 * Refuses style sheets that would say something about every page and are not imported by every page: `_app` imports the
 * project's global CSS, everything else CSS modules. What packages bring is their own affair.
 */
export function refuseGlobalStyles(site: GlobalStylesOptions): Plugin {
  return {
    name: 'pagepress:global-styles',
    enforce: 'pre',
    resolveId: {
      order: 'pre',
      filter: { id: /\.(?:css|less|sass|scss|styl|stylus|pcss|postcss|sss)(?:$|\?)/ },
      async handler(source, importer) {
        if (importer === undefined || isValue.test(source)) return undefined
        const { app, document } = site.files()
        const from = toPath(importer)
        if (from === document?.path) throw styleInDocument(document.file, source)
        if (from === app?.path || isModule.test(toPath(source)) || isCSSRequest(importer)) return undefined
        const resolved = await this.resolve(source, importer, { skipSelf: true })
        if (resolved && isOwnFile(toPath(resolved.id), site.root) && isOwnFile(from, site.root))
          throw globalStyleOutsideApp(toRelative(site.root, toPath(resolved.id)), toRelative(site.root, from))
        return resolved
      },
    },
  }
}

/** The text or the URL of a style sheet styles nothing by itself. */
const isValue = /[?&](?:url|raw|inline)\b/
const isModule = /\.module\.[a-z]+$/

const toPath = (id: string) => id.replace(/\?.*$/s, '')

/** A file of the project: not of a package, also one that lies beside the project, and nothing that a plugin makes up. */
function isOwnFile(path: string, root: string): boolean {
  return toRelative(root, path) !== path && !path.includes('/node_modules/') && existsSync(path)
}
