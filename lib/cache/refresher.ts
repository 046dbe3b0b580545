import { propertyOf } from '../errors.js'
import type { ErrorInfo } from '../options.js'
import { createBackOff } from './back-off.js'
import { isFresh, type CacheEntry } from './entry.js'
import type { Governor } from './governor.js'
import type { CacheObserver } from './observer.js'
import type { PageMaker } from './page-maker.js'
import { toOwnKey, type PageKey, type PageTable } from './page-table.js'
import type { RefreshLeases } from './refresh-leases.js'
import type { Produce } from './response-cache.js'

/** Refreshes pages behind the visitors who got a stale one: one refresh of a page at a time, in the whole fleet. */
export interface Refresher {
  refreshBehind(key: PageKey, render: Produce): void
  /** Refreshes what the asker does not want stale, as part of the asker's turn; resolves however that ends. */
  refreshNow(key: PageKey, render: Produce): Promise<void>
  isBackingOff(key: string): boolean
  /** A page has been produced: earlier failures count no more. */
  succeeded(key: string): void
  readonly refreshing: ReadonlyMap<string, Promise<void>>
}

export interface RefresherParts {
  readonly governor: Governor
  readonly leases: RefreshLeases
  readonly maker: PageMaker
  readonly table: PageTable
  readonly observer: CacheObserver
  /** What the store has of a page, if it may be served. */
  readonly fromStore: (key: string) => Promise<CacheEntry | undefined>
  readonly now: () => number
  readonly elapsed: () => number
  readonly onError: (error: unknown, info: ErrorInfo) => void
}

/** Milliseconds after which a page that another machine refreshes is looked for in the store. */
const NEXT_LOOK = 200

export function createRefresher(parts: RefresherParts): Refresher {
  const { governor, leases, maker, table, observer, fromStore, now, elapsed, onError } = parts
  const refreshing = new Map<string, Promise<void>>()
  // Machines that share a data source do not come back to it in step.
  const backOff = createBackOff(elapsed, leases.areShared ? () => Math.random() / 10 : undefined)

  function refreshBehind(pageKey: PageKey, render: Produce): void {
    if (refreshing.has(pageKey.key) || backOff.isWaiting(pageKey.key)) return
    const ownKey = toOwnKey(pageKey)
    const refresh = governor.refresh(() => refreshOnce(ownKey, render), ownKey.route)
    if (refresh !== undefined) void follow(ownKey.key, refresh)
  }

  function refreshNow(pageKey: PageKey, render: Produce): Promise<void> {
    const { key } = pageKey
    const running = refreshing.get(key)
    if (running !== undefined) return running
    return backOff.isWaiting(key) ? Promise.resolve() : follow(key, refreshOnce(pageKey, render))
  }

  /** Waits for a refresh, and draws the conclusions of its failure. */
  function follow(key: string, refresh: Promise<void>): Promise<void> {
    const done = refresh
      .catch((error: unknown) => {
        backOff.failed(key)
        if (propertyOf(error, 'code') === 'PAGES_KEPT') return observer.saw('kept', key)
        observer.saw('failed', key, { error })
        onError(error, { phase: 'refresh', pathname: key })
      })
      .finally(() => refreshing.delete(key))
    refreshing.set(key, done)
    return done
  }

  /** A store that has lost what it was given last has pages from before, which say that they are fresh. */
  function isOlder(key: string, { renderedAt }: CacheEntry): boolean {
    const known = table.peek(key)
    // One from the future was rendered while a clock was wrong.
    return known !== undefined && known.renderedAt > renderedAt && known.renderedAt <= now()
  }

  async function refreshOnce(pageKey: PageKey, render: Produce): Promise<void> {
    const { key } = pageKey
    const started = performance.now()
    const lease = leases.areShared ? await leases.forRefresh(key) : undefined
    try {
      const others = leases.areShared ? await fromStore(key) : undefined
      if (others !== undefined && isFresh(others, now()) && !isOlder(key, others))
        return table.replace(key, others)
      // Somebody else produces it: the next visitors ask whether it is there.
      if (leases.areShared && lease === undefined) return backOff.pause(key, NEXT_LOOK)
      const { written } = await maker.make(pageKey, () => render('stale'))
      backOff.forget(key)
      observer.saw('refreshed', key, { milliseconds: performance.now() - started })
      // The next one who gets the lease finds the page.
      if (lease !== undefined) await written
    } finally {
      await lease?.release().catch(ignore)
    }
  }

  return { refreshBehind, refreshNow, isBackingOff: backOff.isWaiting, succeeded: backOff.forget, refreshing }
}

function ignore(): void {}
