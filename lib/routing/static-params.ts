import { describeValue, wrongStaticParams } from '../errors.js'
import { formatRoute } from './format.js'
import { matchRoute, type RouteParams } from './match.js'
import { parseRoute, type ParamSegment, type RoutePattern } from './pattern.js'
import { buildRouteTable } from './trie.js'

type GivenSet = Readonly<Record<string, unknown>>

/** One place in a route that may list parameters: a page, or something around it. */
export interface ParamsSource {
  /** For messages. */
  readonly file: string
  /** The part of the route down to this place: the function knows and gives parameters of this part alone. */
  readonly route: string
  readonly generate: ((context: { params: any }) => unknown) | undefined
  /** Paths that are not listed do not exist. */
  readonly isClosed: boolean
}

export interface ParamsPath {
  /** Canonical. */
  readonly pathname: string
  readonly params: RouteParams
}

/** Parameters gathered on the way down a route. */
interface ParamsSet {
  readonly params: GivenSet
  /** Something was listed; at the start nothing is. */
  readonly isListed: boolean
  /** A function listed nothing below these parameters, so that they may rightly lack some. */
  readonly isOpen: boolean
}

/**
 * The paths of a dynamic route, as the functions along it list them: from the outside in, each once for every set of
 * parameters that the ones outside of it gave. Throws naming the file and the parameter.
 *
 * Where a listed set lacks a parameter of the route the answer is no path at all: nothing tells which ones are meant.
 *
 * @param sources outermost first, the page or route handler last
 * @param warn told of such a set
 */
export async function generatePaths(
  route: string,
  sources: readonly ParamsSource[],
  warn: (message: string) => void = () => {},
): Promise<readonly ParamsPath[]> {
  const pattern = parseRoute(route)
  let sets: ParamsSet[] = [{ params: {}, isListed: false, isOpen: false }]
  for (const source of sources) {
    if (source.generate === undefined) continue
    const next: ParamsSet[] = []
    for (const set of sets) next.push(...(await extend(set, source, pattern)))
    sets = next
  }
  const listed = sets.filter((set) => set.isListed)
  for (const source of sources) if (source.isClosed) assertComplete(listed, source, pattern)
  const isComplete = ({ params }: ParamsSet) => lackedParam(pattern, params) === undefined
  const partial = listed.find((set) => !set.isOpen && !isComplete(set))
  if (partial !== undefined) {
    const isClosed = sources.some((source) => source.isClosed)
    warnOfPartial(partial.params, { lister: lastLister(sources), pattern, isClosed, warn })
    return []
  }
  return toPaths(listed.filter(isComplete), sources, pattern)
}

async function extend(set: ParamsSet, source: ParamsSource, pattern: RoutePattern): Promise<ParamsSet[]> {
  const given: unknown = await source.generate!({ params: { ...set.params } })
  if (!Array.isArray(given))
    throw wrongStaticParams(
      source.file,
      `returned ${describeValue(given)} for ${pattern.route}. It must return an array of objects, e.g. \`[{ ${exampleOf(source)} }]\`.`,
    )
  if (given.length === 0) return [{ ...set, isOpen: true }]
  return given.map((entry) => ({
    params: { ...set.params, ...toParams(entry, source, pattern) },
    isListed: true,
    isOpen: set.isOpen,
  }))
}

function toParams(entry: unknown, source: ParamsSource, pattern: RoutePattern): GivenSet {
  const { file } = source
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    throw wrongStaticParams(
      file,
      `listed ${describeValue(entry)} for ${pattern.route}. Every entry is an object of parameters, e.g. \`{ ${exampleOf(source)} }\`.`,
    )
  const own = paramsOf(parseRoute(source.route))
  const params: Record<string, unknown> = {}
  for (const segment of paramsOf(pattern)) {
    const { name } = segment
    if (!Object.hasOwn(entry, name)) continue
    if (!own.some((one) => one.name === name))
      throw wrongStaticParams(
        file,
        `listed the parameter \`${name}\`, which is none of ${source.route}, where the file is. List it in a file below.`,
      )
    const value = (entry as GivenSet)[name]
    assertValue(segment, value, { file, pattern })
    Object.defineProperty(params, name, { value, enumerable: true, configurable: true, writable: true })
  }
  return params
}

