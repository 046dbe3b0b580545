/**
 * Work that visitors do not wait for, a few pieces at a time and bounded in bytes: what is behind them must not take the
 * threads that Node has for files, nor fill the memory while it waits.
 */
export interface WriteQueue {
  /** Says whether there is room for so many bytes to wait, and takes it. */
  take(bytes: number): boolean
  /** Gives the room back. */
  give(bytes: number): void
  /** Runs work when it is its turn. */
  run(work: () => Promise<void>): Promise<void>
}

/** Of the four threads that Node has for files, two are left to reads. */
const AT_A_TIME = 2
/** What a waiting write takes beside the page. */
const OVERHEAD_BYTES = 2048

/** @param mostBytes of what may wait; a single piece may be larger */
export function createWriteQueue(mostBytes: number): WriteQueue {
  let taken = 0
  let running = 0
  const waiting: (() => void)[] = []

  return {
    take(bytes) {
      if (taken > 0 && taken + bytes + OVERHEAD_BYTES > mostBytes) return false
      taken += bytes + OVERHEAD_BYTES
      return true
    },
    give(bytes) {
      taken -= bytes + OVERHEAD_BYTES
    },
    async run(work) {
      // The turn is handed over by the one who ends, so the count stays as it is.
      if (running >= AT_A_TIME) await new Promise<void>((resolve) => waiting.push(resolve))
      else running += 1
      try {
        await work()
      } finally {
        const next = waiting.shift()
        if (next) next()
        else running -= 1
      }
    },
  }
}
