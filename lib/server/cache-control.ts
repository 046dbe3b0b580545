import { isFresh } from '../cache/entry.js'

/** What a response for one visitor says. */
export const PRIVATE_CACHE_CONTROL = 'private, no-cache, no-store, max-age=0, must-revalidate'

/** What every page says in development. */
export const DEVELOPMENT_CACHE_CONTROL = 'no-store, must-revalidate'

/** Seconds of a year: for HTTP, for ever. */
const FOR_EVER = 31_536_000

/** The times of an entry that its header is made of. */
export interface Lifespan {
  readonly staleAt: number
  readonly expiresAt: number
  /** When it was rendered; ahead of now, a clock was put back, and nothing is known of its age. */
  readonly renderedAt?: number
}

/**
 * The header that states what is left of an entry's life. There is no `Age` beside it: what is left is already in
 * `s-maxage`. A stale answer gets one second, so that a CDN does not keep it a whole period more.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.10
 * @see https://www.rfc-editor.org/rfc/rfc5861#section-3
 */
export function toCacheControl(
  { staleAt, expiresAt, renderedAt = -Infinity }: Lifespan,
  now: number,
): string {
  if (staleAt === Infinity) return `s-maxage=${FOR_EVER}`
  const left = isFresh({ staleAt, renderedAt }, now) ? Math.floor((staleAt - now) / 1000) : 0
  const secondsLeft = Math.max(1, left)
  // A page that is never due becomes stale, too, when it is softly invalidated.
  const staleSeconds = Math.min(FOR_EVER, Math.floor((expiresAt - Math.max(staleAt, now)) / 1000))
  return staleSeconds > 0
    ? `s-maxage=${secondsLeft}, stale-while-revalidate=${staleSeconds}`
    : `s-maxage=${secondsLeft}`
}

/** How a request was answered, in the words of RFC 9211. */
export interface CacheOutcome {
  readonly status: 'hit' | 'stale' | 'miss'
  readonly stored: boolean
  readonly collapsed: boolean
}

/** @see https://www.rfc-editor.org/rfc/rfc9211#section-2 */
export function toCacheStatus(
  { status, stored, collapsed }: CacheOutcome,
  staleAt: number,
  now: number,
): string {
  if (status === 'hit') return 'pagepress; hit'
  if (status === 'stale') return `pagepress; hit; ttl=${Math.min(-1, Math.floor((staleAt - now) / 1000))}`
  return `pagepress; fwd=uri-miss${stored ? '; stored' : ''}${collapsed ? '; collapsed' : ''}`
}

/** A page that is produced for every request. */
export const BYPASS_CACHE_STATUS = 'pagepress; fwd=bypass'
