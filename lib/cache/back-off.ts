/** Remembers which pages failed to refresh, so that a failing data source is not asked at every visit. */
export interface BackOff {
  isWaiting(key: string): boolean
  /** Waits longer after each failure in a row. */
  failed(key: string): void
  /** Waits once, for a time: nothing has failed. */
  pause(key: string, milliseconds: number): void
  forget(key: string): void
}

const FIRST_WAIT = 3_000
const LONGEST_WAIT = 30_000
/** Failures remembered at a time; the oldest is forgotten first. */
const LARGEST_SIZE = 10_000

/**
 * @param jitter adds up to a part of the wait, so that pages that failed together are not tried together; never above
 *   the longest wait
 */
export function createBackOff(now: () => number, jitter: () => number = () => 0): BackOff {
  const waits = new Map<string, { length: number; until: number }>()

  function wait(key: string, length: number, milliseconds: number): void {
    waits.delete(key)
    waits.set(key, { length, until: now() + milliseconds })
    if (waits.size > LARGEST_SIZE) waits.delete(waits.keys().next().value!)
  }

  return {
    isWaiting(key) {
      const found = waits.get(key)
      // No wait is longer than the longest: then the clock was put back.
      return found !== undefined && now() < found.until && found.until - now() <= LONGEST_WAIT
    },
    failed(key) {
      const previous = waits.get(key)?.length ?? 0
      const length = previous === 0 ? FIRST_WAIT : Math.min(previous * 2, LONGEST_WAIT)
      wait(key, length, Math.min(LONGEST_WAIT, length * (1 + jitter())))
    },
    pause: (key, milliseconds) => wait(key, waits.get(key)?.length ?? 0, milliseconds),
    forget: (key) => void waits.delete(key),
  }
}
