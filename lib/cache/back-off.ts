/** Remembers which pages failed to refresh, so that a failing data source is not asked at every visit. */
export interface BackOff {
  isWaiting(key: string): boolean
  failed(key: string): void
  forget(key: string): void
}

const FIRST_WAIT = 3_000
const LONGEST_WAIT = 30_000
/** Failures remembered at a time; the oldest is forgotten first. */
const LARGEST_SIZE = 10_000

export function createBackOff(now: () => number): BackOff {
  const failures = new Map<string, { wait: number; until: number }>()

  return {
    isWaiting(key) {
      const failure = failures.get(key)
      return failure !== undefined && now() < failure.until
    },
    failed(key) {
      const previous = failures.get(key)
      const wait = previous === undefined ? FIRST_WAIT : Math.min(previous.wait * 2, LONGEST_WAIT)
      failures.delete(key)
      failures.set(key, { wait, until: now() + wait })
      if (failures.size > LARGEST_SIZE) failures.delete(failures.keys().next().value!)
    },
    forget: (key) => void failures.delete(key),
  }
}
