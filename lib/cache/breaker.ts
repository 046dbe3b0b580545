/**
 * Stops asking something that does not answer. After a few failures in a row it is open and everybody does without; one
 * question now and then finds out whether it can be closed again.
 */
export interface Breaker {
  readonly isOpen: boolean
  /** Whether the question of now may be asked: always while closed; while open, once in a while, as a probe. */
  mayProbe(): boolean
  succeeded(): void
  failed(): void
}

/** Failures in a row that open it. */
const FAILURES = 3
const PROBE_EVERY = 1_000

export function createBreaker(onChange: (isOpen: boolean) => void = () => {}): Breaker {
  let failures = 0
  let nextProbe = 0

  return {
    get isOpen() {
      return failures >= FAILURES
    },
    mayProbe() {
      // Not the wall clock, which may be put back.
      if (performance.now() < nextProbe) return false
      nextProbe = performance.now() + PROBE_EVERY
      return true
    },
    succeeded() {
      const wasOpen = failures >= FAILURES
      failures = 0
      if (wasOpen) onChange(false)
    },
    failed() {
      failures += 1
      nextProbe = performance.now() + PROBE_EVERY
      if (failures === FAILURES) onChange(true)
    },
  }
}
