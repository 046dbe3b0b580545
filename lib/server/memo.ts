import { currentProduction, followProductions, type MemoryNode } from './production.js'

/**
 * Wraps a function so that within one listing of paths by `generateStaticParams`, one production of a page, or one call
 * of a route handler or an API route it runs once for the same arguments, compared as keys of a `Map` are. Outside of
 * these every call runs.
 */
export function cache<Load extends Function>(load: Load): Load {
  followProductions()
  const call = (...args: unknown[]): unknown => {
    const result = () => (load as unknown as (...given: unknown[]) => unknown)(...args)
    const production = currentProduction()
    if (production === undefined) return result()
    let node = childOf(production.memory, load)
    for (const argument of args) node = childOf(node.next, argument)
    node.result ??= run(result)
    if ('error' in node.result) throw node.result.error
    return node.result.value
  }
  return call as unknown as Load
}

function childOf(nodes: Map<unknown, MemoryNode>, key: unknown): MemoryNode {
  let node = nodes.get(key)
  if (node === undefined) nodes.set(key, (node = { next: new Map() }))
  return node
}

function run(load: () => unknown): NonNullable<MemoryNode['result']> {
  try {
    return { value: load() }
  } catch (error) {
    return { error }
  }
}
