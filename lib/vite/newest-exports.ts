import type { Plugin } from 'vite'
import type { ClientExports } from '../protocol/client-site.js'
import { tablePages, type PageFile, type PageFiles } from './page-files.js'

/** A module that development has in browsers: the newest versions of pages, for the router to call. */
export const NEWEST_MODULE = 'virtual:pagepress/newest'

/**
 * Fast Refresh puts a new version of a page's component in the place of the old one, and loads the document anew where
 * anything else that is exported has changed, as functions do in each version. The router's functions need not
 * be kept by anybody: it takes them from the newest version whenever it calls them.
 */
const newestCode = `
const pages = new Map()
const others = globalThis.__getReactRefreshIgnoredExports
globalThis.__getReactRefreshIgnoredExports = (module) => [
  ...(others?.(module) ?? []),
  ...(pages.has(module.id) ? ['getClientProps', 'shouldRefetch'] : []),
]
// The component stays the first: React knows by it what to put in its place, and a newer one only in a moment.
export const newest = (path) => (module) => ({ ...module, ...pages.get(path), default: module.default })
// Called by each version of a page; what it returns is called with the next one.
export function renew(path) {
  if (!pages.has(path)) pages.set(path, undefined)
  return (module) => {
    if (module) pages.set(path, module)
  }
}
`

export interface NewestExportsOptions {
  files(): PageFiles
  clientExports(page: PageFile): Promise<ClientExports | undefined>
}

/** Has edits of `getClientProps` and `shouldRefetch` take effect without a reload, and edits beside them, too. */
export function newestExports(site: NewestExportsOptions): Plugin {
  return {
    name: 'pagepress:newest-exports',
    apply: 'serve',
    resolveId: {
      order: 'pre',
      filter: { id: /^virtual:pagepress\/newest$/ },
      handler: (source) => `\0${source}`,
    },
    load: {
      filter: { id: /^\0virtual:pagepress\/newest$/ },
      handler: () => newestCode,
    },
    transform: {
      filter: { id: { exclude: /\/node_modules\/|^\0/ }, code: /\b(?:getClientProps|shouldRefetch)\b/ },
      async handler(code, id) {
        if (this.environment.config.consumer !== 'client') return undefined
        const page = tablePages(site.files()).find(({ path }) => path === id)
        if (!page || !(await site.clientExports(page))) return undefined
        // At the end, where it moves no line.
        const renewal = `
import { renew as __pagepressRenew } from '${NEWEST_MODULE}'
if (import.meta.hot) import.meta.hot.accept(__pagepressRenew(${JSON.stringify(page.path)}))
`
        return { code: code + renewal, map: null }
      },
    },
  }
}
