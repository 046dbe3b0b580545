import type { ErrorInfo, Limits } from '../options.js'
import type { Cached } from './cached-page.js'
import { isFresh, isServable, type CacheEntry } from './entry.js'
import type { FailedLoads } from './failed-loads.js'
import type { Governor } from './governor.js'
import type { Marks } from './marks.js'
import type { Produced } from './page-maker.js'
import type { PageKey } from './page-table.js'
import type { RefreshLeases } from './refresh-leases.js'
import type { CacheStatus, Produce } from './response-cache.js'
import type { CacheStore } from './store.js'
import { withinTime } from './time-limit.js'

export interface Loaded {
  readonly entry: CacheEntry
  readonly status: CacheStatus
  readonly stored: boolean
}

/** Gets what is not in memory: from the store, or produced once for all who wait, here and in the fleet. */
export interface Loader {
  /** Loads or produces an entry, shared by all who ask for it meanwhile. */
  load(key: PageKey, produce: Produce): Promise<Loaded>
  /** What the store has, if it may be served. */
  fromStore(key: string): Promise<CacheEntry | undefined>
  /** What is known under a key as a visitor would get it now: not at all, if it has expired or is outdated. */
  toServable<Known extends CacheEntry | Cached>(key: string, known: Known | undefined): Known | undefined
  /** Who asks from now on joins no load that may end with a page from before. */
  forgetLoads(name: string): void
  readonly loading: ReadonlyMap<string, Promise<Loaded>>
  /** Leases that are being given back. */
  readonly releasing: ReadonlySet<Promise<void>>
}

export interface LoaderParts {
  readonly store: CacheStore
  readonly marks: Marks
  readonly leases: RefreshLeases
  readonly failed: FailedLoads
  readonly governor: Governor
  readonly make: (key: PageKey, produce: () => ReturnType<Produce>) => Promise<Produced>
  readonly limits: Pick<Limits, 'timeoutMs'>
  readonly now: () => number
  readonly onError: (error: unknown, info: ErrorInfo) => void
}

export function createLoader(parts: LoaderParts): Loader {
  const { store, marks, leases, failed, governor, make, limits, now, onError } = parts
  const loading = new Map<string, Promise<Loaded>>()
  const releasing = new Set<Promise<void>>()

  function load(pageKey: PageKey, produce: Produce): Promise<Loaded> {
    const { key, isUrgent, isPart } = pageKey
    // A call of a function is for its caller to try again, and a page for errors has none in its place.
    const isSpaced = isUrgent !== true && isPart !== true
    const failure = isSpaced ? failed.find(key) : undefined
    if (failure !== undefined) return Promise.reject(failure.error as Error)
    const promise = loadOrProduce(pageKey, produce)
      .catch((error: unknown) => {
        if (isSpaced && loading.get(key) === promise) failed.failed(key, error)
        throw error
      })
      .finally(() => {
        if (loading.get(key) === promise) loading.delete(key)
      })
    loading.set(key, promise)
    return promise
  }

  async function loadOrProduce(pageKey: PageKey, produce: Produce): Promise<Loaded> {
    const { key, isUrgent, isPart } = pageKey
    const task = () => make(pageKey, () => produce('stale'))
    const inTurn = () => (isPart ? task() : governor.render(task))
    const found = await fromStore(key)
    if (found !== undefined) return toLoaded(found)
    if (isUrgent === true) return { ...(await task()), status: 'miss' }
    if (!leases.areShared) return { ...(await inTurn()), status: 'miss' }

    const lease = await leases.forMiss(key)
    let released = Promise.resolve()
    try {
      // Another machine may have produced it while we waited.
      const others = await fromStore(key)
      if (others !== undefined) return toLoaded(others)
      const produced = await inTurn()
      // Whoever gets the lease next finds the page.
      released = produced.written
      return { ...produced, status: 'miss' }
    } finally {
      const done = released
        .then(() => lease?.release())
        .catch(ignore)
        .finally(() => releasing.delete(done))
      releasing.add(done)
    }
  }

  function toLoaded(entry: CacheEntry): Loaded {
    return { entry, status: statusOf(entry, now()), stored: true }
  }

  async function fromStore(key: string): Promise<CacheEntry | undefined> {
    try {
      // A store that could not be written has the page from before its revalidation.
      return toServable(key, await withinTime(store.get(key), limits.timeoutMs, key))
    } catch (error) {
      onError(error, { phase: 'store', pathname: key })
      return undefined
    }
  }

  function toServable<Known extends CacheEntry | Cached>(
    key: string,
    known: Known | undefined,
  ): Known | undefined {
    if (known === undefined || !isServable(known, now())) return undefined
    const state = marks.stateOf(key, known)
    if (state === 'soft') return { ...known, staleAt: Math.min(known.staleAt, now()) }
    return state === 'hard' ? undefined : known
  }

  return {
    load,
    fromStore,
    toServable,
    forgetLoads(name) {
      if (name.startsWith('key:')) {
        loading.delete(name.slice(4))
        failed.forget(name.slice(4))
      } else {
        loading.clear()
        failed.clear()
      }
    },
    loading,
    releasing,
  }
}

export function statusOf(entry: Parameters<typeof isFresh>[0], now: number): CacheStatus {
  return isFresh(entry, now) ? 'hit' : 'stale'
}

function ignore(): void {}
