import { channel } from 'node:diagnostics_channel'
import { isValueKey } from './key.js'

/** What happens to pages and to results of functions, in the order in which it usually does. */
export const cacheEvents = [
  'hit',
  'stale',
  'miss',
  'collapsed',
  'produced',
  'refreshed',
  'kept',
  'failed',
  'invalidated',
] as const

export type CacheEventName = (typeof cacheEvents)[number]

/** What the cache has no part in, and is counted with the rest. */
export const visitCounts = ['bypass', 'errors'] as const

export type VisitCountName = (typeof visitCounts)[number]

export interface CacheEvent {
  readonly event: CacheEventName
  /** The page's key, or the result's, which begins with `data:`; the invalidated name for `invalidated`. */
  readonly key: string
  /** How long it took, for what takes time. */
  readonly milliseconds?: number
  readonly error?: unknown
}

export type CacheListener = (event: CacheEvent) => void

/** Counts what happens, and tells those who want to know. */
export interface CacheObserver {
  /** Of pages, and of all invalidations. */
  readonly counts: Readonly<Record<CacheEventName, number>>
  /** Of what functions return. */
  readonly valueCounts: Readonly<Record<CacheEventName, number>>
  /** Of visits that the cache has no part in. */
  readonly visits: Record<VisitCountName, number>
  saw(event: CacheEventName, key: string, more?: Pick<CacheEvent, 'milliseconds' | 'error'>): void
  /** Returns what ends the listening. */
  on(event: CacheEventName, listener: CacheListener): () => void
}

/** Everything that any site of this process sees; subscribe with `node:diagnostics_channel`. */
const diagnostics = channel('pagepress:cache')

export function createObserver(onError: (error: unknown) => void): CacheObserver {
  const [counts, valueCounts] = [toCounts(), toCounts()]
  const listeners = new Map<CacheEventName, Set<CacheListener>>()

  function tell(event: CacheEvent): void {
    for (const listener of listeners.get(event.event) ?? [])
      try {
        listener(event)
      } catch (error) {
        onError(error)
      }
    diagnostics.publish(event)
  }

  return {
    counts,
    valueCounts,
    visits: { bypass: 0, errors: 0 },
    saw(event, key, more) {
      if (isValueKey(key)) valueCounts[event] += 1
      else counts[event] += 1
      // A hit that nobody hears of makes no object.
      if (listeners.size > 0 || diagnostics.hasSubscribers) tell({ event, key, ...more })
    },
    on(event, listener) {
      const known = listeners.get(event) ?? new Set()
      listeners.set(event, known.add(listener))
      return () => {
        known.delete(listener)
        if (known.size === 0 && listeners.get(event) === known) listeners.delete(event)
      }
    },
  }
}

function toCounts(): Record<CacheEventName, number> {
  return Object.fromEntries(cacheEvents.map((event) => [event, 0])) as Record<CacheEventName, number>
}
