import { describeValue } from '../errors.js'
import type { RedirectResponse } from '../page-response.js'

const statuses: readonly unknown[] = [301, 302, 303, 307, 308]

/** What is wrong with the `redirect` that a data function returned, each as a part of a sentence. */
export function findRedirectProblems(redirect: Record<string, unknown>): string[] {
  const { destination, permanent, statusCode, basePath } = redirect
  const problems: string[] = []
  if (permanent !== undefined && statusCode !== undefined)
    problems.push('`permanent` and `statusCode` can not both be provided')
  if (permanent !== undefined && typeof permanent !== 'boolean')
    problems.push('`permanent` must be `true` or `false`')
  if (statusCode !== undefined && !statuses.includes(statusCode))
    problems.push(`\`statusCode\` must be one of ${statuses.join(', ')}`)
  if (typeof destination !== 'string') problems.push('`destination` should be string')
  else if (!isSafeDestination(destination))
    problems.push(
      `\`destination\` ${describeValue(destination)} must be a path on this site, or an http(s) URL`,
    )
  if (basePath !== undefined && typeof basePath !== 'boolean')
    problems.push('`basePath` should be `false` or left out')
  return problems
}

/** Where a `redirect` without problems leads, and by what status. */
export function readRedirect(
  redirect: Record<string, unknown>,
): Pick<RedirectResponse, 'destination' | 'status' | 'basePath'> {
  const { destination, permanent, statusCode, basePath } = redirect
  return {
    destination: collapseDestination(destination as string),
    status: (statusCode as RedirectResponse['status'] | undefined) ?? (permanent === true ? 308 : 307),
    basePath: basePath !== false,
  }
}

/** Neither script nor data, and nothing that ends a header line. */
function isSafeDestination(destination: string): boolean {
  if (destination === '' || /[\0-\x1f\x7f]/.test(destination) || destination.length > 8192) return false
  const scheme = /^\s*([A-Za-z][A-Za-z0-9+.-]*):/.exec(destination)?.[1]
  return scheme === undefined || /^https?$/i.test(scheme)
}

/** Repeated slashes become one, so that no path turns into another host. An absolute URL keeps those of its scheme. */
function collapseDestination(destination: string): string {
  const origin = /^https?:\/\/[^/?#]*/i.exec(destination)?.[0] ?? ''
  const rest = destination.slice(origin.length)
  const end = rest.search(/[?#]/)
  const path = end === -1 ? rest : rest.slice(0, end)
  return origin + path.replaceAll('\\', '/').replace(/\/{2,}/g, '/') + (end === -1 ? '' : rest.slice(end))
}
