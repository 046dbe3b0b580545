import { AsyncLocalStorage } from 'node:async_hooks'

/** What functions wrapped by `cache` have returned, argument by argument. */
interface MemoryNode {
  readonly next: Map<unknown, MemoryNode>
  result?: { readonly value: unknown } | { readonly error: unknown }
}

type Memory = Map<unknown, MemoryNode>

const memories = new AsyncLocalStorage<Memory>()

/** Following a call through all that it waits for slows every promise down: only for those who use it. */
let isUsed = false

/** Runs something that shares what functions wrapped by `cache` return, and forgets it afterwards. */
export function withMemory<T>(run: () => T): T {
  return isUsed && memories.getStore() === undefined ? memories.run(new Map(), run) : run()
}

/**
 * Wraps a function so that within one listing of paths by `generateStaticParams`, one production of a page, or one call
 * of a route handler it runs once for the same arguments, compared as keys of a `Map` are. Outside of these every call runs.
 */
export function cache<Load extends Function>(load: Load): Load {
  isUsed = true
  const call = (...args: unknown[]): unknown => {
    const result = () => (load as unknown as (...given: unknown[]) => unknown)(...args)
    const memory = memories.getStore()
    if (memory === undefined) return result()
    let node = childOf(memory, load)
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
