import { toCached, type Cached } from './cached-page.js'
import { isServable, type CacheEntry } from './entry.js'
import { isValueKey, toOwnText } from './key.js'
import type { Marks } from './marks.js'
import type { PageMemory } from './memory.js'

/** What is asked for: the entry's key, the mount path to serve it under, and the page's place in the site. */
export interface PageKey {
  readonly key: string
  readonly basePath: string
  /** The page's route, e.g. `/blog/[slug]`; without one, no invalidation but that of its key reaches the page. */
  readonly route?: string
  /** The canonical pathname, where the page has one of its own. */
  readonly path?: string
  /** Search parameters make other pages of it. */
  readonly isByQuery?: true
  /** Produced without waiting for a turn: for the few pages that must be there when nothing else can be produced. */
  readonly isUrgent?: boolean
  /** Produced without a turn of its own, as part of what has one. */
  readonly isPart?: true
  /** Lives for seconds: not worth a place in a store that nobody else looks into. */
  readonly isBrief?: true
}

/** The same for whoever keeps something of it for longer than a request. */
export function toOwnKey(pageKey: PageKey): PageKey {
  const key = toOwnText(pageKey.key)
  const { path } = pageKey
  if (path === undefined) return { ...pageKey, key }
  return { ...pageKey, key, path: path === pageKey.key ? key : toOwnText(path) }
}

/** Pages of this process as they can be sent, one copy for each mount path, none of which has been invalidated. */
export interface PageTable {
  /** A page that may be served, fresh or stale. */
  find(key: string, basePath: string): Cached | undefined
  /** The entry under the asker's mount path; the first who asks makes it, the others find it. */
  keep(key: PageKey, entry: CacheEntry, isKept: boolean): Cached
  /** Mounts that have the page get the new one now; to the others it comes when it is asked for. */
  replace(key: string, entry: CacheEntry): void
  delete(key: string): void
  /** The copy that one of the mount paths has, whatever became of it. */
  peek(key: string): Cached | undefined
  resize(key: PageKey, page: Cached): void
  /** A mount path that pages are kept for. */
  firstBasePath(): string
}

export interface PageTableParts {
  readonly memory: PageMemory
  readonly marks: Marks
  readonly now: () => number
  /** Milliseconds that have passed, whatever becomes of the clock. */
  readonly elapsed: () => number
}

export function createPageTable({ memory, marks, now, elapsed }: PageTableParts): PageTable {
  const basePaths = new Set<string>()

  function find(key: string, basePath: string): Cached | undefined {
    const name = memoryKey(key, basePath)
    const page = memory.get(name)
    if (page === undefined) return undefined
    if (page.marksVersion !== marks.version && !isAllowed(page, name, key)) return undefined
    if (page.freshUntil !== undefined) age(page, page.freshUntil)
    return isServable(page, now()) ? page : undefined
  }

  function toPage(entry: CacheEntry, basePath: string): Cached {
    const page = toCached(entry, basePath)
    if (page.staleAt !== Infinity) page.freshUntil = elapsed() + page.staleAt - now()
    return page
  }

  /** The clock was put back, or stands still: by it, the page would be fresh for longer than it may be. */
  function age(page: Cached, freshUntil: number): void {
    const tooLong = page.staleAt - now() - (freshUntil - elapsed())
    if (tooLong > CLOCK_TOLERANCE)
      Object.assign(page, { staleAt: page.staleAt - tooLong, expiresAt: page.expiresAt - tooLong })
  }

  /** Compares a page with marks that are newer than its last comparison. */
  function isAllowed(page: Cached, name: string, key: string): boolean {
    page.marksVersion = marks.version
    const state = marks.stateOf(key, page)
    if (state === 'hard') memory.delete(name)
    if (state === 'soft') Object.assign(page, { staleAt: Math.min(page.staleAt, now()) })
    return state !== 'hard'
  }

  function knowsBasePath(basePath: string): boolean {
    if (basePaths.has(basePath)) return true
    if (basePaths.size >= LARGEST_BASE_PATHS) return false
    basePaths.add(toOwnText(basePath))
    return true
  }

  /** What a function returned is the same below every mount path. */
  const pathsOf = (key: string): Iterable<string> => (isValueKey(key) ? [''] : basePaths)

  return {
    find,
    keep({ key, basePath }, entry, isKept) {
      const name = memoryKey(key, basePath)
      const known = memory.get(name)
      if (known !== undefined && known.renderedAt >= entry.renderedAt) return known
      const page = toPage(entry, basePath)
      if (isKept && (isValueKey(key) || knowsBasePath(basePath))) memory.set(name, page)
      return page
    },
    replace(key, entry) {
      for (const basePath of pathsOf(key)) {
        const name = memoryKey(key, basePath)
        if (memory.get(name) !== undefined) memory.set(name, toPage(entry, basePath))
      }
    },
    delete(key) {
      for (const basePath of pathsOf(key)) memory.delete(memoryKey(key, basePath))
    },
    peek(key) {
      for (const basePath of pathsOf(key)) {
        const page = memory.peek(memoryKey(key, basePath))
        if (page !== undefined) return page
      }
      return undefined
    },
    firstBasePath: () => basePaths.values().next().value ?? '',
    resize: ({ key, basePath }, page) => memory.resize(memoryKey(key, basePath), page),
  }
}

/** Two clocks are never read at one moment. */
const CLOCK_TOLERANCE = 100

/** Mount paths whose pages are kept in memory; hosts with a parameter in the mount path have as many as visitors like. */
const LARGEST_BASE_PATHS = 100

/** Keys hold no NUL before their first slash, and mount paths none at all, so two pairs never share a name. */
function memoryKey(key: string, basePath: string): string {
  return basePath === '' ? key : `${basePath}\0${key}`
}
