import { describeValue, redirectError } from '../errors.js'
import type { Lifetime, RedirectResponse } from '../page-response.js'
import { findRedirectProblems, readRedirect } from '../protocol/redirect-shape.js'

export interface RedirectCaller {
  readonly fn: string
  readonly url: string
  readonly lifetime: Lifetime
}

/** Reads the `redirect` that a data function returned. Throws naming everything that is wrong with it. */
export function toRedirect(redirect: unknown, { fn, url, lifetime }: RedirectCaller): RedirectResponse {
  if (typeof redirect !== 'object' || redirect === null)
    throw redirectError(
      fn,
      url,
      `\`redirect\` is ${describeValue(redirect)}, not an object like \`{ destination: '/', permanent: false }\`.`,
    )
  const given = redirect as Record<string, unknown>
  const problems = findRedirectProblems(given)
  if (problems.length > 0) throw redirectError(fn, url, `${problems.join('; ')}.`)

  const { destination, status, basePath } = readRedirect(given)
  return { type: 'redirect', status, destination: toHeaderUrl(destination), basePath, lifetime }
}

/** Characters that a header cannot carry are percent-encoded; what is encoded already stays. */
export function toHeaderUrl(destination: string): string {
  return destination.replace(/[^\x21-\x7e]+/g, (text) => encodeURIComponent(text.toWellFormed()))
}
