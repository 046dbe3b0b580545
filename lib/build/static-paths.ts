import { describeValue, wrongStaticPaths, type PagesError } from '../errors.js'
import { encodeSegment, formatRoute, wrongParams } from '../routing/format.js'
import { matchRoute } from '../routing/match.js'
import { parseRoute, type ParamSegment } from '../routing/pattern.js'
import { createRouteTable } from '../routing/table.js'
import { generatePaths } from '../routing/static-params.js'
import type { RouteTable } from '../routing/trie.js'
import { withMemory } from '../server/production.js'
import type { PathsOrigin } from '../server/route-facts.js'
import type { Fallback, PageRecord } from '../server/page-source.js'
import type { GetStaticPaths, Params } from '../types.js'

export interface StaticPath {
  /** Canonical. */
  readonly pathname: string
  readonly params: Params
}

export interface StaticPaths {
  /** Each pathname once. */
  readonly paths: readonly StaticPath[]
  readonly fallback: Fallback
}

/** The paths of a page or route handler, from whichever function lists them. `warn` is told why there are none. */
export async function loadPaths(
  origin: PathsOrigin,
  record: PageRecord,
  warn?: (message: string) => void,
): Promise<StaticPaths> {
  if ('getStaticPaths' in origin) return loadStaticPaths(origin.getStaticPaths, record)
  const { sources, fallback } = origin
  return { paths: await withMemory(() => generatePaths(record.route, sources, warn)), fallback }
}

/** Calls `getStaticPaths` of a page and checks what it returned. Throws naming the file and the entry. */
export async function loadStaticPaths(
  getStaticPaths: GetStaticPaths,
  record: PageRecord,
): Promise<StaticPaths> {
  const result: unknown = await getStaticPaths({ locales: [] })
  const { file } = record
  if (typeof result !== 'object' || result === null || Array.isArray(result))
    throw wrongStaticPaths(
      file,
      `Invalid value returned from getStaticPaths in ${record.route}: ${describeValue(result)}. It must be an object of the shape \`{ paths: [], fallback: boolean | 'blocking' }\`.`,
    )
  const extra = Object.keys(result).filter((key) => key !== 'paths' && key !== 'fallback')
  if (extra.length > 0)
    throw wrongStaticPaths(
      file,
      `Extra keys returned from getStaticPaths in ${record.route}: ${extra.join(', ')}. Only \`paths\` and \`fallback\` are read: remove the others.`,
    )
  const { paths, fallback } = result as { paths?: unknown; fallback?: unknown }
  if (fallback !== true && fallback !== false && fallback !== 'blocking')
    throw wrongStaticPaths(
      file,
      `The \`fallback\` key must be returned from getStaticPaths in ${record.route}, as true, false or 'blocking', but it is ${describeValue(fallback)}.`,
    )
  if (!Array.isArray(paths))
    throw wrongStaticPaths(
      file,
      `Invalid \`paths\` value returned from getStaticPaths in ${record.route}: ${describeValue(paths)}. It must be an array of strings or of objects of the shape \`{ params: { … } }\`.`,
    )
  return { paths: toStaticPaths(paths, record), fallback }
}

function toStaticPaths(entries: readonly unknown[], record: PageRecord): StaticPath[] {
  const table = createRouteTable([{ ...record, value: record }])
  const byPathname = new Map<string, StaticPath>()
  for (const entry of entries) {
    const path =
      typeof entry === 'string' ? fromString(entry, record, table) : fromObject(entry, record, table)
    if (!byPathname.has(path.pathname)) byPathname.set(path.pathname, path)
  }
  return [...byPathname.values()]
}

/** A string is a URL path, so it is encoded already. */
function fromString(entry: string, record: PageRecord, table: RouteTable<PageRecord>): StaticPath {
  const path = toCanonical(entry)
  const match = path === undefined ? undefined : matchRoute(table, path)
  if (match === undefined)
    throw wrongStaticPaths(
      record.file,
      `The path \`${entry}\` returned from getStaticPaths does not match the page \`${record.route}\`. Correct the path, or return it as \`{ params }\`.`,
    )
  return { pathname: match.pathname, params: match.params }
}

function toCanonical(entry: string): string | undefined {
  const path = entry.length > 1 && entry.endsWith('/') ? entry.slice(0, -1) : entry
  if (path === '/') return path
  try {
    return path
      .split('/')
      .map((segment) => encodeSegment(decodeURIComponent(segment)))
      .join('/')
  } catch {
    return undefined
  }
}

/** An object holds raw values, which are encoded here. */
function fromObject(entry: unknown, record: PageRecord, table: RouteTable<PageRecord>): StaticPath {
  const { file, route } = record
  if (entry === null || entry === undefined)
    throw new TypeError(
      `\`${file}\`: getStaticPaths returned ${String(entry)} among its paths. Every path is a string or an object \`{ params: { … } }\`.`,
    )
  const extra = Object.keys(entry).filter((key) => key !== 'params' && key !== 'locale')
  if (typeof entry === 'object' && extra.length > 0)
    throw wrongStaticPaths(
      file,
      `Additional keys were returned from getStaticPaths in ${route}: ${extra.join(', ')}. Parameters belong under \`params\`: ${JSON.stringify({ params: Object.fromEntries(extra.map((key) => [key, '…'])) })}.`,
    )
  const { params = {}, locale } = entry as { params?: Record<string, unknown>; locale?: unknown }
  if (locale !== undefined)
    throw wrongStaticPaths(
      file,
      `Invalid locale returned from getStaticPaths in ${route}: ${describeValue(locale)} is not configured. Remove \`locale\`.`,
    )
  const pattern = parseRoute(route)
  for (const segment of pattern.segments) if (segment.kind !== 'static') assertParam(segment, params, record)
  const pathname = formatRoute(pattern, params)
  const wrong = wrongParams(pattern, params)[0]
  if (pathname === undefined)
    throw wrongStaticPaths(
      file,
      `The parameter \`${wrong}\` of a path returned from getStaticPaths in ${route} cannot stand in a URL: ${JSON.stringify(params[wrong ?? ''])}. An empty part, \`.\` and \`..\` do not survive there.`,
    )
  // The parameters are read back from the path, so that a page gets the same ones at build time and at a visit.
  const match = matchRoute(table, pathname)
  return { pathname, params: match?.params ?? {} }
}

function assertParam(
  { kind, name }: ParamSegment,
  params: Record<string, unknown>,
  record: PageRecord,
): void {
  const isGiven = Object.hasOwn(params, name)
  const value = isGiven ? params[name] : undefined
  if (kind === 'optional-catch-all' && isGiven && (value === undefined || value === null || value === false))
    return
  if (kind === 'dynamic' && typeof value !== 'string')
    throw wrongParam({ name, value, expected: 'a string', record })
  if (kind === 'dynamic') return
  if (!Array.isArray(value)) throw wrongParam({ name, value, expected: 'an array', record })
  const wrong = value.findIndex((item) => typeof item !== 'string')
  if (wrong >= 0)
    throw wrongParam({ name: `${name}[${wrong}]`, value: value[wrong], expected: 'a string', record })
}

interface WrongParam {
  name: string
  value: unknown
  expected: string
  record: PageRecord
}

function wrongParam({ name, value, expected, record }: WrongParam): PagesError {
  return wrongStaticPaths(
    record.file,
    `A required parameter (${name}) was not provided as ${expected} in getStaticPaths for ${record.route}: received ${value === null ? 'null' : typeof value}.`,
  )
}
