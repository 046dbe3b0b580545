import type { CacheEntry } from './entry.js'
import type { CacheStore, Mark, StoreListener } from './store.js'

const LARGEST_LEAD = 1_000

/** A store in this process: the contract at its plainest, for tests and for several sites of one process. */
export function createMemoryStore({ now = Date.now }: { now?: () => number } = {}): CacheStore {
  const entries = new Map<string, CacheEntry>()
  const leases = new Map<string, { until: number }>()
  const marks = new Map<string, Mark>()
  const listeners = new Set<StoreListener>()

  return {
    get: async (key) => entries.get(key),
    async set(key, entry) {
      const kept = entries.get(key)
      const isNewer = kept !== undefined && kept.renderedAt > entry.renderedAt
      // What claims to come from the future was rendered while a clock was wrong.
      if (!isNewer || kept.renderedAt > now() + LARGEST_LEAD) entries.set(key, entry)
    },
    delete: async (key) => void entries.delete(key),
    async lease(key, milliseconds) {
      const held = leases.get(key)
      if (held !== undefined && now() < held.until) return undefined
      const own = { until: now() + milliseconds }
      leases.set(key, own)
      return {
        async release() {
          if (leases.get(key) === own) leases.delete(key)
        },
      }
    },
    async invalidate({ name, isSoft, before: asked = now() + 1 }) {
      const id = `${isSoft ? 'soft' : 'hard'} ${name}`
      // Two that overtake each other leave the later time.
      const before = Math.max(asked, marks.get(id)?.before ?? asked)
      const mark = { name, isSoft, before }
      marks.set(id, mark)
      for (const listener of listeners) listener.invalidated(mark)
      return before
    },
    subscribe(listener) {
      listeners.add(listener)
      for (const mark of marks.values()) listener.invalidated(mark)
      return () => void listeners.delete(listener)
    },
  }
}
