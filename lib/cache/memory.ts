import { LRUCache } from 'lru-cache'
import { cachedSize, type Cached } from './cached-page.js'
import { createNotFoundPool } from './not-found-pool.js'

/**
 * The nearest tier: pages of this process, bounded in bytes.
 *
 * A page that was asked for once waits among the newcomers; asked for again, it joins the pages in use. Newcomers push
 * out one another before they push out those, so that somebody who asks for a million paths once each evicts no page
 * that others visit. "Not found" results live apart and evict no page at all.
 */
export interface PageMemory {
  get(key: string): Cached | undefined
  /** The same without counting as use. */
  peek(key: string): Cached | undefined
  set(key: string, page: Cached): void
  delete(key: string): void
  clear(): void
  /** Counts a page anew whose bodies have grown; nothing happens if it is no longer kept. */
  resize(key: string, page: Cached): void
  readonly bytes: number
  readonly entries: number
  /** Pages dropped for want of room. */
  readonly evictions: number
}

/** Part of the memory that newcomers may always have, and that pages in use always leave them. */
const NEWCOMERS = 0.1
/** A page that takes more than this part would push out too many others; where that is little, one of this size may. */
const LARGEST_PART = 0.1
const ALWAYS_ALLOWED = 64 * 1024

export function createPageMemory({
  maxBytes,
  notFoundEntries,
}: {
  maxBytes: number
  notFoundEntries: number
}): PageMemory {
  // lru-cache takes 0 for "no bound"; here it means that nothing is kept.
  const createPool = () =>
    maxBytes > 0
      ? new LRUCache<string, Cached>({ maxSize: maxBytes, sizeCalculation: cachedSize })
      : undefined
  const inUse = createPool()
  const newcomers = createPool()
  const notFound = notFoundEntries > 0 ? createNotFoundPool(notFoundEntries) : undefined
  const largest = Math.max(maxBytes * LARGEST_PART, ALWAYS_ALLOWED)
  let evictions = 0

  const bytes = () => (inUse?.calculatedSize ?? 0) + (newcomers?.calculatedSize ?? 0)

  /** Moves a page that is asked for again to those in use. */
  function promote(key: string): Cached | undefined {
    const page = newcomers?.get(key)
    if (page === undefined) return undefined
    newcomers!.delete(key)
    inUse!.set(key, page)
    while (inUse!.calculatedSize > maxBytes * (1 - NEWCOMERS) && inUse!.size > 1) demoteOldest()
    return page
  }

  function demoteOldest(): void {
    const [key, page] = inUse!.rentries().next().value! as [string, Cached]
    inUse!.delete(key)
    newcomers!.set(key, page)
  }

  function makeRoom(): void {
    while (bytes() > maxBytes) {
      const isCrowded = newcomers!.calculatedSize > maxBytes * NEWCOMERS
      // A page that came alone may stay, or one larger than the newcomers' part would never be kept.
      const pool = inUse!.size === 0 || (isCrowded && newcomers!.size > 1) ? newcomers! : inUse!
      pool.pop()
      evictions += 1
    }
  }

  function poolOf(key: string): LRUCache<string, Cached> | undefined {
    return inUse?.has(key) ? inUse : newcomers
  }

  function put(key: string, page: Cached): void {
    const pool = poolOf(key)
    // lru-cache measures a value when it is new to the key.
    pool?.delete(key)
    if (cachedSize(page) > largest) return
    pool?.set(key, page)
    makeRoom()
  }

  return {
    get: (key) => inUse?.get(key) ?? promote(key) ?? notFound?.get(key),
    peek: (key) => poolOf(key)?.peek(key) ?? notFound?.peek(key),
    set(key, page) {
      if (page.type === 'not-found') {
        inUse?.delete(key)
        newcomers?.delete(key)
        notFound?.set(key, page)
        return
      }
      notFound?.delete(key)
      put(key, page)
    },
    delete(key) {
      for (const pool of [inUse, newcomers, notFound]) pool?.delete(key)
    },
    clear() {
      for (const pool of [inUse, newcomers, notFound]) pool?.clear()
    },
    resize(key, page) {
      const pool = poolOf(key)
      if (pool?.peek(key) === page) put(key, page)
    },
    get bytes() {
      return bytes()
    },
    get entries() {
      return (inUse?.size ?? 0) + (newcomers?.size ?? 0) + (notFound?.size ?? 0)
    },
    get evictions() {
      return evictions
    },
  }
}
