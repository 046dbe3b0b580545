import { encodeSegment } from './format.js'
import type { RouteEntry, RouteNode, RouteTable } from './trie.js'

/** Parameters captured from a path, decoded: an array for a catch-all. */
export type RouteParams = Record<string, string | string[]>

export interface RouteMatch<T> {
  readonly route: string
  readonly value: T
  readonly params: RouteParams
  /**
   * The canonical pathname of what was asked for: every parameter in its one encoding, no slash at the end. A request
   * whose own path differs is not served but sent there.
   */
  readonly pathname: string
}

/** A path with an escape that is no UTF-8 where a parameter would take it: a bad request, not a missing page. */
export class MalformedPathError extends Error {
  override readonly name = 'MalformedPathError'
  readonly status = 400
  constructor() {
    super('The path holds a percent-escape that is not valid UTF-8.')
  }
}

/** Whether a raw path holds such an escape: then it is malformed whatever routes there are. */
export function isMalformedPath(rawPathname: string): boolean {
  try {
    decodeURIComponent(rawPathname)
    return false
  } catch {
    return true
  }
}

/** Every character stands for itself, so that the path is canonical and its segments are the parameters' values. */
const isPlainPath = /^[\w.~!$&'()*+,;=:@/-]*$/
/**
 * An empty segment, a dot segment (plain or encoded) or a backslash anywhere: no page has such a path, and a guard in
 * front of us may have read it differently.
 */
const unmatchable = /\/(?:\.|%2e){0,2}(?:\/|$)|\\/i

/**
 * The first route in order of precedence that matches a raw (still encoded) pathname. One slash at the end is
 * tolerated. Throws `MalformedPathError`.
 */
export function matchRoute<T>(table: RouteTable<T>, rawPathname: string): RouteMatch<T> | undefined {
  const path = withoutTrailingSlash(rawPathname)
  const exact = table.exact.get(path)
  if (exact) return { route: exact.route, value: exact.value, params: {}, pathname: path }
  const segments = toSegments(path)
  if (!segments) return undefined
  const found: RouteEntry<T>[] = []
  collect({ segments, limit: 1, found }, table.root, 0)
  return found[0] && toMatch(found[0], path, segments)
}

/** All routes that match, in order of precedence. Throws `MalformedPathError` at the first that has parameters. */
export function* matchRoutes<T>(
  table: RouteTable<T>,
  rawPathname: string,
): Generator<RouteMatch<T>, void, undefined> {
  const path = withoutTrailingSlash(rawPathname)
  const segments = toSegments(path)
  if (!segments) return
  const found: RouteEntry<T>[] = []
  collect({ segments, limit: Infinity, found }, table.root, 0)
  for (const entry of found) yield toMatch(entry, path, segments)
}

function withoutTrailingSlash(path: string): string {
  return path.endsWith('/') && path.length > 1 && path !== '//' ? path.slice(0, -1) : path
}

function toSegments(path: string): string[] | undefined {
  if (path === '/') return []
  if (!path.startsWith('/') || unmatchable.test(path)) return undefined
  return path.slice(1).split('/')
}

interface Walk<T> {
  readonly segments: readonly string[]
  readonly limit: number
  readonly found: RouteEntry<T>[]
}

/**
 * Visits the part of the tree that the segments reach, each node at most once and in order of precedence; says whether
 * enough was found. It goes no deeper than the longest route, however long the path is.
 */
function collect<T>(walk: Walk<T>, node: RouteNode<T>, depth: number): boolean {
  const segment = walk.segments[depth]
  if (segment === undefined) return keep(walk, node.page) || keep(walk, node.optionalCatchAll)
  const child = node.statics?.get(segment)
  return (
    (child !== undefined && collect(walk, child, depth + 1)) ||
    (node.dynamic !== undefined && collect(walk, node.dynamic, depth + 1)) ||
    keep(walk, node.catchAll) ||
    keep(walk, node.optionalCatchAll)
  )
}

function keep<T>(walk: Walk<T>, entry: RouteEntry<T> | undefined): boolean {
  if (entry) walk.found.push(entry)
  return walk.found.length >= walk.limit
}

function toMatch<T>(entry: RouteEntry<T>, path: string, segments: readonly string[]): RouteMatch<T> {
  const { route, value, pattern } = entry
  if (!pattern.isDynamic) return { route, value, params: {}, pathname: path }
  if (isPlainPath.test(path)) return { route, value, params: toParams(entry, segments), pathname: path }
  const { values, pathname } = decode(segments)
  return { route, value, params: toParams(entry, values), pathname }
}

function toParams<T>({ pattern }: RouteEntry<T>, values: readonly string[]): RouteParams {
  const params: RouteParams = {}
  for (const [index, segment] of pattern.segments.entries()) {
    const value = values[index]
    // Beyond the end of the path: the root of an optional catch-all, whose parameter is absent.
    if (segment.kind === 'static' || value === undefined) continue
    setParam(params, segment.name, segment.kind === 'dynamic' ? value : values.slice(index))
  }
  return params
}

function decode(segments: readonly string[]): { values: string[]; pathname: string } {
  try {
    const values = segments.map((segment) => decodeURIComponent(segment))
    return { values, pathname: values.map((value) => `/${encodeSegment(value)}`).join('') }
  } catch {
    throw new MalformedPathError()
  }
}

function setParam(params: RouteParams, name: string, value: string | string[]): void {
  // An assignment to this one name would set the object's prototype.
  if (name === '__proto__')
    Object.defineProperty(params, name, { value, enumerable: true, writable: true, configurable: true })
  else params[name] = value
}
