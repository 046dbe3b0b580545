import type { Plugin, ViteDevServer } from 'vite'
import { CLIENT_ENTRY } from '../vite/virtual-modules.js'
import { CHANGE_EVENT, DATA_EVENT } from './hot-updates.js'

const RELOAD_MODULE = 'virtual:pagepress/reload'
const DATA_MODULE = 'virtual:pagepress/data'

/** Loads the page anew after any change: what a page that shows an error needs. */
const reloadCode = `
if (import.meta.hot) import.meta.hot.on(${JSON.stringify(CHANGE_EVENT)}, () => location.reload())
`

/** Fetches the page's data again, without leaving the page. */
const dataCode = `
import { Router } from 'pagepress/react'
if (import.meta.hot)
  import.meta.hot.on(${JSON.stringify(DATA_EVENT)}, () => Router.replace(Router.asPath, undefined, { scroll: false }))
`

/** Modules that only development has in the browser. */
export function devModules(): Plugin {
  const modules = new Map([
    [RELOAD_MODULE, reloadCode],
    [DATA_MODULE, dataCode],
  ])
  return {
    name: 'pagepress:dev-modules',
    resolveId: {
      order: 'pre',
      handler: (source) => (modules.has(source) ? `\0${source}` : undefined),
    },
    load: (id) => modules.get(id.slice(1)),
  }
}

/** Script URLs of every page, below the assets prefix. */
export const devScripts: readonly string[] = ['@vite/client', `@id/${CLIENT_ENTRY}`, `@id/${DATA_MODULE}`]

/** Script URLs of a page that shows an error. */
export const errorScripts: readonly string[] = ['@vite/client', `@id/${RELOAD_MODULE}`]

/** Makes browsers load the table of pages anew. */
export function reloadPages({ environments: { client } }: ViteDevServer): void {
  const entry = client.moduleGraph.getModuleById(`\0${CLIENT_ENTRY}`)
  if (entry) client.moduleGraph.invalidateModule(entry)
  client.hot.send({ type: 'full-reload' })
}
