import type { CacheEntry } from './entry.js'

/**
 * Where entries are kept beyond this process's memory.
 *
 * A store may fail: the cache then serves what it has and produces what it has not. A store returns an entry unchanged,
 * times included, and never one that it cannot prove whole.
 */
export interface CacheStore {
  /** The entry under a key, or `undefined`. */
  get(key: string): Promise<CacheEntry | undefined>
  /** Keeps an entry, unless one whose `renderedAt` is later is there already. */
  set(key: string, entry: CacheEntry): Promise<void>
  delete(key: string): Promise<void>
}

/** Keeps nothing. */
export const emptyStore: CacheStore = {
  get: async () => undefined,
  set: async () => {},
  delete: async () => {},
}
