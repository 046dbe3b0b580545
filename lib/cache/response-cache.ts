import { AsyncLocalStorage } from 'node:async_hooks'
import { PagesError } from '../errors.js'
import type { ErrorInfo, Limits } from '../options.js'
import type { PageResponse } from '../page-response.js'
import { createBackOff } from './back-off.js'
import { toCachedPage, type CachedPage } from './cached-page.js'
import { entryBytes, isFresh, isServable, toEntry, type CacheEntry } from './entry.js'
import type { Governor } from './governor.js'
import type { PageMemory } from './memory.js'
import { createRevalidator } from './revalidator.js'
import type { CacheStore } from './store.js'
import { withinTime } from './time-limit.js'

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

/** What is asked for: the entry's key, and the mount path to serve it under. */
export interface PageKey {
  readonly key: string
  readonly basePath: string
  /** Produced without waiting for a turn: for the few pages that must be there when nothing else can be produced. */
  readonly isUrgent?: boolean
}

/** Produces the page; the reason is what `getStaticProps` is told. */
export type Render = (reason: 'stale' | 'on-demand') => Promise<PageResponse>

export interface ResponseCache {
  /** A page in memory that may be served, fresh or stale; nothing is loaded, nothing waits. */
  lookup(key: PageKey): CachedPage | undefined
  /** The page, whatever it takes: from memory, from the store, or produced once for all who wait. */
  serve(key: PageKey, render: Render): Promise<Served>
  /** Whether a servable page is in memory or in the store; nothing is produced. */
  has(key: PageKey): Promise<boolean>
  /** Refreshes a page behind the visitor who got a stale one. At most one refresh per key runs. */
  refreshBehind(key: string, render: Render): void
  /** Produces the page anew and resolves when the new one is in place. */
  revalidate(key: string, render: Render): Promise<CacheEntry>
  /** Tells the memory that a page's compressed forms have grown. */
  resize(key: PageKey, page: CachedPage): void
  /** Resolves when nothing runs behind requests any more. */
  settled(): Promise<void>
  stats(): { entries: number; bytes: number; rendering: number; refreshing: number }
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
  const refreshing = new Map<string, Promise<void>>()
  const writes = new Set<Promise<void>>()
  const backOff = createBackOff(now)
  const basePaths = new Set<string>()
  /** When the render began that an on-demand revalidation put in place: nothing older is that page any more. */
  const outdatedBefore = new Map<string, number>()
  // A static page must not see who asked for it: its render runs outside of every request's async context.
  const runApart = AsyncLocalStorage.snapshot()
  let clock = 0
  /** The youngest render whose result is in place, per key, while an older one may still be running. */
  const placed = new Map<string, number>()
  let running = 0

  function lookup({ key, basePath }: PageKey): CachedPage | undefined {
    const page = memory.get(memoryKey(key, basePath))
    return page !== undefined && isServable(page, now()) ? page : undefined
  }

  async function serve(pageKey: PageKey, render: Render): Promise<Served> {
    const { key } = pageKey
    const known = lookup(pageKey)
    if (known !== undefined) {
      const status = statusOf(known)
      if (status === 'stale') refreshBehind(key, render)
      return { page: known, status, collapsed: false, stored: true }
    }
    const pending = loading.get(key)
    const loaded = await (pending ?? load(pageKey, render))
    if (loaded.status === 'stale') refreshBehind(key, render)
    return {
      page: keep(pageKey, loaded),
      status: loaded.status,
      collapsed: pending !== undefined,
      stored: loaded.stored,
    }
  }

  async function has(pageKey: PageKey): Promise<boolean> {
    if (lookup(pageKey) !== undefined || loading.has(pageKey.key)) return true
    const entry = await fromStore(pageKey.key)
    if (entry === undefined) return false
    keep(pageKey, { entry, status: statusOf(entry), stored: true })
    return true
  }

  /** Loads or produces an entry, shared by all who ask for it meanwhile. */
  function load(pageKey: PageKey, render: Render): Promise<Loaded> {
    const { key } = pageKey
    const promise = fromStore(key)
      .then((entry) =>
        entry ? { entry, status: statusOf(entry), stored: true } : produceCold(pageKey, render),
      )
      .finally(() => {
        if (loading.get(key) === promise) loading.delete(key)
      })
    loading.set(key, promise)
    return promise
  }

  async function fromStore(key: string): Promise<CacheEntry | undefined> {
    try {
      const entry = await withinTime(store.get(key), limits.timeoutMs, key)
      // A store that could not be written has the page from before its revalidation.
      const isOutdated = entry !== undefined && entry.renderedAt < (outdatedBefore.get(key) ?? 0)
      return entry !== undefined && !isOutdated && isServable(entry, now()) ? entry : undefined
    } catch (error) {
      onError(error, { phase: 'store', pathname: key })
      return undefined
    }
  }

  async function produceCold({ key, isUrgent }: PageKey, render: Render): Promise<Loaded> {
    const task = () => produce(key, () => render('stale'))
    const { entry, stored } = await (isUrgent === true ? task() : governor.render(task))
    return { entry, status: 'miss', stored }
  }

