import { conflictingRoutes } from '../errors.js'
import { assertRoutes } from './assert-routes.js'
import { buildRouteTable, type RouteInput, type RouteTable } from './trie.js'

export type { RouteEntry, RouteInput, RouteTable } from './trie.js'

export interface RouteTableOptions {
  /** Told of two files for one route, of which the first is served. Without it they are an error. */
  onDuplicate?(first: RouteInput<unknown>, second: RouteInput<unknown>): void
}

/**
 * Checks the routes of a project and arranges them for matching. Throws `PagesError`, naming the files, for what the
 * router could not tell apart. The browser, whose routes were checked at build time, calls `buildRouteTable` alone.
 */
export function createRouteTable<T>(
  inputs: Iterable<RouteInput<T>>,
  options: RouteTableOptions = {},
): RouteTable<T> {
  const { onDuplicate = throwDuplicate } = options
  const byRoute = new Map<string, RouteInput<T>>()
  for (const input of inputs) {
    const first = byRoute.get(input.route)
    if (first) onDuplicate(first, input)
    else byRoute.set(input.route, input)
  }
  assertRoutes(byRoute.values())
  return buildRouteTable(byRoute.values())
}

function throwDuplicate(first: RouteInput<unknown>, second: RouteInput<unknown>): never {
  throw conflictingRoutes(first, second, 'both files are the same page. Remove or rename one of them.')
}
