import { conflictingRoutes, wrongRouteName } from '../errors.js'
import { parseRoute, type ParamSegment, type RouteSegment } from './pattern.js'

export interface NamedRoute {
  readonly route: string
  readonly file: string
}

/**
 * Throws `PagesError` for the first page file whose name is no route, or that the router could not tell from another.
 * Two files of the very same route are not its matter.
 */
export function assertRoutes(routes: Iterable<NamedRoute>): void {
  const places = new Map<string, Place>()
  for (const named of routes) {
    const segments = assertRouteName(named)
    let path = ''
    for (const segment of segments) {
      const place = placeAt(places, path)
      if (segment.kind !== 'static') assertSameName(place, segment, named)
      path += segment.kind === 'static' ? `/${segment.text}` : `/[${segment.kind}]`
    }
    placeAt(places, path).page ??= named
  }
  for (const place of places.values()) assertNotShadowed(place)
}

/** What the routes have at one place in the tree of segments. */
interface Place {
  page?: NamedRoute
  dynamic?: Claim
  catchAll?: Claim
}

interface Claim {
  readonly by: NamedRoute
  readonly segment: ParamSegment
}

function placeAt(places: Map<string, Place>, path: string): Place {
  let place = places.get(path)
  if (!place) places.set(path, (place = {}))
  return place
}

function assertSameName(place: Place, segment: ParamSegment, named: NamedRoute): void {
  const slot = segment.kind === 'dynamic' ? 'dynamic' : 'catchAll'
  const claim = (place[slot] ??= { by: named, segment })
  if (claim.segment.kind !== segment.kind) {
    throw conflictingRoutes(
      claim.by,
      named,
      'you cannot use both a required and an optional catch-all at the same level. Keep one of them.',
    )
  }
  if (claim.segment.name !== segment.name) {
    throw conflictingRoutes(
      claim.by,
      named,
      `they use different slug names for the same dynamic path, \`${claim.segment.name}\` and \`${segment.name}\`. Give the parameter one name.`,
    )
  }
}

function assertNotShadowed({ page, catchAll }: Place): void {
  if (!page || catchAll?.segment.kind !== 'optional-catch-all') return
  // The optional catch-all of this very place, not one further down in the same route.
  const route = catchAll.by.route
  throw conflictingRoutes(
    page,
    catchAll.by,
    `the page has the same specificity as the optional catch-all \`${route}\`. Remove one, or make the catch-all required: \`[...${catchAll.segment.name}]\`.`,
  )
}

function assertRouteName({ route, file }: NamedRoute): readonly RouteSegment[] {
  if (route !== '/')
    route
      .slice(1)
      .split('/')
      .forEach((text) => assertSegment(text, file))
  const { segments } = parseRoute(route)
  assertNames(
    segments.filter((segment) => segment.kind !== 'static'),
    file,
  )
  const last = segments.length - 1
  for (const [index, segment] of segments.entries()) {
    if (index === last || segment.kind === 'static' || segment.kind === 'dynamic') continue
    throw wrongRouteName(
      file,
      `the catch-all \`${segment.name}\` must be the last part of the route. Move what follows it.`,
    )
  }
  return segments
}

function assertSegment(text: string, file: string): void {
  if (text === '' || text === '.' || text === '..') {
    throw wrongRouteName(file, `\`${text}\` cannot stand between the slashes of a URL. Rename it.`)
  }
  if (!text.startsWith('[') || !text.endsWith(']')) return
  const isOptional = text.startsWith('[[') && text.endsWith(']]')
  const inner = isOptional ? text.slice(2, -2) : text.slice(1, -1)
  if (/^\[|\]$/.test(inner)) {
    throw wrongRouteName(
      file,
      `\`${text}\` has extra brackets. A parameter is written \`[name]\`, \`[...name]\` or \`[[...name]]\`.`,
    )
  }
  if (/[[\]]/.test(inner)) {
    throw wrongRouteName(
      file,
      `\`${text}\` holds more than one parameter. One part of a path is one parameter at most.`,
    )
  }
  if (isOptional && !inner.startsWith('...')) {
    throw wrongRouteName(
      file,
      `optional parameters such as \`${text}\` are not supported. Write \`[[...${inner}]]\`, or two files.`,
    )
  }
  const name = inner.startsWith('...') ? inner.slice(3) : inner
  if (name.startsWith('.')) {
    throw wrongRouteName(
      file,
      `\`${text}\` has erroneous periods. A catch-all has exactly three, a parameter none.`,
    )
  }
  if (name === '') throw wrongRouteName(file, `the parameter \`${text}\` has no name. Write \`[name]\`.`)
}

function assertNames(segments: readonly ParamSegment[], file: string): void {
  const names = new Map<string, string>()
  for (const { name } of segments) {
    const letters = name.replace(/[^\p{L}\p{N}_]/gu, '')
    const known = names.get(letters)
    if (known === name) {
      throw wrongRouteName(
        file,
        `the parameter \`${name}\` occurs twice in the same slug path. Name each of them differently.`,
      )
    }
    if (known !== undefined) {
      throw wrongRouteName(
        file,
        `the parameters \`${known}\` and \`${name}\` differ only by non-word symbols. Name them apart.`,
      )
    }
    names.set(letters, name)
  }
}
