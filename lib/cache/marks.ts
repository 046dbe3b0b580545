import type { CacheEntry } from './entry.js'
import type { Mark } from './store.js'

/**
 * What this process knows of invalidations. An entry bears a few names (its key, path, route, tags, the prefixes of its
 * path), and each name has the time before which it is outdated: to invalidate a hundred thousand pages is to note one
 * time. Pages look it up when they are next asked for, once for each change of the table.
 */
export interface Marks {
  /** Grows with every change, so that a page which was looked up need not be again until then. */
  readonly version: number
  /** Notes a mark; answers whether it says anything new. */
  add(mark: Mark): boolean
  /** Whether an entry is outdated: `'hard'`, it may not be served; `'soft'`, it is stale. */
  stateOf(key: string, entry: Marked): MarkState
  /** The time for a render that starts now: after everything that has been invalidated. */
  startTime(): number
  /** Renders that start from now on have a later time than all that have started, even within one millisecond. */
  separate(): void
  /** The time of an invalidation that comes now: after every render that has started. */
  timeOfNow(): number
}

export type MarkState = 'hard' | 'soft' | undefined

type Marked = Pick<CacheEntry, 'renderedAt' | 'origin'>

/** How far a render's time is moved to lie after a mark: a mark from a clock that is wrong by more is not believed. */
const LONGEST_MOVE = 1_000

export function createMarks(now: () => number, largestSize = LARGEST_SIZE): Marks {
  const hard = new Map<string, number>()
  const soft = new Map<string, number>()
  /** Marks that were forgotten, folded into one: older entries count as stale, and are produced anew. */
  let forgottenBefore = -Infinity
  let newest = -Infinity
  let version = 0
  let lastStart = -Infinity

  function isBefore(table: ReadonlyMap<string, number>, name: string, { renderedAt }: Marked): boolean {
    const time = table.get(name)
    // From the future: rendered before the clock was put back, and nobody knows whether before the mark.
    return time !== undefined && (renderedAt < time || renderedAt > now() + LONGEST_MOVE)
  }

  function isMarked(table: ReadonlyMap<string, number>, key: string, entry: Marked): boolean {
    if (table.size === 0) return false
    if (isBefore(table, `key:${key}`, entry)) return true
    const { origin } = entry
    if (origin === undefined) return false
    if (origin.route !== undefined && isBefore(table, `route:${origin.route}`, entry)) return true
    if (origin.tags.some((tag) => isBefore(table, `tag:${tag}`, entry))) return true
    const { path } = origin
    if (path === undefined) return false
    if (isBefore(table, `path:${path}`, entry) || isBefore(table, 'prefix:/', entry)) return true
    for (let end = path.indexOf('/', 1); end !== -1; end = path.indexOf('/', end + 1))
      if (isBefore(table, `prefix:${path.slice(0, end)}`, entry)) return true
    return isBefore(table, `prefix:${path}`, entry)
  }

  /** The clock was put back: marks that now lie in the future would outdate every page that is rendered until then. */
  function noticeClock(): void {
    const latest = now() + LONGEST_MOVE
    if (newest <= latest && lastStart <= latest) return
    for (const table of [hard, soft])
      for (const [name, time] of table) if (time > latest) table.set(name, now() + 1)
    newest = Math.min(newest, now() + 1)
    forgottenBefore = Math.min(forgottenBefore, now() + 1)
    lastStart = Math.min(lastStart, now())
    version += 1
  }

  return {
    get version() {
      return version
    },
    add({ name, before: given, isSoft }) {
      // Stores lie. Every comparison with it would fail from now on, and with all times that follow it.
      if (Number.isNaN(given)) return false
      // Told by a clock that was put back since: what is from before that must be compared once more.
      if (given > now() + LONGEST_MOVE) noticeClock()
      const before = Math.min(given, now() + LONGEST_MOVE)
      const table = isSoft ? soft : hard
      if ((table.get(name) ?? -Infinity) >= before) return false
      table.delete(name)
      table.set(name, before)
      newest = Math.max(newest, before)
      if (table.size > largestSize) {
        const [oldest, time] = table.entries().next().value!
        table.delete(oldest)
        forgottenBefore = Math.max(forgottenBefore, time)
      }
      version += 1
      return true
    },
    stateOf(key, entry) {
      if (entry.renderedAt >= newest && entry.renderedAt <= now() + LONGEST_MOVE) return undefined
      if (isMarked(hard, key, entry)) return 'hard'
      return isMarked(soft, key, entry) || entry.renderedAt < forgottenBefore ? 'soft' : undefined
    },
    startTime() {
      noticeClock()
      const time = Math.min(Math.max(now(), newest), now() + LONGEST_MOVE)
      lastStart = Math.max(lastStart, time)
      return time
    },
    separate() {
      noticeClock()
      newest = Math.max(newest, Math.min(lastStart, now() + LONGEST_MOVE - 1) + 1)
    },
    // Two invalidations may fall into one millisecond, and a whole render between them.
    timeOfNow() {
      noticeClock()
      return Math.min(Math.max(now(), lastStart, newest), now() + LONGEST_MOVE - 1) + 1
    },
  }
}

/** Names whose marks are remembered, hard and soft each; the oldest are forgotten first. */
const LARGEST_SIZE = 100_000
