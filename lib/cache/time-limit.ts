import { renderTimeout } from '../errors.js'

/**
 * Waits for work no longer than a time. What comes later is dropped: the work goes on by itself, and nobody hears of
 * its result.
 *
 * @param what the page that is being produced, for the message
 */
export function withinTime<T>(work: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(renderTimeout(what, timeoutMs))
    }, timeoutMs)
    void work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
