import type { ErrorInfo, Limits } from '../options.js'
import type { PageResponse, ValueResponse } from '../page-response.js'
import type { Cached, CachedPage, CachedValue } from './cached-page.js'
import type { CacheEntry } from './entry.js'
import { createFailedLoads } from './failed-loads.js'
import type { Governor } from './governor.js'
import { createLoader, statusOf } from './loader.js'
import { createMarks } from './marks.js'
import type { PageMemory } from './memory.js'
import { createObserver, type CacheEventName, type CacheObserver } from './observer.js'
import { createPageMaker, type Produced } from './page-maker.js'
import { createPageTable, toOwnKey, type PageKey } from './page-table.js'
import { createRefreshLeases } from './refresh-leases.js'
import { createRefresher } from './refresher.js'
import { createRevalidator } from './revalidator.js'
import type { CacheStore, Invalidation } from './store.js'

export type { PageKey } from './page-table.js'

/** How a request was answered (RFC 9211 has the words; `hit` covers `stale` there). */
export type CacheStatus = 'hit' | 'stale' | 'miss'

export type Served = ServedAs<CachedPage>

interface ServedAs<Page> {
  readonly page: Page
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

/** Produces what is kept: a page, or what a function returns. */
export type Produce = (reason: 'stale' | 'on-demand') => Promise<PageResponse | ValueResponse>

export interface ResponseCache {
  /** A page in memory that may be served, fresh or stale; nothing is loaded, nothing waits. */
  lookup(key: PageKey): CachedPage | undefined
  /** The page, whatever it takes: from memory, from the store, or produced once for all who wait. */
  serve(key: PageKey, render: Render, options?: ServeOptions): Promise<Served>
  /**
   * What a function returned, or returns now. It is produced as part of what asks for it: without a turn of its own, or
   * all turns could be those of pages that wait for values.
   *
   * @param isKept whether what asks for it is kept itself, and should not be made of what is stale already
   */
  serveValue(key: string, produce: () => Promise<ValueResponse>, isKept: boolean): Promise<CachedValue>
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
  stats(): CacheStats
  /** Ends the subscription to the store and closes it. */
  close(): Promise<void>
}

/** What the parts of the cache count themselves. */
export interface CacheStats {
  readonly entries: number
  readonly bytes: number
  readonly evictions: number
  readonly rendering: number
  readonly refreshing: number
  readonly refused: number
  readonly outages: number
}

export interface Inspection {
  /** What memory and store have that may be served. */
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
  /** Milliseconds that have passed, whatever becomes of the clock. @default as `now` */
  elapsed?: () => number
  /** Milliseconds between two tries of what fails for visitors who wait. @default 1,000 */
  failureSpacing?: number
  /** How often the store has been given up for a while. @default never */
  outages?: () => number
  onError: (error: unknown, info: ErrorInfo) => void
}

const FAILURE_SPACING = 1_000

export function createResponseCache(parts: ResponseCacheParts): ResponseCache {
  const { store, memory, governor, limits, now, elapsed = now, onError } = parts
  const marks = createMarks(now)
  const table = createPageTable({ memory, marks, now, elapsed })
  const leases = createRefreshLeases(store, (error) => onError(error, { phase: 'store' }))
  const observer = createObserver((error) => onError(error, { phase: 'store' }))
  const maker = createPageMaker({ store, table, marks, observer, limits, now, onError })
  const failed = createFailedLoads(elapsed, parts.failureSpacing ?? FAILURE_SPACING)
  const loader = createLoader({ store, marks, leases, failed, governor, make, limits, now, onError })
  const { loading, fromStore, toServable, forgetLoads } = loader
  const refresher = createRefresher({
    governor,
    leases,
    maker,
    table,
    observer,
    fromStore,
    now,
    elapsed,
    onError,
  })
  const { refreshBehind } = refresher

  const unsubscribe = store.subscribe({
    invalidated(mark) {
      if (marks.add(mark)) forgetLoads(mark.name)
    },
    lost: () => memory.clear(),
  })

  async function make(pageKey: PageKey, render: () => ReturnType<Produce>): Promise<Produced> {
    const produced = await maker.make(pageKey, render)
    refresher.succeeded(pageKey.key)
    failed.forget(pageKey.key)
    return produced
  }

  function lookup({ key, basePath }: PageKey): Cached | undefined {
    return table.find(key, basePath)
  }

  async function serve(
    pageKey: PageKey,
    render: Produce,
    { isPrefetch = false }: ServeOptions = {},
  ): Promise<ServedAs<Cached>> {
    const known = lookup(pageKey)
    if (known !== undefined) {
      const status = statusOf(known, now())
      tell(status, pageKey)
      if (status === 'stale' && !isPrefetch) refreshBehind(pageKey, render)
      return { page: known, status, collapsed: false, stored: true }
    }
    const ownKey = toOwnKey(pageKey)
    const { key } = ownKey
    const pending = loading.get(key)
    const loaded = await (pending ?? loader.load(ownKey, render))
    tell(pending === undefined || loaded.status !== 'miss' ? loaded.status : 'collapsed', ownKey)
    if (loaded.status === 'stale' && !isPrefetch) refreshBehind(ownKey, render)
    return {
      page: table.keep(ownKey, loaded.entry, loaded.stored),
      status: loaded.status,
      collapsed: pending !== undefined,
      stored: loaded.stored,
    }
  }

  /** Visitors are counted by what they have asked for; the page for a status is only how they are told. */
  function tell(event: CacheEventName, { key, isUrgent }: PageKey): void {
    if (isUrgent !== true) observer.saw(event, key)
  }

  async function serveValue(
    key: string,
    produce: () => Promise<ValueResponse>,
    isKept: boolean,
  ): Promise<CachedValue> {
    const pageKey: PageKey = { key, basePath: '', isPart: true }
    const noRefresh = { isPrefetch: isKept }
    const { page, status } = await serve(pageKey, produce, noRefresh)
    if (status !== 'stale' || !isKept) return page as CachedValue
    await refresher.refreshNow(pageKey, produce)
    // A refresh that failed leaves what there was.
    return (lookup(pageKey) ?? (await serve(pageKey, produce, noRefresh)).page) as CachedValue
  }

  async function has(pageKey: PageKey): Promise<boolean> {
    if (lookup(pageKey) !== undefined || loading.has(pageKey.key)) return true
    const entry = await fromStore(pageKey.key)
    if (entry === undefined) return false
    table.keep(toOwnKey(pageKey), entry, true)
    return true
  }

  const revalidateInTurn = createRevalidator(
    async (_key: string, [pageKey, render]: readonly [PageKey, Render]) => {
      // What began before the call may have read the data before it.
      marks.separate()
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

  async function settled(): Promise<void> {
    const { refreshing } = refresher
    const all = () => [...refreshing.values(), ...maker.writes, ...loading.values(), ...loader.releasing]
    while (all().length > 0) await Promise.allSettled(all())
  }

  return {
    // Under a page's key lies a page.
    lookup: lookup as ResponseCache['lookup'],
    serve: serve as ResponseCache['serve'],
    serveValue,
    has,
    refreshBehind,
    revalidate: (pageKey, render) => revalidateInTurn(pageKey.key, [pageKey, render]),
    invalidate,
    resize: table.resize,
    async inspect({ key }) {
      return {
        inMemory: toServable(key, table.peek(key)) as CachedPage | undefined,
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
      refused: governor.refused,
      outages: parts.outages?.() ?? 0,
    }),
    async close() {
      await settled()
      unsubscribe()
      await store.close?.()
    },
  }
}
