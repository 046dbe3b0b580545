import type { CacheEntry } from './entry.js'

/**
 * Where entries are kept beyond this process's memory: files, Redis, or what a third party has written. The contract
 * is explained field by field in docs/reference/store-contract.md; `describeCacheStore` of `pagepress/testing` tests it.
 *
 * A store may fail: the cache then serves what it has and produces what it has not. A store returns an entry unchanged,
 * times included, and never one that it cannot prove whole.
 */
export interface CacheStore {
  /** The entry under a key, or `undefined`. */
  get(key: string): Promise<CacheEntry | undefined>
  /** Keeps an entry, unless one whose `renderedAt` is later, and not in the future, is there already. */
  set(key: string, entry: CacheEntry): Promise<void>
  delete(key: string): Promise<void>
  /**
   * The right to refresh a key, for a time: `undefined` while somebody else holds it. A lease that was not released ends
   * by itself.
   */
  lease(key: string, milliseconds: number): Promise<Lease | undefined>
  /**
   * Makes it known, to all who share the store and to those who come later, that entries which bear a name and began
   * before a time are outdated. Resolves with that time when it is known wherever the store can tell.
   */
  invalidate(invalidation: Invalidation): Promise<number>
  /** Hears of every invalidation, those from before the subscription included. Returns what ends it. */
  subscribe(listener: StoreListener): () => void
  /** Milliseconds after which a question to this store is given up and answered without it. @default 500 */
  readonly timeoutMs?: number
  /** Resolves when the store can be asked; a site that starts waits for it a moment. */
  ready?(): Promise<void>
  /** Lets go of connections and files. */
  close?(): Promise<void>
}

/** The right to refresh one key. */
export interface Lease {
  /** Gives it back; does nothing if it has ended meanwhile and is somebody else's now. */
  release(): Promise<void>
}

export interface Invalidation {
  /** What is outdated: `tag:news`, `route:/blog/[slug]`, `prefix:/blog`, `path:/blog/a` or `key:/blog/a`. */
  readonly name: string
  /** Entries whose render began before this time are outdated; without it, all that began before now. */
  readonly before?: number
  /** They may be served while they are refreshed. */
  readonly isSoft: boolean
}

/** An invalidation whose time is known. */
export interface Mark extends Invalidation {
  readonly before: number
}

export interface StoreListener {
  invalidated(mark: Mark): void
  /** Marks may have been missed: whatever lies in memory must be asked for anew. */
  lost(): void
}

/** What a site tells the store that it opens. */
export interface StoreContext {
  /** Entries of one build are of no use to another: their HTML names files that it does not have. */
  readonly buildId: string
  /** The site's clock, in milliseconds. Entries and marks are written in its time. */
  readonly now: () => number
  /** Hears of failures that no caller waits for. */
  onError(error: unknown): void
}

/** Opens a store for a site; what `cache.store` takes, and what `redisStore()` returns. */
export type OpenStore = (context: StoreContext) => CacheStore

const grantedLease: Lease = { release: async () => {} }

/** Every lease is granted: for stores that only one process has. */
export const grantLease = async (): Promise<Lease> => grantedLease

/** Keeps nothing. */
export const emptyStore: CacheStore = {
  get: async () => undefined,
  set: async () => {},
  delete: async () => {},
  lease: grantLease,
  // No time of its own: that of the one who asks is the right one.
  invalidate: async ({ before = 0 }) => before,
  subscribe: () => () => {},
}
