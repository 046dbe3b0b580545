import { AsyncLocalStorage } from 'node:async_hooks'
import { PagesError } from '../errors.js'
import type { ErrorInfo, Limits } from '../options.js'
import { entryBytes, toEntry, type CacheEntry, type EntryOrigin } from './entry.js'
import { createPace, nextTurnIfLarge } from './loop.js'
import type { Marks } from './marks.js'
import type { CacheObserver } from './observer.js'
import type { PageKey, PageTable } from './page-table.js'
import type { Produce } from './response-cache.js'
import { grantLease, type CacheStore } from './store.js'
import { withinTime } from './time-limit.js'

export interface Produced {
  readonly entry: CacheEntry
  readonly stored: boolean
  /** Resolves when the store has it, or could not take it. */
  readonly written: Promise<void>
}

/** Renders pages and puts the results in place: in memory at once, in the store behind. */
export interface PageMaker {
  /** Runs a render with a time limit and puts its result in place, unless a younger render's is there. */
  make(key: PageKey, render: () => ReturnType<Produce>): Promise<Produced>
  /** Resolves when all that has been put in place is written. */
  readonly writes: ReadonlySet<Promise<void>>
}

export interface PageMakerParts {
  readonly store: CacheStore
  readonly table: PageTable
  readonly marks: Marks
  readonly observer: CacheObserver
  readonly limits: Pick<Limits, 'entryBytes' | 'timeoutMs'>
  readonly now: () => number
  readonly onError: (error: unknown, info: ErrorInfo) => void
}

/** Renders that may begin in one turn of the event loop; a list of paths to be revalidated is long. */
const BEGUN_PER_TURN = 4

export function createPageMaker(parts: PageMakerParts): PageMaker {
  const { store, table, marks, observer, limits, now, onError } = parts
  const writes = new Set<Promise<void>>()
  // A static page must not see who asked for it: its render runs outside of every request's async context.
  const runApart = AsyncLocalStorage.snapshot()
  let clock = 0
  /** The youngest render whose result is in place, per key, while an older one may still be running. */
  const placed = new Map<string, number>()
  let running = 0
  const pace = createPace(BEGUN_PER_TURN)

  async function make(pageKey: PageKey, render: () => ReturnType<Produce>): Promise<Produced> {
    const { key, isBrief = false, ...place } = pageKey
    // What is part of a page begins with it.
    const begin = pageKey.isPart === true ? undefined : pace.next()
    if (begin !== undefined) await begin
    const turn = ++clock
    const started = performance.now()
    const renderedAt = marks.startTime()
    // The order of renders may run ahead of the clock; how long a page stays fresh is a matter of the clock alone.
    const began = Math.min(renderedAt, now())
    running += 1
    try {
      const response = await withinTime(runApart(render), limits.timeoutMs, key)
      const rest = nextTurnIfLarge(sizeOf(response))
      if (rest !== undefined) await rest
      const made = toEntry(response, began, toPlace(place))
      const entry = made === undefined || began === renderedAt ? made : { ...made, renderedAt }
      if (entry === undefined)
        throw new PagesError(
          'PAGES_BUG',
          `The static page at \`${key}\` was produced for one visitor only. Please report this.`,
        )
      observer.saw('produced', key, { milliseconds: performance.now() - started })
      const stored = entryBytes(entry) <= limits.entryBytes
      let written = Promise.resolve()
      // What was invalidated while it was being produced is for those who asked before.
      const isCurrent = marks.stateOf(key, entry) !== 'hard'
      if (isCurrent && turn >= (placed.get(key) ?? 0)) {
        placed.set(key, turn)
        written = stored ? put(key, entry, isBrief) : drop(key, entry, isBrief)
      }
      return { entry, stored: stored && isCurrent, written }
    } finally {
      running -= 1
      if (running === 0) placed.clear()
    }
  }

  function put(key: string, entry: CacheEntry, isBrief: boolean): Promise<void> {
    table.replace(key, entry)
    if (isBrief && store.lease === grantLease) return Promise.resolve()
    return track(write(key, entry), key)
  }

  /** A page that has grown too large to be kept: the one that was kept is not it any more. */
  function drop(key: string, entry: CacheEntry, isBrief: boolean): Promise<void> {
    table.delete(key)
    // What others still have, they have until it is due: there is no build that it could come back from.
    if (entry.type === 'value' || isBrief) return track(store.delete(key), key)
    const mark = { name: `key:${key}`, before: entry.renderedAt, isSoft: false }
    marks.add(mark)
    // What the build made of it lies under the store, and must not come back.
    const gone = store.delete(key).then(() => store.invalidate(mark))
    return track(gone.then(ignore), key)
  }

  function track(work: Promise<void>, key: string): Promise<void> {
    const done = withinTime(work, limits.timeoutMs, key)
      .catch((error: unknown) => onError(error, { phase: 'store', pathname: key }))
      .finally(() => writes.delete(done))
    writes.add(done)
    return done
  }

  /** "Not found" is easy to ask for: it takes a place in the store only where it replaces a page. */
  async function write(key: string, entry: CacheEntry): Promise<void> {
    if (entry.type === 'not-found' && (await store.get(key)) === undefined) return
    await store.set(key, entry)
  }

  return { make, writes }
}

/** Bytes of the larger part of what was produced; what is neither of the two is small. */
function sizeOf(response: Awaited<ReturnType<Produce>>): number {
  const bytes = response.type === 'page' ? response.document : response.type === 'handler' && response.body
  return Buffer.isBuffer(bytes) ? bytes.length : 0
}

function toPlace({ route, path, isByQuery }: Omit<PageKey, 'key'>): Omit<EntryOrigin, 'tags'> | undefined {
  if (route === undefined) return undefined
  return { route, ...(path !== undefined && { path }), ...(isByQuery && { isByQuery }) }
}

function ignore(): void {}
