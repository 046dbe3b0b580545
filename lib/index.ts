export { pages, type PagesHandler } from './pages.js'
export { createServer, type ExpressApp } from './create-server.js'
export { defineConfig, type SiteConfig } from './config.js'
export { ApiError, PagesError, type PagesErrorCode } from './errors.js'
export type { CacheEvent, CacheEventName, CacheListener } from './cache/observer.js'
export type {
  CacheStore,
  Invalidation,
  Lease,
  Mark,
  OpenStore,
  StoreContext,
  StoreListener,
} from './cache/store.js'
export type { CacheEntry } from './cache/entry.js'
export type { Explanation, ExplainOptions } from './server/explain.js'
export type { SiteStats } from './server/observation.js'
export type { ErrorInfo, Limits, PagesOptions } from './options.js'
export type * from './types.js'
export type * from './routing/route-params.js'
export { notFound, permanentRedirect, redirect } from './server/handler-results.js'
export { cache } from './server/memo.js'
export { cached, cacheLife, cacheTag } from './server/cached.js'
export type { CachedOptions } from './server/cached-options.js'
