/**
 * Whether the client has this representation already: its `If-None-Match` names the validator, compared weakly, or
 * is `*`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
 */
export function isNotModified(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === etag || ifNoneMatch === '*') return true
  const opaque = toOpaque(etag)
  for (const candidate of ifNoneMatch.split(',')) if (toOpaque(candidate.trim()) === opaque) return true
  return false
}

/** A validator without its weakness mark: weak comparison looks at the rest alone. */
function toOpaque(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag
}
