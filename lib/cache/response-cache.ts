import type { ErrorInfo, Limits } from '../options.js'
import type { PageResponse } from '../page-response.js'
import type { CachedPage } from './cached-page.js'
import { isFresh, isServable, type CacheEntry } from './entry.js'
import type { Governor } from './governor.js'
import { createMarks } from './marks.js'
import type { PageMemory } from './memory.js'
import { createObserver, type CacheObserver } from './observer.js'
import { createPageMaker, type Produced } from './page-maker.js'
import { createPageTable, type PageKey } from './page-table.js'
import { createRefreshLeases } from './refresh-leases.js'
import { createRefresher } from './refresher.js'
import { createRevalidator } from './revalidator.js'
import type { CacheStore, Invalidation } from './store.js'
import { withinTime } from './time-limit.js'

export type { PageKey } from './page-table.js'

/** How a request was answered (RFC 9211 has the words; `hit` covers `stale` there). */
export type CacheStatus = 'hit' | 'stale' | 'miss'

export interface Served {
  readonly page: CachedPage
  readonly status: CacheStatus
  /** The page was produced for another request at the same time. */
  readonly collapsed: boolean
  /** The page is kept and can answer the next request. */
  readonly stored: boolean
}

export interface ServeOptions {
  /** Nobody looks at it yet: no reason to refresh a stale page. @default false */
  readonly isPrefetch?: boolean
}

/** Produces the page; the reason is what `getStaticProps` is told. */
export type Render = (reason: 'stale' | 'on-demand') => Promise<PageResponse>

export interface ResponseCache {
  /** A page in memory that may be served, fresh or stale; nothing is loaded, nothing waits. */
  lookup(key: PageKey): CachedPage | undefined
  /** The page, whatever it takes: from memory, from the store, or produced once for all who wait. */
  serve(key: PageKey, render: Render, options?: ServeOptions): Promise<Served>
  /** Whether a servable page is in memory or in the store; nothing is produced. */
  has(key: PageKey): Promise<boolean>
  /** Refreshes a page behind the visitor who got a stale one. At most one refresh per key runs. */
  refreshBehind(key: PageKey, render: Render): void
  /** Produces the page anew and resolves when the new one is in place, here and in the store. */
  revalidate(key: PageKey, render: Render): Promise<CacheEntry>
  /** Makes everything that bears a name outdated; resolves when nothing older can be served any more. */
  invalidate(invalidation: Pick<Invalidation, 'name' | 'isSoft'>): Promise<void>
  /** Tells the memory that a page's compressed forms have grown. */
  resize(key: PageKey, page: CachedPage): void
  /** What is known of a page, for people. */
  inspect(key: PageKey): Promise<Inspection>
  readonly observer: CacheObserver
  /** Resolves when nothing runs behind requests any more. */
  settled(): Promise<void>
  stats(): { entries: number; bytes: number; evictions: number; rendering: number; refreshing: number }
  /** Ends the subscription to the store and closes it. */
  close(): Promise<void>
}

export interface Inspection {
  readonly inMemory: CachedPage | undefined
  readonly inStore: CacheEntry | undefined
  readonly isRendering: boolean
  readonly isRefreshing: boolean
  /** A refresh failed lately, and the next one waits. */
  readonly isBackingOff: boolean
}

export interface ResponseCacheParts {
  store: CacheStore
  memory: PageMemory
  governor: Governor
  limits: Pick<Limits, 'entryBytes' | 'timeoutMs'>
  now: () => number
  onError: (error: unknown, info: ErrorInfo) => void
}

interface Loaded {
  readonly entry: CacheEntry
  readonly status: CacheStatus
  readonly stored: boolean
}

