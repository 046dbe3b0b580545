export interface FakeClock {
  /** Hand it to a part as its `now`. */
  readonly now: () => number
  advance(milliseconds: number): void
}

/** A clock that stands still until a test moves it. */
export function createClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let time = start
  return {
    now: () => time,
    advance(milliseconds) {
      time += milliseconds
    },
  }
}
