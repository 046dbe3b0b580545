import type { ErrorInfo, Settings } from '../options.js'
import { createGovernor } from './governor.js'
import { createPageMemory } from './memory.js'
import { createResponseCache, type ResponseCache } from './response-cache.js'
import type { CacheStore } from './store.js'

export interface SiteCacheParts {
  readonly store: CacheStore
  readonly now: () => number
  /** Milliseconds that have passed, whatever becomes of the clock. @default as `now` */
  readonly elapsed?: () => number
  /** Milliseconds between two tries of what fails for visitors who wait. @default 1,000 */
  readonly failureSpacing?: number
  /** How often the store has been given up for a while. @default never */
  readonly outages?: () => number
  readonly onError: (error: unknown, info: ErrorInfo) => void
}

/** The response cache as the site's options want it: memory in front of a store, with all bounds in place. */
export function createSiteCache(
  { cache, limits }: Pick<Settings, 'cache' | 'limits'>,
  parts: SiteCacheParts,
): ResponseCache {
  const memory = createPageMemory({ maxBytes: cache.maxBytes, notFoundEntries: limits.notFoundEntries })
  return createResponseCache({ ...parts, memory, governor: createGovernor(limits), limits })
}
