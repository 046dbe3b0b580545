import { isCSSRequest, type EnvironmentModuleNode, type ViteDevServer } from 'vite'

export interface InlineStyle {
  readonly id: string
  readonly css: string
}

/**
 * The CSS of modules and of everything they import, in the order in which it is imported. It goes into the document, so
 * that the page is styled before its scripts run; Vite's client then takes each style over by its id.
 */
export async function collectStyles(vite: ViteDevServer, paths: readonly string[]): Promise<InlineStyle[]> {
  const { ssr, client } = vite.environments
  const found = new Map<string, EnvironmentModuleNode>()
  const visited = new Set<EnvironmentModuleNode>()
  const visit = async (module: EnvironmentModuleNode): Promise<void> => {
    if (visited.has(module)) return
    visited.add(module)
    const isStyle = isCSSRequest(module.url)
    // What is imported later has not been looked at yet, and the server may render it nevertheless.
    if (!isStyle && !module.transformResult) await ssr.transformRequest(module.url).catch(() => null)
    for (const imported of module.importedModules) await visit(imported)
    if (module.id && isStyle && !/[?&](?:url|raw|inline)\b/.test(module.id)) found.set(module.id, module)
  }
  for (const path of paths) {
    const module = ssr.moduleGraph.getModuleById(path)
    if (module) await visit(module)
  }
  return Promise.all(
    [...found].map(async ([id, { url }]) => {
      const direct = `${url}${url.includes('?') ? '&' : '?'}direct`
      return { id, css: (await client.transformRequest(direct))?.code ?? '' }
    }),
  )
}
