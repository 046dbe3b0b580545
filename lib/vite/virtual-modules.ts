import type { Plugin } from 'vite'
import type { DataKind } from '../protocol/client-site.js'
import { browserFiles, type PageFile, type PageFiles } from './page-files.js'

/** The module that starts the site in the browser. */
export const CLIENT_ENTRY = 'virtual:pagepress/client'

export interface ClientEntryOptions {
  files(): PageFiles
  /** Where a page's props come from, as far as it is known without running it. */
  dataKind(page: PageFile): DataKind | Promise<DataKind>
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
  const { app, ...others } = options.files()
  const lines: string[] = []
  // Fast Refresh must be in place before the first component is.
  if (options.dev) lines.push(`import '@vitejs/plugin-react/preamble'`)
  lines.push(`import { start } from 'pagepress/client'`)
  if (app) lines.push(`import * as app from ${JSON.stringify(app.path)}`)
  lines.push('start({', '  pages: [')
  for (const page of browserFiles({ ...others, app: undefined })) {
    const data = await options.dataKind(page)
    lines.push(
      `    { route: ${JSON.stringify(page.route)}, data: ${data === undefined ? 'undefined' : JSON.stringify(data)}, load: () => import(${JSON.stringify(page.path)}) },`,
    )
  }
  lines.push(
    '  ],',
    `  app: ${app ? 'app' : 'undefined'},`,
    `  trailingSlash: ${options.trailingSlash()},`,
    `  rootId: ${JSON.stringify(options.rootId())},`,
    `  dev: ${options.dev},`,
    '})',
  )
  return `${lines.join('\n')}\n`
}
