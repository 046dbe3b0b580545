/** Whether a route has parameters, without taking it apart. By itself, because every page in a browser asks. */
export function isDynamicRoute(route: string): boolean {
  return /\/\[[^/]+\](?:\/|$)/.test(route)
}