  /** Runs a render with a time limit and puts its result in place, unless a younger render's is there. */
  async function produce(
    key: string,
    render: () => Promise<PageResponse>,
  ): Promise<{ entry: CacheEntry; stored: boolean }> {
    const turn = ++clock
    const renderedAt = now()
    running += 1
    try {
      const response = await withinTime(runApart(render), limits.timeoutMs, key)
      const entry = toEntry(response, renderedAt)
      if (entry === undefined)
        throw new PagesError(
          'PAGES_BUG',
          `The static page at \`${key}\` was produced for one visitor only. Please report this.`,
        )
      const stored = entryBytes(entry) <= limits.entryBytes
      if (turn >= (placed.get(key) ?? 0)) {
        placed.set(key, turn)
        if (stored) place(key, entry)
        else drop(key, entry)
      }
      backOff.forget(key)
      return { entry, stored }
    } finally {
      running -= 1
      if (running === 0) placed.clear()
    }
  }

  function place(key: string, entry: CacheEntry): void {
    // Mounts that have the page get the new one now; to the others it comes when it is asked for.
    for (const basePath of basePaths) {
      const memoryName = memoryKey(key, basePath)
      if (memory.get(memoryName) !== undefined) memory.set(memoryName, toCachedPage(entry, basePath))
    }
    track(write(key, entry), key)
  }

  /** A page that has grown too large to be kept: the one that was kept is not it any more. */
  function drop(key: string, entry: CacheEntry): void {
    for (const basePath of basePaths) memory.delete(memoryKey(key, basePath))
    forgetOlder(key, entry)
    track(store.delete(key), key)
  }

  function track(work: Promise<void>, key: string): void {
    const done = withinTime(work, limits.timeoutMs, key)
      .catch((error: unknown) => onError(error, { phase: 'store', pathname: key }))
      .finally(() => writes.delete(done))
    writes.add(done)
  }

  /** "Not found" is easy to ask for: it takes a place in the store only where it replaces a page. */
  async function write(key: string, entry: CacheEntry): Promise<void> {
    if (entry.type === 'not-found' && (await store.get(key)) === undefined) return
    await store.set(key, entry)
  }

  /** The loaded entry under the asker's mount path; the first who asks makes it, the others find it. */
  function keep(pageKey: PageKey, { entry, stored }: Loaded): CachedPage {
    const name = memoryKey(pageKey.key, pageKey.basePath)
    const known = memory.get(name)
    if (known !== undefined && known.renderedAt >= entry.renderedAt) return known
    const page = toCachedPage(entry, pageKey.basePath)
    if (stored && knowsBasePath(pageKey.basePath)) memory.set(name, page)
    return page
  }

  function knowsBasePath(basePath: string): boolean {
    if (basePaths.size < LARGEST_BASE_PATHS) basePaths.add(basePath)
    return basePaths.has(basePath)
  }

  function refreshBehind(key: string, render: Render): void {
    if (refreshing.has(key) || backOff.isWaiting(key)) return
    const refresh = governor.refresh(() => produce(key, () => render('stale')))
    if (refresh === undefined) return
    const done = refresh
      .then(
        () => undefined,
        (error: unknown) => {
          backOff.failed(key)
          onError(error, { phase: 'refresh', pathname: key })
        },
      )
      .finally(() => refreshing.delete(key))
    refreshing.set(key, done)
  }

  const revalidate = createRevalidator(async (key: string, render: Render) => {
    const { entry, stored } = await produce(key, () => render('on-demand'))
    forgetOlder(key, entry)
    const [basePath = ''] = basePaths
    keep({ key, basePath }, { entry, stored, status: 'hit' })
    // In place means in the store too: another process, or this one after a restart, must not find the old page.
    await Promise.all(writes)
    return entry
  })

  function forgetOlder(key: string, { renderedAt }: CacheEntry): void {
    // Who asks from now on joins no load that may end with the page from before.
    loading.delete(key)
    outdatedBefore.delete(key)
    outdatedBefore.set(key, renderedAt)
    if (outdatedBefore.size > LARGEST_OUTDATED) outdatedBefore.delete(outdatedBefore.keys().next().value!)
  }

  function statusOf(entry: CachedPage | CacheEntry): CacheStatus {
    return isFresh(entry, now()) ? 'hit' : 'stale'
  }

  return {
    lookup,
    serve,
    has,
    refreshBehind,
    revalidate,
    resize: ({ key, basePath }, page) => memory.resize(memoryKey(key, basePath), page),
    async settled() {
      while (refreshing.size + writes.size + loading.size > 0)
        await Promise.allSettled([...refreshing.values(), ...writes, ...loading.values()])
    },
    stats: () => ({
      entries: memory.entries,
      bytes: memory.bytes,
      rendering: loading.size,
      refreshing: refreshing.size,
    }),
  }
}

/** Mount paths whose pages are kept in memory; hosts with a parameter in the mount path have as many as visitors like. */
const LARGEST_BASE_PATHS = 100

/** Revalidations remembered at a time; the oldest is forgotten first. */
const LARGEST_OUTDATED = 10_000

/** Keys are canonical paths and hold no NUL, so two pairs never share a name. */
function memoryKey(key: string, basePath: string): string {
  return basePath === '' ? key : `${basePath}\0${key}`
}
