export interface QueueOptions {
  /** How many tasks run at a time. */
  concurrency: number
  /** How many may fail before no more are begun. */
  maxFailures: number
  /** Told after each task that did not fail. */
  onDone?: () => void
}

/**
 * Runs a task for every item, a few at a time, in order of the items. Failures are collected and returned instead of
 * thrown, so that one run of a build names the pages that fail, up to a number that a person can read.
 */
export async function runQueue<T>(
  items: Iterable<T>,
  task: (item: T) => Promise<void>,
  { concurrency, maxFailures, onDone }: QueueOptions,
): Promise<{ item: T; error: unknown }[]> {
  const iterator = items[Symbol.iterator]()
  const failures: { item: T; error: unknown }[] = []

  async function work(): Promise<void> {
    while (failures.length < maxFailures) {
      const next = iterator.next()
      if (next.done) return
      try {
        await task(next.value)
        onDone?.()
      } catch (error) {
        failures.push({ item: next.value, error })
      }
    }
  }

  await Promise.all(Array.from({ length: concurrency }, work))
  return failures
}
