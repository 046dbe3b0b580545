import type { Plugin } from 'vite'
import type { ClientExports, DataKind } from '../protocol/client-site.js'
import { NEWEST_MODULE } from './newest-exports.js'
import { layoutsAround, tablePages, type PageFile, type PageFiles } from './page-files.js'

/** The module that starts the site in the browser. */
export const CLIENT_ENTRY = 'virtual:pagepress/client'

export interface ClientEntryOptions {
  files(): PageFiles
  /** Where a page's props come from, as far as it is known without running it. */
  dataKind(page: PageFile): DataKind | Promise<DataKind>
  /** Whether a page's parameters are its props. */
  takesParams(page: PageFile): boolean | Promise<boolean>
  clientExports(page: PageFile): Promise<ClientExports | undefined>
  rootId(): string
  trailingSlash(): boolean
  dev: boolean
}

/** Serves the browser's entry, made anew from the page files whenever it is asked for. */
export function virtualModules(options: ClientEntryOptions): Plugin {
  return {
    name: 'pagepress:virtual-modules',
    resolveId: {
      order: 'pre',
      filter: { id: /^virtual:pagepress\/client$/ },
      handler: (source) => `\0${source}`,
    },
    load: {
      filter: { id: /^\0virtual:pagepress\/client$/ },
      handler: () => generateClientEntry(options),
    },
  }
}

async function generateClientEntry(options: ClientEntryOptions): Promise<string> {
  const files = options.files()
  const { app } = files
  const lines: string[] = []
  // Fast Refresh must be in place before the first component is.
  if (options.dev)
    lines.push(`import '@vitejs/plugin-react/preamble'`, `import { newest } from '${NEWEST_MODULE}'`)
  lines.push(`import { framed, nextGlobals, start } from 'pagepress/client'`)
  if (app) lines.push(`import * as app from ${JSON.stringify(app.path)}`)
  lines.push('start({', '  pages: [')
  for (const page of tablePages(files)) lines.push(`    ${await generatePage(page, files, options)},`)
  lines.push(
    '  ],',
    `  app: ${app ? 'app' : 'undefined'},`,
    `  trailingSlash: ${options.trailingSlash()},`,
    `  rootId: ${JSON.stringify(options.rootId())},`,
    // A site that imports `next/*` has libraries that look for them.
    ...(options.rootId() === '__next' ? ['  prepare: nextGlobals,'] : []),
    `  dev: ${options.dev},`,
    '})',
  )
  return `${lines.join('\n')}\n`
}

async function generatePage(page: PageFile, files: PageFiles, options: ClientEntryOptions): Promise<string> {
  const data = await options.dataKind(page)
  const takesParams = await options.takesParams(page)
  const client = await options.clientExports(page)
  const around = layoutsAround(page, files)
  const load = client && options.dev ? `${toLoad(page)}.then(newest(${quote(page.path)}))` : toLoad(page)
  const more = client ? `client: ${JSON.stringify(client)}, ` : ''
  const entry = `{ route: ${quote(page.route)}, data: ${data === undefined ? 'undefined' : quote(data)}, ${more}${load} }`
  if (around.length === 0 && !takesParams) return entry
  const layouts = around.map((layout) => `{ route: ${quote(layout.route)}, ${toLoad(layout)} }`)
  return `framed(${entry}, [${layouts.join(', ')}], ${takesParams})`
}

const toLoad = ({ path }: PageFile) => `load: () => import(${quote(path)})`
const quote = (text: string) => JSON.stringify(text)
