import { matchRoute } from '../routing/match.js'
import { createRouteTable } from '../routing/table.js'

/**
 * Tells whether a path may belong to a page with `middleware` of its own, so that a page in memory is not sent past it.
 * It asks these routes alone: another page may stand before them, which then takes the longer way for nothing.
 */
export function createGuardedRoutes(routes: readonly string[]): (pathname: string) => boolean {
  if (routes.length === 0) return () => false
  const table = createRouteTable(routes.map((route) => ({ route, file: route, value: route })))
  return (pathname) => matchRoute(table, pathname) !== undefined
}
