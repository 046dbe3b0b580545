import { describeValue, propertyOf } from './errors.js'
import type { ErrorInfo } from './options.js'

export type ErrorLog = (error: unknown, info: ErrorInfo) => void

/** Milliseconds after which a failure that goes on is told of again. */
const TELL_EVERY = 60_000
/** Failures that are remembered; the one that was told of longest ago is forgotten first. */
const MOST_REMEMBERED = 1_000
/** Characters of a path and of a message by which failures are told apart. */
const LONGEST_NAME = 512

/**
 * Writes failures to `console.error`, each of them once a minute: a data source that is away for an hour is no reason to
 * fill a disk. How many were left out is said with the next one.
 *
 * @param elapsed milliseconds that have passed
 */
export function createErrorLog(elapsed: () => number = () => performance.now()): ErrorLog {
  const told = new Map<string, { readonly at: number; leftOut: number }>()

  return (error, info) => {
    const name = nameOf(error, info)
    const last = told.get(name)
    if (last !== undefined && elapsed() - last.at < TELL_EVERY) {
      last.leftOut += 1
      return
    }
    told.delete(name)
    told.set(name, { at: elapsed(), leftOut: 0 })
    if (told.size > MOST_REMEMBERED) told.delete(told.keys().next().value!)
    logError(error, info, last?.leftOut)
  }
}

/** Writes one failure to `console.error`. */
export function logError(error: unknown, info: ErrorInfo, leftOut = 0): void {
  const path = info.pathname ?? info.route
  const where = path === undefined ? '' : ` for ${JSON.stringify(path.slice(0, LONGEST_NAME))}`
  const more = leftOut === 0 ? '' : ` (${leftOut} more since this was logged last)`
  // `undefined` alone would look like a mistake of the log.
  const what = Object(error) === error ? '' : ' what was thrown is no error, but this:'
  // oxlint-disable-next-line no-console -- the log of a host that has none of its own
  console.error(`pagepress: ${info.phase} failed${where}${more}:${what}`, error)
}

/**
 * That a page cannot be refreshed is one failure, whatever its data source says each time. Elsewhere another error is
 * another failure: two visitors of one page may have nothing in common.
 */
function nameOf(error: unknown, { phase, pathname, route }: ErrorInfo): string {
  const place = `${phase} ${(pathname ?? route ?? '').slice(0, LONGEST_NAME)}`
  return phase === 'refresh' ? place : `${place} ${toText(error).slice(0, LONGEST_NAME)}`
}

function toText(error: unknown): string {
  const message = propertyOf(error, 'message')
  return typeof message === 'string' ? message : describeValue(error)
}
