import type { IncomingMessage } from 'node:http'

/**
 * Whether a request says that nobody looks at its answer yet: the browser's own kind of prefetch, or ours. The answer
 * is that of any other request; who says so untruly only leaves the refresh of a stale page to the next visitor.
 *
 * @see https://wicg.github.io/nav-speculation/prefetch.html#sec-purpose-header
 */
export function isPrefetch({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return [headers['purpose'], headers['sec-purpose']].some(
    (purpose) => typeof purpose === 'string' && purpose.startsWith('prefetch'),
  )
}