function assertValue(
  { kind, name }: ParamSegment,
  value: unknown,
  { file, pattern }: { file: string; pattern: RoutePattern },
): void {
  if (kind === 'optional-catch-all' && isAbsent(value)) return
  const refuse = (what: string, expected: string, wrong: unknown) => {
    const received = wrong === null ? 'null' : Array.isArray(wrong) ? 'array' : typeof wrong
    throw wrongStaticParams(
      file,
      `did not give the required parameter \`${what}\` of ${pattern.route} as ${expected}: received ${received}.`,
    )
  }
  if (kind === 'dynamic') {
    if (typeof value !== 'string') refuse(name, 'a string', value)
    return
  }
  if (!Array.isArray(value)) return refuse(name, 'an array', value)
  const wrong = value.findIndex((item) => typeof item !== 'string')
  if (wrong >= 0) refuse(`${name}[${wrong}]`, 'a string', value[wrong])
}

/** A place that closes the route must be told all its parameters, or nobody could ever visit what is below. */
function assertComplete(sets: readonly ParamsSet[], source: ParamsSource, pattern: RoutePattern): void {
  const own = parseRoute(source.route)
  for (const { params, isOpen } of sets) {
    const lacked = isOpen ? undefined : lackedParam(own, params)
    if (lacked !== undefined)
      throw wrongStaticParams(
        source.file,
        `has \`dynamicParams = false\`, but the parameter \`${lacked}\` is missing from ${JSON.stringify(params)}, which was listed for ${pattern.route}. List it too, or remove \`dynamicParams\`.`,
      )
  }
}

function lackedParam(pattern: RoutePattern, params: GivenSet): string | undefined {
  return paramsOf(pattern).find(
    ({ kind, name }) => kind !== 'optional-catch-all' && !Object.hasOwn(params, name),
  )?.name
}

function toPaths(
  sets: readonly ParamsSet[],
  sources: readonly ParamsSource[],
  pattern: RoutePattern,
): readonly ParamsPath[] {
  const table = buildRouteTable([{ route: pattern.route, file: '', value: undefined }])
  const byPathname = new Map<string, ParamsPath>()
  for (const { params } of sets) {
    const pathname = formatRoute(pattern, params)
    if (pathname === undefined)
      throw wrongStaticParams(
        lastLister(sources)?.file ?? '',
        `listed parameters for ${pattern.route} that cannot stand in a URL: ${JSON.stringify(params)}. An empty part, \`.\` and \`..\` do not survive there.`,
      )
    // Read back from the path, so that a page gets the same parameters at build time and at a visit.
    if (!byPathname.has(pathname))
      byPathname.set(pathname, { pathname, params: matchRoute(table, pathname)?.params ?? {} })
  }
  return [...byPathname.values()]
}

/** What had the last word. */
function lastLister(sources: readonly ParamsSource[]): ParamsSource | undefined {
  return sources.findLast(({ generate }) => generate !== undefined)
}

interface Listing {
  readonly lister: ParamsSource | undefined
  readonly pattern: RoutePattern
  readonly isClosed: boolean
  readonly warn: (message: string) => void
}

/** A layout may leave what is below it to visitors, unless it is closed; whoever could have listed a parameter forgot it. */
function warnOfPartial(params: GivenSet, { lister, pattern, isClosed, warn }: Listing): void {
  const lacked = lister && lackedParam(isClosed ? pattern : parseRoute(lister.route), params)
  if (lacked === undefined) return
  const consequence = isClosed
    ? 'and with `dynamicParams = false` none exists. List all its parameters.'
    : 'so that none of this route is built. List all its parameters, or nothing.'
  warn(
    `\`generateStaticParams\` of \`${lister?.file}\` listed ${JSON.stringify(params)} for ${pattern.route}, which lacks the parameter \`${lacked}\`. Nobody could tell which paths are meant, ${consequence}`,
  )
}

function paramsOf({ segments }: RoutePattern): ParamSegment[] {
  return segments.filter((segment) => segment.kind !== 'static')
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === false
}

function exampleOf({ route }: ParamsSource): string {
  return paramsOf(parseRoute(route))
    .map(({ kind, name }) => `${name}: ${kind === 'dynamic' ? "'…'" : "['…']"}`)
    .join(', ')
}
