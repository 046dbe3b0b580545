import type { EnvironmentModuleNode, Plugin } from 'vite'
import { transformWithOxc, parseSync } from 'vite'
import { createHash } from 'node:crypto'
import { browserFiles, type PageFiles } from '../vite/page-files.js'
import { keptCode } from '../vite/server-exports.js'
import { DATA_EVENT } from './events.js'
import { readWritten } from './late-writes.js'

/**
 * Decides what browsers do about an edit that does not concern their code: data functions, and modules that only the server
 * has. They fetch the page's data again and keep everything else.
 */
export function hotUpdates(files: () => PageFiles): Plugin {
  const sources = new Map<string, string>()
  const pageAt = (path: string) => browserFiles(files()).find((page) => page.path === path)

  return {
    name: 'pagepress:hot-updates',
    enforce: 'pre',
    transform(code, id) {
      if (this.environment.name === 'client' && pageAt(id)) sources.set(id, code)
    },
    hotUpdate: {
      order: 'post',
      async handler({ file, modules, read, server, type }) {
        const { client } = server.environments
        if (this.environment.name === 'ssr') {
          if (modules.length === 0) return
          const { document } = files()
          const roots = rootsOf(modules)
          if (document && roots.has(document.path)) return void client.hot.send({ type: 'full-reload' })
          const isKnownToBrowsers = (client.moduleGraph.getModulesByFile(file)?.size ?? 0) > 0
          if (!isKnownToBrowsers && [...roots].some(pageAt)) client.hot.send(DATA_EVENT, { file })
          return
        }
        if (this.environment.name !== 'client' || type !== 'update') return
        const text = await readWritten(file, read, server.watcher)
        // The CSS that stands in documents is nobody's import. Left in, a CSS module would reload the whole page.
        if (modules.some(isDocumentStyle)) return modules.filter((module) => !isDocumentStyle(module))
        if (!pageAt(file)) return
        const before = sources.get(file)
        if (before === undefined) return
        const [old, now] = await Promise.all([before, text].map((code) => browserCode(code, file)))
        if (old === undefined || old !== now) return
        client.hot.send(DATA_EVENT, { file })
        return []
      },
    },
  }
}

function isDocumentStyle({ url }: EnvironmentModuleNode): boolean {
  return /[?&]direct\b/.test(url)
}

/** Every module that imports one of these, directly or not, and they themselves, by file. */
function rootsOf(modules: readonly EnvironmentModuleNode[]): Set<string> {
  const seen = new Set(modules)
  for (const module of seen) for (const importer of module.importers) seen.add(importer)
  return new Set([...seen].flatMap((module) => module.file ?? []))
}

/** What of a page's code browsers get, as a short text to compare; `undefined` while it does not parse. */
async function browserCode(code: string, path: string): Promise<string | undefined> {
  try {
    const lang = /\.[cm]?ts$/.test(path) ? 'ts' : path.endsWith('.tsx') ? 'tsx' : 'jsx'
    const compiled = await transformWithOxc(code, path, {
      lang,
      sourcemap: false,
      jsx: { runtime: 'automatic' },
    })
    const { program } = parseSync(path, compiled.code, { lang: 'js', range: true, preserveParens: false })
    return createHash('sha256').update(keptCode(compiled.code, program)).digest('hex')
  } catch {
    return undefined
  }
}
