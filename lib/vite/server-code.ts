import { isBuiltin } from 'node:module'
import { parseSync, transformWithOxc, type Plugin } from 'vite'
import { serverOnlyImport, unsupportedPageFile } from '../errors.js'
import { browserFiles, toRelative, type PageFiles } from './page-files.js'
import { mayHaveServerExports, removeServerExports } from './server-exports.js'

export interface ServerCodeOptions {
  root: string
  files(): PageFiles
}

/** Takes server-only exports out of page modules for the browser. */
export function stripServerExports({ files }: ServerCodeOptions): Plugin {
  return {
    name: 'pagepress:server-exports',
    transform: {
      filter: { id: { exclude: /\/node_modules\/|^\0/ } },
      handler(code, id) {
        if (this.environment.config.consumer !== 'client') return undefined
        if (!browserFiles(files()).some((page) => page.path === id) || !mayHaveServerExports(code))
          return undefined
        const { program } = parseSync(id, code, { lang: 'js', range: true, preserveParens: false })
        const stripped = removeServerExports(code, program)
        // Every character that is left stands where it stood, so the module's source map stays as it is.
        return stripped === undefined ? undefined : { code: stripped, map: null }
      },
    },
  }
}

/** Refuses modules in browser code that only a server can run: Node's own, and API routes. */
export function refuseServerModules({ root, files }: ServerCodeOptions): Plugin {
  return {
    name: 'pagepress:server-modules',
    enforce: 'pre',
    resolveId: {
      order: 'pre',
      async handler(source, importer) {
        if (this.environment.config.consumer !== 'client' || importer === undefined) return undefined
        if (isBuiltin(source) && !importer.includes('/node_modules/')) {
          // A package of the same name, such as `events` or `buffer`, is what a bundler means in browser code.
          const found = source.startsWith('node:')
            ? null
            : await this.resolve(source, importer, { skipSelf: true })
          if (found && !found.id.startsWith('__vite-browser-external')) return found
          const through = pagesAbove(importer, files(), (id) => this.getModuleInfo(id)?.importers ?? [])
          throw serverOnlyImport(source, toRelative(root, importer), through)
        }
        if (!/[./]/.test(source[0] ?? '') && !/^[@~#]/.test(source)) return undefined
        if (!files().api.length) return undefined
        const found = await this.resolve(source, importer, { skipSelf: true })
        const api = files().api.find((one) => one.path === found?.id)
        if (api)
          throw unsupportedPageFile(
            toRelative(root, importer),
            `imports the API route \`${api.file}\` into browser code. Move what they share into a module outside \`pages/api\`.`,
          )
        return found
      },
    },
  }
}

/** The pages whose browser code a module is part of, as far as the module graph is known. */
function pagesAbove(id: string, files: PageFiles, importersOf: (id: string) => readonly string[]): string[] {
  const pages = new Map(browserFiles(files).map((page) => [page.path, page.file]))
  const seen = new Set([id])
  for (const module of seen) {
    if (pages.has(module)) continue
    for (const importer of importersOf(module)) seen.add(importer)
  }
  return [...seen].flatMap((module) => pages.get(module) ?? [])
}

/** Compiles JSX in `.js` files of the project, which is common in the field and which Vite leaves alone. */
export function jsxInJs(): Plugin {
  return {
    name: 'pagepress:jsx-in-js',
    enforce: 'pre',
    transform: {
      filter: { id: { include: /\.js(?:\?|$)/, exclude: /\/node_modules\/|^\0|\/@/ }, code: /<[A-Za-z>]/ },
      async handler(code, id) {
        const { config } = this.environment
        const isClient = config.consumer === 'client'
        const isServing = config.command === 'serve'
        return await transformWithOxc(code, id, {
          lang: 'jsx',
          sourcemap: true,
          jsx: {
            runtime: 'automatic',
            development: !config.isProduction,
            refresh: isServing && isClient && config.server.hmr !== false,
          },
        })
      },
    },
  }
}