export function createResponseCache(parts: ResponseCacheParts): ResponseCache {
  const { store, memory, governor, limits, now, onError } = parts
  const loading = new Map<string, Promise<Loaded>>()
  /** Leases that are being given back. */
  const releasing = new Set<Promise<void>>()
  const marks = createMarks(now)
  const table = createPageTable({ memory, marks, now })
  const leases = createRefreshLeases(store, (error) => onError(error, { phase: 'store' }))
  const observer = createObserver((error) => onError(error, { phase: 'store' }))
  const maker = createPageMaker({ store, table, marks, observer, limits, onError })
  const refresher = createRefresher({ governor, leases, maker, table, observer, fromStore, now, onError })
  const { refreshBehind } = refresher

  const unsubscribe = store.subscribe({
    invalidated(mark) {
      if (marks.add(mark)) forgetLoads(mark.name)
    },
    lost: () => memory.clear(),
  })

  /** Who asks from now on joins no load that may end with a page from before. */
  function forgetLoads(name: string): void {
    if (name.startsWith('key:')) loading.delete(name.slice(4))
    else loading.clear()
  }

  async function make(pageKey: PageKey, render: () => Promise<PageResponse>): Promise<Produced> {
    const produced = await maker.make(pageKey, render)
    refresher.succeeded(pageKey.key)
    return produced
  }

  function lookup({ key, basePath }: PageKey): CachedPage | undefined {
    return table.find(key, basePath)
  }

  async function serve(
    pageKey: PageKey,
    render: Render,
    { isPrefetch = false }: ServeOptions = {},
  ): Promise<Served> {
    const { key } = pageKey
    const known = lookup(pageKey)
    if (known !== undefined) {
      const status = statusOf(known)
      observer.saw(status, key)
      if (status === 'stale' && !isPrefetch) refreshBehind(pageKey, render)
      return { page: known, status, collapsed: false, stored: true }
    }
    const pending = loading.get(key)
    const loaded = await (pending ?? load(pageKey, render))
    observer.saw(pending === undefined || loaded.status !== 'miss' ? loaded.status : 'collapsed', key)
    if (loaded.status === 'stale' && !isPrefetch) refreshBehind(pageKey, render)
    return {
      page: table.keep(pageKey, loaded.entry, loaded.stored),
      status: loaded.status,
      collapsed: pending !== undefined,
      stored: loaded.stored,
    }
  }

  async function has(pageKey: PageKey): Promise<boolean> {
    if (lookup(pageKey) !== undefined || loading.has(pageKey.key)) return true
    const entry = await fromStore(pageKey.key)
    if (entry === undefined) return false
    table.keep(pageKey, entry, true)
    return true
  }

  /** Loads or produces an entry, shared by all who ask for it meanwhile. */
  function load(pageKey: PageKey, render: Render): Promise<Loaded> {
    const { key } = pageKey
    const promise = loadOrProduce(pageKey, render).finally(() => {
      if (loading.get(key) === promise) loading.delete(key)
    })
    loading.set(key, promise)
    return promise
  }

  async function loadOrProduce(pageKey: PageKey, render: Render): Promise<Loaded> {
    const { key, isUrgent } = pageKey
    const task = () => make(pageKey, () => render('stale'))
    const found = await fromStore(key)
    if (found !== undefined) return toLoaded(found)
    if (isUrgent === true) return { ...(await task()), status: 'miss' }
    if (!leases.areShared) return { ...(await governor.render(task)), status: 'miss' }

    const lease = await leases.forMiss(key)
    let released = Promise.resolve()
    try {
      // Another machine may have produced it while we waited.
      const others = await fromStore(key)
      if (others !== undefined) return toLoaded(others)
      const produced = await governor.render(task)
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
    return { entry, status: statusOf(entry), stored: true }
  }

  async function fromStore(key: string): Promise<CacheEntry | undefined> {
    try {
      const entry = await withinTime(store.get(key), limits.timeoutMs, key)
      if (entry === undefined || !isServable(entry, now())) return undefined
      // A store that could not be written has the page from before its revalidation.
      const state = marks.stateOf(key, entry)
      if (state === 'soft') return { ...entry, staleAt: Math.min(entry.staleAt, now()) }
      return state === 'hard' ? undefined : entry
    } catch (error) {
      onError(error, { phase: 'store', pathname: key })
      return undefined
    }
  }

  const revalidateInTurn = createRevalidator(
    async (_key: string, [pageKey, render]: readonly [PageKey, Render]) => {
      const { entry, stored, written } = await make(pageKey, () => render('on-demand'))
      const { key } = pageKey
      const mark = { name: `key:${key}`, before: entry.renderedAt, isSoft: false }
      marks.add(mark)
      forgetLoads(mark.name)
      table.keep({ ...pageKey, basePath: table.firstBasePath() }, entry, stored)
      await written
      // In place means everywhere: what other machines hold in memory is outdated from now on.
      await store.invalidate(mark)
      observer.saw('invalidated', mark.name)
      return entry
    },
  )

  async function invalidate({ name, isSoft }: Pick<Invalidation, 'name' | 'isSoft'>): Promise<void> {
    const ours = marks.timeOfNow()
    marks.add({ name, isSoft, before: ours })
    forgetLoads(name)
    const theirs = await store.invalidate({ name, isSoft })
    // Within one millisecond, ours may be the later one; whoever comes after us must know of it.
    const before = theirs < ours ? await store.invalidate({ name, isSoft, before: ours }) : theirs
    if (marks.add({ name, isSoft, before })) forgetLoads(name)
    observer.saw('invalidated', name)
  }

  function statusOf(entry: CachedPage | CacheEntry): CacheStatus {
    return isFresh(entry, now()) ? 'hit' : 'stale'
  }

  async function settled(): Promise<void> {
    const { refreshing } = refresher
    const all = () => [...refreshing.values(), ...maker.writes, ...loading.values(), ...releasing]
    while (all().length > 0) await Promise.allSettled(all())
  }

  return {
    lookup,
    serve,
    has,
    refreshBehind,
    revalidate: (pageKey, render) => revalidateInTurn(pageKey.key, [pageKey, render]),
    invalidate,
    resize: table.resize,
    async inspect({ key }) {
      return {
        inMemory: table.peek(key),
        inStore: await fromStore(key),
        isRendering: loading.has(key),
        isRefreshing: refresher.refreshing.has(key),
        isBackingOff: refresher.isBackingOff(key),
      }
    },
    observer,
    settled,
    stats: () => ({
      entries: memory.entries,
      bytes: memory.bytes,
      evictions: memory.evictions,
      rendering: loading.size,
      refreshing: refresher.refreshing.size,
    }),
    async close() {
      await settled()
      unsubscribe()
      await store.close?.()
    },
  }
}

function ignore(): void {}
