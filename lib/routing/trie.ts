import { encodeSegment } from './format.js'
import { parseRoute, type RoutePattern } from './pattern.js'

/** A route, the file it comes from, and whatever the caller keeps for it. */
export interface RouteInput<T> {
  readonly route: string
  readonly file: string
  readonly value: T
}

export interface RouteEntry<T> extends RouteInput<T> {
  readonly pattern: RoutePattern
}

/** Routes arranged for matching: the cost of a match grows with the segments of a path, not with the routes. */
export interface RouteTable<T> {
  /** All routes, in the order they were given. */
  readonly entries: readonly RouteEntry<T>[]
  readonly size: number
  /** Routes without parameters, by their canonical pathname. They win over all others, so one look-up answers. */
  readonly exact: ReadonlyMap<string, RouteEntry<T>>
  readonly root: RouteNode<T>
}

/** One place in the tree of segments. */
export interface RouteNode<T> {
  statics: Map<string, RouteNode<T>> | undefined
  dynamic: RouteNode<T> | undefined
  /** The page whose route ends here. */
  page: RouteEntry<T> | undefined
  catchAll: RouteEntry<T> | undefined
  optionalCatchAll: RouteEntry<T> | undefined
}

/**
 * Arranges routes that are known to be sound, as the browser's are: the build has checked them. Of two that claim the
 * same URLs the first counts.
 */
export function buildRouteTable<T>(inputs: Iterable<RouteInput<T>>): RouteTable<T> {
  const entries: RouteEntry<T>[] = []
  const exact = new Map<string, RouteEntry<T>>()
  const root = createNode<T>()
  for (const input of inputs) {
    const entry = { ...input, pattern: parseRoute(input.route) }
    entries.push(entry)
    place(root, entry)
    if (entry.pattern.isDynamic) continue
    const pathname = toExactPathname(entry.route)
    if (!exact.has(pathname)) exact.set(pathname, entry)
  }
  return { entries, size: entries.length, exact, root }
}

function createNode<T>(): RouteNode<T> {
  return {
    statics: undefined,
    dynamic: undefined,
    page: undefined,
    catchAll: undefined,
    optionalCatchAll: undefined,
  }
}

function place<T>(root: RouteNode<T>, entry: RouteEntry<T>): void {
  let node = root
  for (const segment of entry.pattern.segments) {
    if (segment.kind === 'static') node = staticChild(node, segment.text)
    else if (segment.kind === 'dynamic') node = node.dynamic ??= createNode()
    else return placeCatchAll(node, segment.kind, entry)
  }
  node.page ??= entry
}

function placeCatchAll<T>(
  node: RouteNode<T>,
  kind: 'catch-all' | 'optional-catch-all',
  entry: RouteEntry<T>,
): void {
  if (kind === 'catch-all') node.catchAll ??= entry
  else node.optionalCatchAll ??= entry
}

function staticChild<T>(node: RouteNode<T>, text: string): RouteNode<T> {
  node.statics ??= new Map()
  const known = node.statics.get(text)
  if (known) return known
  const child = createNode<T>()
  node.statics.set(text, child)
  return child
}

function toExactPathname(route: string): string {
  return route === '/' ? route : `/${route.slice(1).split('/').map(encodeSegment).join('/')}`
}
