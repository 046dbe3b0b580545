import type { ResponseCache } from '../cache/response-cache.js'
import type { Site } from './site.js'

/** A site that is running, in production or development. */
export interface RunningSite {
  readonly site: Site
  readonly cache: ResponseCache
  close(): Promise<void>
}
