import { encodeSegment } from './format.js'

export { isDynamicRoute } from './dynamic-route.js'

export type RouteSegment = StaticSegment | ParamSegment

export interface StaticSegment {
  readonly kind: 'static'
  /** The canonical encoding of the name, as it stands in a URL. */
  readonly text: string
}

export interface ParamSegment {
  readonly kind: 'dynamic' | 'catch-all' | 'optional-catch-all'
  /** The parameter's exact name. */
  readonly name: string
}

/** A route taken apart. */
export interface RoutePattern {
  readonly route: string
  readonly segments: readonly RouteSegment[]
  readonly isDynamic: boolean
}

const kinds = { '': 'dynamic', '...': 'catch-all', '[...': 'optional-catch-all' } as const

/**
 * Takes a route such as `/blog/[slug]` apart. Brackets count only where they wrap a whole segment.
 *
 * Route names are checked by `assertRoutes`, once, when a project is built or starts; here every text has a meaning.
 */
export function parseRoute(route: string): RoutePattern {
  const segments = route === '/' ? [] : route.slice(1).split('/').map(parseSegment)
  return { route, segments, isDynamic: segments.some((segment) => segment.kind !== 'static') }
}

function parseSegment(text: string): RouteSegment {
  const parts = /^\[(\[\.\.\.|\.\.\.|)(.+)\]$/s.exec(text)
  const opening = parts?.[1]
  const name = parts?.[2]
  if (opening === undefined || name === undefined) return { kind: 'static', text: encodeSegment(text) }
  if (opening !== '[...') return { kind: kinds[opening as '' | '...'], name }
  if (!name.endsWith(']')) return { kind: 'static', text: encodeSegment(text) }
  return { kind: 'optional-catch-all', name: name.slice(0, -1) }
}
