import type { Plugin, ViteDevServer } from 'vite'
import { STYLE_GUARD } from '../protocol/sheet-marks.js'
import { CLIENT_ENTRY } from '../vite/virtual-modules.js'
import { CHANGE_EVENT, DATA_EVENT, FAILED_EVENT, HELLO_EVENT } from './events.js'

const RELOAD_MODULE = 'virtual:pagepress/reload'
const DATA_MODULE = 'virtual:pagepress/data'
const SHOW_MODULE = 'virtual:pagepress/show'

/**
 * Shows the page. It has no imports, and browsers run it when the styles that stand in the document, and those that it
 * links, are there.
 */
const showCode = `
for (const guard of document.querySelectorAll('[${STYLE_GUARD}]')) guard.remove()
`

/**
 * How long a page may take to come to life after an error of somebody else, in milliseconds. Longer than after an edit,
 * when the server is asked first.
 */
const FAILURE_MS = 500

/**
 * Tells of an error after which nothing is left of the page: React takes down a tree that fails to render, and does not
 * begin when a module fails. What runs in the browser alone may fail there alone, and no server would show it. Whoever
 * brings the root element to life puts properties on it.
 */
const toFailureCode = (rootId: string) => `
const isAlive = () => {
  const root = document.getElementById(${JSON.stringify(rootId)})
  return !root || (root.hasChildNodes() && Object.keys(root).length > 0)
}
const tell = (error) => setTimeout(() => {
  const Overlay = customElements.get('vite-error-overlay')
  if (!Overlay || isAlive() || document.querySelector('vite-error-overlay')) return
  const { name, message, stack } = error instanceof Error ? error : { name: 'Thrown', message: String(error) }
  const title = name + ': ' + message
  document.body.append(new Overlay({ message: title, stack: (stack ?? '').replace(title, '').trim() }))
}, ${FAILURE_MS})
addEventListener('error', ({ error }) => error && tell(error))
addEventListener('unhandledrejection', ({ reason }) => tell(reason))
`

/** How long Fast Refresh takes to show an edit, in milliseconds; a busy machine takes many times as long. */
const REFRESH_MS = 200
const REFRESH_LOOKS = 50

/** Loads the page anew after any change, one that came before this ran as well: what a page that shows an error needs. */
const reloadCode = `
if (import.meta.hot) {
  import.meta.hot.on(${JSON.stringify(CHANGE_EVENT)}, () => location.reload())
  import.meta.hot.send(${JSON.stringify(FAILED_EVENT)}, Number(document.documentElement.dataset.changes))
}
`

/**
 * Fetches the page's data again, without leaving the page. Of a component that fails after an edit React leaves nothing:
 * then the server is asked, which shows the error and where it is.
 */
const toDataCode = (rootId: string) => `
import { Router } from 'pagepress/react'
if (import.meta.hot) {
  import.meta.hot.on(${JSON.stringify(DATA_EVENT)}, () => Router.replace(Router.asPath, undefined, { scroll: false }))
  import.meta.hot.on('vite:afterUpdate', () => {
    let looks = ${REFRESH_LOOKS}
    const look = setInterval(() => {
      if (!document.getElementById(${JSON.stringify(rootId)})?.hasChildNodes()) location.reload()
      else if (--looks > 0) return
      clearInterval(look)
    }, ${REFRESH_MS})
  })
}
`

/** Modules that only development has in the browser, and the way to make browsers load their pages anew. */
export interface DevModules {
  readonly plugin: Plugin
  /** Page files have come or gone: the table of pages that browsers have is out of date. */
  renewPages(vite: ViteDevServer): void
  /** How many changes there have been that pages may show. */
  changes(): number
}

export function createDevModules(rootId: () => string): DevModules {
  const modules = new Map([
    [RELOAD_MODULE, () => reloadCode],
    [DATA_MODULE, () => toDataCode(rootId()) + helloCode()],
    // The first to run: it hears of everything that happens.
    [SHOW_MODULE, () => showCode + toFailureCode(rootId())],
  ])
  // Counts the tables of pages there were. A browser that was on its way when a new one came has missed the news.
  let version = 0
  let changes = 0
  const helloCode = () =>
    `if (import.meta.hot) import.meta.hot.send(${JSON.stringify(HELLO_EVENT)}, ${version})\n`

  const plugin: Plugin = {
    name: 'pagepress:dev-modules',
    resolveId: {
      order: 'pre',
      handler: (source) => (modules.has(source) ? `\0${source}` : undefined),
    },
    load(id) {
      return modules.get(id.slice(1))?.()
    },
    configureServer({ environments: { client } }) {
      client.hot.on(HELLO_EVENT, (seen: unknown, browser) => {
        if (seen !== version) browser.send({ type: 'full-reload' })
      })
      client.hot.on(FAILED_EVENT, (seen: unknown, browser) => {
        if (seen !== changes) browser.send({ type: 'full-reload' })
      })
    },
    hotUpdate({ file, modules, server }) {
      if (this.environment.name !== 'ssr' || modules.length === 0) return
      changes += 1
      server.environments.client.hot.send(CHANGE_EVENT, { file })
    },
  }

  function renewPages({ environments: { client } }: ViteDevServer): void {
    version += 1
    changes += 1
    for (const id of [CLIENT_ENTRY, ...modules.keys()]) {
      const module = client.moduleGraph.getModuleById(`\0${id}`)
      if (module) client.moduleGraph.invalidateModule(module)
    }
    client.hot.send({ type: 'full-reload' })
  }

  return { plugin, renewPages, changes: () => changes }
}

/** Script URLs of every page, below the assets prefix. */
export const devScripts: readonly string[] = [
  `@id/${SHOW_MODULE}`,
  '@vite/client',
  `@id/${CLIENT_ENTRY}`,
  `@id/${DATA_MODULE}`,
]

/** Script URLs of a page that shows an error. */
export const errorScripts: readonly string[] = ['@vite/client', `@id/${RELOAD_MODULE}`]
