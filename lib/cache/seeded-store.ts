import type { PackReader } from './pack.js'
import type { CacheStore } from './store.js'

/**
 * Puts the pages of a build under a store: read where the store has nothing newer, never written to it, so that a
 * machine which comes up with an older build's pages puts none of them over what others have refreshed since.
 */
export function createSeededStore(store: CacheStore, seed: Pick<PackReader, 'get'>): CacheStore {
  return {
    ...store,
    async get(key) {
      const [kept, seeded] = await Promise.all([store.get(key), seed.get(key)])
      if (kept === undefined || seeded === undefined) return kept ?? seeded
      return kept.renderedAt >= seeded.renderedAt ? kept : seeded
    },
  }
}
