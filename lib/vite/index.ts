import { isAbsolute, join, resolve } from 'node:path'
import type { Plugin } from 'vite'
import { resolveConfig } from '../config.js'
import { createPageTexts } from './page-texts.js'
import { loadConfig } from './load-config.js'
import { findPages, type PageFiles } from './page-files.js'
import { sitePlugins, type Site } from './plugin.js'

export interface PagepressPluginOptions {
  /** Folder of the pages, relative to Vite's root. @default 'pages', or 'src/pages' */
  pagesDir?: string
}

/**
 * Teaches Vite what it must know of a project's pages, for people who run it themselves, for component workshops and test
 * runners: `next/*` and `pagepress/*` imports, data functions that stay out of browser code, JSX in `.js` files.
 *
 * `pages()` and `pagepress build` bring this plugin along; a `vite.config` of a project that they serve does not name it.
 *
 * @example
 * export default defineConfig({ plugins: [react(), pagepress()] })
 */
export function pagepress(options: PagepressPluginOptions = {}): Plugin[] {
  let root = process.cwd()
  let config = resolveConfig({}, undefined)
  let files: PageFiles | undefined
  let importsNext = false
  const texts = createPageTexts(() => files ?? noFiles)
  const site: Site = {
    get root() {
      return root
    },
    get config() {
      return config
    },
    get serverFolder() {
      return root
    },
    dev: false,
    files: () => files ?? noFiles,
    ...texts,
    rootId: () => config.rootId ?? (importsNext ? '__next' : '__page'),
    onNextImport: () => void (importsNext = true),
  }
  const project: Plugin = {
    name: 'pagepress:project',
    enforce: 'pre',
    config: {
      order: 'pre',
      async handler(given, { command }) {
        root = resolve(given.root ?? '.')
        config = await loadConfig({ root, command, onWarning: (message) => this.warn(message) })
        const { pagesDir } = options
        const folder = pagesDir === undefined || isAbsolute(pagesDir) ? pagesDir : join(root, pagesDir)
        files = await findPages({ root, pagesDir: folder, extensions: config.pageExtensions })
      },
    },
  }
  return [project, ...sitePlugins(site)]
}

const noFiles: PageFiles = {
  pagesDir: '',
  pages: [],
  api: [],
  handlers: [],
  layouts: [],
  app: undefined,
  document: undefined,
  error: undefined,
  notFound: undefined,
  serverError: undefined,
}
