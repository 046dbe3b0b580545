import { createRequire, isBuiltin } from 'node:module'
import { parseSync, transformWithOxc, type Plugin } from 'vite'
import { serverOnlyImport, unsupportedPageFile } from '../errors.js'
import { browserFiles, toRelative, type PageFiles } from './page-files.js'
import { mayHaveServerExports, removeServerExports } from './server-exports.js'

export interface ServerCodeOptions {
  readonly root: string
  files(): PageFiles
}

/** Takes server-only exports out of page modules for the browser. */
export function stripServerExports(site: ServerCodeOptions): Plugin {
  return {
    name: 'pagepress:server-exports',
    transform: {
      filter: { id: { exclude: /\/node_modules\/|^\0/ } },
      handler(code, id) {
        if (this.environment.config.consumer !== 'client') return undefined
        if (!browserFiles(site.files()).some((page) => page.path === id) || !mayHaveServerExports(code))
          return undefined
        const { program } = parseSync(id, code, { lang: 'js', range: true, preserveParens: false })
        const stripped = removeServerExports(code, program)
        // Every character that is left stands where it stood, so the module's source map stays as it is.
        return stripped === undefined ? undefined : { code: stripped, map: null }
      },
    },
  }
}

/**
 * Refuses modules in browser code that only a server can run: Node's own, and API routes. A build tells when it knows all
 * modules, and with them the pages that lead to this one; development tells at once.
 */
export function refuseServerModules(site: ServerCodeOptions): Plugin {
  const found = new Map<string, { source: string; importer: string }>()

  return {
    name: 'pagepress:server-modules',
    enforce: 'pre',
    buildStart() {
      found.clear()
    },
    resolveId: {
      order: 'pre',
      async handler(source, importer) {
        const { config } = this.environment
        if (config.consumer !== 'client' || importer === undefined) return undefined
        if (isServerModule(source, importer)) {
          if (config.command === 'serve') throw serverOnlyImport(source, toRelative(site.root, importer), [])
          found.set(`${source} ${importer}`, { source, importer })
          return { id: source, external: true }
        }
        const { api, handlers } = site.files()
        if (api.length + handlers.length === 0 || !mayBeProjectFile(source)) return undefined
        const resolved = await this.resolve(source, importer, { skipSelf: true })
        const route = [...api, ...handlers].find((one) => one.path === resolved?.id)
        if (route)
          throw unsupportedPageFile(
            toRelative(site.root, importer),
            `imports the ${api.includes(route) ? 'API route' : 'route handler'} \`${route.file}\` into browser code. Move what they share into a module of its own.`,
          )
        return resolved
      },
    },
    buildEnd(error) {
      if (error) return
      for (const { source, importer } of found.values()) {
        const through = pagesAbove(importer, site.files(), (id) => this.getModuleInfo(id)?.importers ?? [])
        throw serverOnlyImport(source, toRelative(site.root, importer), through)
      }
    },
  }
}

/** A package of the same name, such as `events` or `buffer`, is what a bundler means in browser code. */
function isServerModule(source: string, importer: string): boolean {
  if (!isBuiltin(source) || importer.includes('/node_modules/')) return false
  if (source.startsWith('node:')) return true
  try {
    createRequire(importer).resolve(`${source}/package.json`)
    return false
  } catch {
    return true
  }
}

/** Relative, absolute, or through an alias such as `@/` or `~/`. */
function mayBeProjectFile(source: string): boolean {
  return /^[./@~#]/.test(source)
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
