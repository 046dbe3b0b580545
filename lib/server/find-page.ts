import { matchRoute, matchRoutes, type RouteMatch } from '../routing/match.js'
import type { PageFacts, PageRecord, PageSource } from './page-source.js'

export interface FoundPage extends RouteMatch<PageRecord> {
  readonly facts: PageFacts
}

/**
 * The page that answers for a raw pathname. A page that lists its paths (`fallback: false`) and does not list this one
 * leaves it to the next page that matches; if none does, the answer is `'unlisted'`: ours, and not found. In draft mode
 * (`takesUnlisted`) it takes any path: what it lists may be about to change.
 */
export async function findPage(
  source: PageSource,
  pathname: string,
  { takesUnlisted = false } = {},
): Promise<FoundPage | 'unlisted' | undefined> {
  const first = matchRoute(source.routes, pathname)
  if (first === undefined) return undefined
  const facts = await source.describe(first.value)
  if (facts.fallback !== false || takesUnlisted) return toFound(first, facts)
  return findListed(source, pathname)
}

async function findListed(source: PageSource, pathname: string): Promise<FoundPage | 'unlisted' | undefined> {
  let isUnlisted = false
  for (const match of matchRoutes(source.routes, pathname)) {
    const facts = await source.describe(match.value)
    if (facts.fallback === false && !(await source.lists(match.value, match.pathname))) isUnlisted = true
    else return toFound(match, facts)
  }
  return isUnlisted ? 'unlisted' : undefined
}

function toFound({ route, value, params, pathname }: RouteMatch<PageRecord>, facts: PageFacts): FoundPage {
  return { route, value, params, pathname, facts }
}
