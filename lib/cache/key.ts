/*
 * Names that entries are found by. A page's is its canonical pathname, which begins with a slash and of which there is
 * exactly one for each page; the others never begin with a slash, so that no URL can name them.
 */

/** A page that is the same at all paths of its route, because it has no data function. */
export function routeKey(route: string): string {
  return `route:${route}`
}

/** The shell of a `fallback: true` page. */
export function shellKey(route: string): string {
  return `shell:${route}`
}

/** The page shown for a status. */
export function statusKey(status: number): string {
  return `status:${status}`
}
