import type { DataBody } from '../protocol/payload.js'

/** How many answers are kept. */
const MAX_KEPT = 50
/**
 * The longest that an answer is used again without asking, in seconds. A page that is fresh for a year may still be
 * revalidated by the site, and an open tab should hear of it soon.
 */
const MAX_SECONDS = 30

export interface FreshData {
  /** An answer that need not be asked for again yet. */
  get(url: string): DataBody | undefined
  keep(url: string, body: DataBody, seconds: number): void
}

/** Answers that are as good as new, for a while. */
export function createFreshData(): FreshData {
  const kept = new Map<string, { body: DataBody; until: number }>()
  return {
    get(url) {
      const known = kept.get(url)
      return known && known.until > Date.now() ? known.body : undefined
    },
    keep(url, body, seconds) {
      kept.delete(url)
      kept.set(url, { body, until: Date.now() + seconds * 1000 })
      if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value!)
    },
  }
}

/**
 * For how many seconds a shared cache would use this answer, and so may a visitor, up to a limit. One second is what
 * stale pages say, too.
 */
export function freshSeconds(headers: Headers): number {
  const seconds = Number(/\bs-maxage=(\d+)/.exec(headers.get('Cache-Control') ?? '')?.[1])
  return seconds > 1 ? Math.min(seconds, MAX_SECONDS) : 0
}
