import type { Cached } from './cached-page.js'
import type { EntryOrigin } from './entry.js'

type NotFound = Extract<Cached, { type: 'not-found' }>

/**
 * "Not found" results, bounded in number; those used last stay. Each takes little more than its name: strangers can ask
 * for any number of paths that lead nowhere. What is handed out is a copy, and what is written on it is lost.
 */
export interface NotFoundPool {
  get(name: string): NotFound | undefined
  /** The same without counting as use. */
  peek(name: string): NotFound | undefined
  set(name: string, page: NotFound): void
  delete(name: string): void
  clear(): void
  readonly size: number
}

/** `renderedAt`, `staleAt`, `expiresAt`, `freshUntil`. */
const TIMES = 4
const FIRST_CAPACITY = 64

/** @param largestSize at least 1 */
export function createNotFoundPool(largestSize: number): NotFoundPool {
  /** Where a result's times and origin are; in the order of use. */
  const places = new Map<string, number>()
  /** Goes through the names as they grow old. One that begins anew each time would pass by all that has been removed. */
  let aging = places.keys()
  let times = new Float64Array(TIMES * Math.min(FIRST_CAPACITY, largestSize))
  /** The route alone where the rest follows from the name. */
  let origins: (EntryOrigin | string | undefined)[] = []
  const free: number[] = []

  function takePlace(): number {
    const place = free.pop() ?? places.size
    if (TIMES * place >= times.length) {
      const grown = new Float64Array(TIMES * Math.min(largestSize, 2 * place))
      grown.set(times)
      times = grown
    }
    return place
  }

  function oldest(): string {
    const next = aging.next()
    if (next.done !== true) return next.value
    aging = places.keys()
    return aging.next().value!
  }

  function remove(name: string): void {
    const place = places.get(name)
    if (place === undefined) return
    places.delete(name)
    origins[place] = undefined
    free.push(place)
  }

  function read(name: string, place: number): NotFound {
    const [renderedAt, staleAt, expiresAt, freshUntil] = times.subarray(TIMES * place) as unknown as number[]
    const kept = origins[place]
    const origin = typeof kept === 'string' ? { route: kept, path: pathOf(name), tags: [] } : kept
    return {
      type: 'not-found',
      renderedAt: renderedAt!,
      staleAt: staleAt!,
      expiresAt: expiresAt!,
      ...(!Number.isNaN(freshUntil) && { freshUntil: freshUntil! }),
      ...(origin !== undefined && { origin }),
    }
  }

  return {
    get(name) {
      const place = places.get(name)
      if (place === undefined) return undefined
      places.delete(name)
      places.set(name, place)
      return read(name, place)
    },
    peek(name) {
      const place = places.get(name)
      return place === undefined ? undefined : read(name, place)
    },
    set(name, { renderedAt, staleAt, expiresAt, freshUntil = NaN, origin }) {
      remove(name)
      if (places.size >= largestSize) remove(oldest())
      const place = takePlace()
      places.set(name, place)
      times.set([renderedAt, staleAt, expiresAt, freshUntil], TIMES * place)
      origins[place] = origin !== undefined && followsFrom(name, origin) ? origin.route : origin
    },
    delete: remove,
    clear() {
      places.clear()
      free.length = 0
      origins = []
    },
    get size() {
      return places.size
    },
  }
}

/** A name in memory is a key, behind a mount path and NUL where there is one; a page's key is its path. */
function pathOf(name: string): string {
  return name.slice(name.indexOf('\0') + 1)
}

function followsFrom(name: string, { route, path, tags, isByQuery }: EntryOrigin): boolean {
  return route !== undefined && path === pathOf(name) && tags.length === 0 && isByQuery === undefined
}
