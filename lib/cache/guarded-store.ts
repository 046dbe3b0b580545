import { PagesError, toReason } from '../errors.js'
import { createBreaker } from './breaker.js'
import { DeadlineError, withDeadline } from './deadline.js'
import { grantLease, type CacheStore, type Mark } from './store.js'

/** A store behind a deadline and a breaker. */
export interface GuardedStore extends CacheStore {
  /** Whether the store is not being asked at the moment. */
  readonly isOpen: boolean
  /** How often it has failed so often that it was not asked any more. */
  readonly outages: number
}

/** What takes a page out of a visitor's way may take longer than what a visitor waits for. */
const WRITE_TIMEOUT = 2_000
const READ_TIMEOUT = 500
const COMPLAIN_EVERY = 60_000
const SEND_AGAIN_AFTER = 1_000
/** Invalidations that wait for the store to come back; the oldest is forgotten first. */
const LARGEST_OUTBOX = 10_000

/**
 * Makes a store that may hang or fail one that never does either: a question that is not answered in time is a miss,
 * after a few of them the store is left alone, and is used again when it answers again. Invalidations that did not reach
 * it are sent when it is back.
 */
export function createGuardedStore(store: CacheStore, onError: (error: unknown) => void): GuardedStore {
  const readTimeout = store.timeoutMs ?? READ_TIMEOUT
  const writeTimeout = Math.max(readTimeout, WRITE_TIMEOUT)
  const outbox = new Map<string, { mark: Mark; clock: number }>()
  const breaker = createBreaker((isOpen) => {
    if (isOpen) outages += 1
    else sendOutbox()
  })
  let outages = 0
  let complainedAt = -Infinity
  /** A visitor has several questions, and waits in vain for one of them only. */
  let silentUntil = -Infinity
  let sending: NodeJS.Timeout | undefined

  /** Asks the store, and puts up with no answer. */
  async function ask<T>(question: () => Promise<T>, fallback: T, isRead: boolean): Promise<T> {
    const timeoutMs = isRead ? readTimeout : writeTimeout
    if (breaker.isOpen) {
      // Nobody waits for the answer that shows whether it is back.
      if (breaker.mayProbe()) attempt(question, timeoutMs).catch(complain)
      return fallback
    }
    if (isRead && performance.now() < silentUntil) return fallback
    try {
      return await attempt(question, timeoutMs)
    } catch (error) {
      if (isRead && error instanceof DeadlineError) silentUntil = performance.now() + readTimeout
      complain(error)
      return fallback
    }
  }

  async function attempt<T>(question: () => Promise<T>, timeoutMs: number): Promise<T> {
    const asked = performance.now()
    try {
      const answer = await withDeadline(question(), timeoutMs)
      // Soon enough for a write may be too late for a visitor, who would wait in vain again.
      if (timeoutMs === readTimeout || performance.now() - asked <= readTimeout) breaker.succeeded()
      return answer
    } catch (error) {
      breaker.failed()
      throw error
    }
  }

  function complain(error: unknown): void {
    if (performance.now() - complainedAt < COMPLAIN_EVERY) return
    complainedAt = performance.now()
    onError(storeUnavailable(error))
  }

  function keepForLater(mark: Mark): void {
    outbox.set(`${mark.isSoft ? 'soft' : 'hard'} ${mark.name}`, { mark, clock: clockError() })
    if (outbox.size > LARGEST_OUTBOX) outbox.delete(outbox.keys().next().value!)
    sending ??= setTimeout(sendOutbox, SEND_AGAIN_AFTER).unref()
  }

  function sendOutbox(): void {
    clearTimeout(sending)
    sending = undefined
    const kept = [...outbox.values()]
    outbox.clear()
    for (const { mark, clock } of kept) {
      // The store takes it in the time of now, and the clock may have been put to another meanwhile.
      const moved = { ...mark, before: mark.before + Math.round(clockError() - clock) }
      attempt(() => store.invalidate(moved), writeTimeout).catch(() => keepForLater(moved))
    }
  }

  return {
    get: (key) => ask(() => store.get(key), undefined, true),
    set: (key, entry) => ask(() => store.set(key, entry), undefined, false),
    delete: (key) => ask(() => store.delete(key), undefined, false),
    lease: (key, milliseconds) => leaseOf(key, milliseconds),
    async invalidate(invalidation) {
      const { name, isSoft, before = Date.now() + 1 } = invalidation
      try {
        return await attempt(() => store.invalidate(invalidation), writeTimeout)
      } catch (error) {
        keepForLater({ name, isSoft, before })
        throw storeUnavailable(error)
      }
    },
    subscribe: (listener) => store.subscribe(listener),
    async ready() {
      await withDeadline(Promise.resolve(store.ready?.()), READ_TIMEOUT).catch(() => undefined)
    },
    async close() {
      clearTimeout(sending)
      await withDeadline(Promise.resolve(store.close?.()), writeTimeout).catch(() => undefined)
    },
    get isOpen() {
      return breaker.isOpen
    },
    get outages() {
      return outages
    },
  }

  /** Without the store nobody knows who else is at it: everybody may. */
  async function leaseOf(key: string, milliseconds: number) {
    let isGivenUp = false
    const question = async () => {
      const lease = await store.lease(key, milliseconds)
      // Granted when nobody waits for it any more: it would keep others from the page for as long as it lasts.
      if (isGivenUp) void lease?.release().catch(complain)
      return lease
    }
    const lease = await ask<Awaited<ReturnType<typeof grantLease>> | undefined | 'none'>(
      question,
      'none',
      true,
    )
    if (lease === 'none') {
      isGivenUp = true
      return grantLease()
    }
    return lease && { release: () => ask(() => lease.release(), undefined, false) }
  }
}

/** How far the clock is from one that nobody can put back. */
function clockError(): number {
  return Date.now() - performance.now()
}

/** The store of cached pages is away. Visitors notice nothing of it. */
function storeUnavailable(cause: unknown): PagesError {
  return new PagesError(
    'PAGES_STORE',
    `The store of cached pages cannot be used: ${toReason(cause)} Pages are served from memory and produced anew until it is back, and what was invalidated here is sent to it then. See that it runs and can be reached.`,
    { cause },
  )
}
