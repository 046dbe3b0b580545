/** What a promise came to within a time, or the reason that it did not. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'

  constructor(milliseconds: number) {
    super(`The store did not answer within ${milliseconds} ms.`)
  }
}

/**
 * Waits for a store no longer than a time.
 *
 * A timer that fires late, because this process was busy, says nothing of the store: its answer may lie in the socket.
 * Sockets are read between timers and immediates, so what has arrived is heard before the time counts as over.
 */
export function withDeadline<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const give = () => reject(new DeadlineError(milliseconds))
    const timer = setTimeout(() => setImmediate(() => setImmediate(give)), milliseconds)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
