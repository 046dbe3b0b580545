import { AsyncLocalStorage } from 'node:async_hooks'
import type { ResponseCache } from '../cache/response-cache.js'

/** Keeps what functions wrapped by `cached` return. */
export type ValueCache = Pick<ResponseCache, 'serveValue'>

/** What functions wrapped by `cache` have returned, argument by argument. */
export interface MemoryNode {
  readonly next: Map<unknown, MemoryNode>
  result?: { readonly value: unknown } | { readonly error: unknown }
}

/** How long a function's result lives, as the function says while it runs. */
export interface SaidLife {
  readonly revalidate: number | false
  readonly expire?: number | undefined
}

/** What is produced in one go: a page, the answer of an API route or a route handler, the result of a cached function. */
export interface Production {
  readonly memory: Map<unknown, MemoryNode>
  /** Calls of functions wrapped by `cached`, by the keys of their results. */
  readonly calls: Map<string, Promise<unknown>>
  /** Where results are kept; nowhere in draft mode, and while paths are listed. */
  readonly values: ValueCache | undefined
  /** What is produced is kept itself, and should not be made of what is stale already. */
  readonly isKept: boolean
  /** The tags of all results that went into it: what outdates them outdates it. */
  readonly tags: Set<string>
  /** Of a cached function, what it has said of its result's life. */
  readonly function?: { readonly name: string; life?: SaidLife }
}

const productions = new AsyncLocalStorage<Production>()

/** Following a call through all that it waits for slows every promise down: only for those who use it. */
let isUsed = false

/** From now on, productions are followed. */
export function followProductions(): void {
  isUsed = true
}

export function currentProduction(): Production | undefined {
  return productions.getStore()
}

/** Runs something as a production of its own; it is told nothing of it where nobody follows productions. */
export function withProduction<T>(
  about: Partial<Production>,
  run: (production: Production | undefined) => T,
): T {
  if (!isUsed) return run(undefined)
  const production: Production = {
    memory: new Map(),
    calls: new Map(),
    values: undefined,
    isKept: false,
    tags: new Set(),
    ...about,
  }
  return productions.run(production, () => run(production))
}

/** Runs something as part of the production that is under way, or else as one that nothing is kept for. */
export function withMemory<T>(run: () => T): T {
  return productions.getStore() === undefined ? withProduction({}, run) : run()
}

/** Something was revalidated: who asks in the same production gets no result from before. */
export function forgetCalls(): void {
  productions.getStore()?.calls.clear()
}
