/** How many prefetches run at a time; a click never waits for them. */
const MAX_PREFETCHES = 4

let running = 0
const waiting: (() => Promise<unknown>)[] = []

/** Runs a prefetch when its turn comes. Its failure is nobody's concern: the click will find out. */
export function enqueuePrefetch(prefetch: () => Promise<unknown>): void {
  waiting.push(prefetch)
  runNext()
}

function runNext(): void {
  if (running >= MAX_PREFETCHES) return
  const prefetch = waiting.shift()
  if (!prefetch) return
  running++
  void prefetch()
    .catch(() => {})
    .then(() => {
      running--
      runNext()
    })
}

/** Whether this visitor would rather not load what may never be looked at. */
export function isFrugal(): boolean {
  const { connection, userAgent } = navigator as Navigator & {
    connection?: { saveData?: boolean; effectiveType?: string }
  }
  return (
    !!connection?.saveData ||
    /2g/.test(connection?.effectiveType ?? '') ||
    /bot|crawl|spider/i.test(userAgent)
  )
}
