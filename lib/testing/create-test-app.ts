import express, { type Express } from 'express'
import { openStore } from '../cache/open-store.js'
import { createSiteCache } from '../cache/site-cache.js'
import { emptyStore, type CacheStore } from '../cache/store.js'
import { resolveOptions, type PagesOptions } from '../options.js'
import type { ResponseCache } from '../cache/response-cache.js'
import { createPagesHandler, type PagesHandler } from '../pages.js'
import { createDraftKeys } from '../server/draft-token.js'
import { createSite, type SiteBehaviour } from '../server/site.js'
import { createMemorySource, type MemoryPages } from './memory-source.js'

export interface TestAppOptions {
  /** Page modules by route, e.g. `{ '/blog/[slug]': { default: Post, getStaticProps, getStaticPaths } }`. */
  pages: MemoryPages
  /** Options of `pages()`. Errors are collected in `errors` unless `onError` is given. */
  options?: Omit<PagesOptions, 'root' | 'pagesDir' | 'publicDir' | 'outDir' | 'vite'>
  /** What a configuration file would say. */
  config?: Partial<SiteBehaviour>
  /** Where the site is mounted. @default '/' */
  mount?: string
  /** Makes the application, e.g. of another Express version. @default the installed one */
  createApp?: () => Express
  /** Adds to the application before the site is mounted. */
  before?(app: Express): void
  /** Adds to the application after the site is mounted. */
  after?(app: Express, site: PagesHandler): void
  /** What time it is, for freshness. @default Date.now */
  now?: () => number
  /** Milliseconds that have passed, which a clock that is put back does not change. @default as `now` */
  elapsed?: () => number
  /** Where entries are kept beyond memory. @default nowhere */
  store?: CacheStore
  /** @default 'test-build' */
  buildId?: string
}

export interface TestApp {
  /** Hand it to supertest. */
  readonly app: Express
  readonly site: PagesHandler
  /** What `onError` heard, oldest first. */
  readonly errors: unknown[]
  /** Resolves when no refresh and no write runs behind requests any more. */
  settled(): Promise<void>
}

/** Mounts the real middleware on a real Express application, with page modules that a test has made. */
export function createTestApp(given: TestAppOptions): TestApp {
  const {
    pages,
    mount = '/',
    createApp = express,
    now = Date.now,
    elapsed = now,
    store = emptyStore,
    buildId = 'test-build',
  } = given
  const errors: unknown[] = []
  const settings = resolveOptions({ dev: false, onError: (error) => errors.push(error), ...given.options })
  const { onError } = settings
  const context = { buildId, now, onError: (error: unknown) => onError(error, { phase: 'store' }) }
  let cache: ResponseCache | undefined
  const config = { ...defaultBehaviour, ...given.config }
  const site = createPagesHandler(async () => {
    const kept = await openStore(settings, context, () => store)
    const opened = createSiteCache(settings, {
      store: kept,
      now,
      elapsed,
      outages: () => kept.outages ?? 0,
      onError,
    })
    cache = opened
    const site = createSite({
      source: createMemorySource(pages, buildId),
      files: { serve: (_exchange, next) => next() },
      cache: opened,
      config,
      draftKeys: createDraftKeys(),
      settings,
      onError,
      now,
    })
    return { site, cache: opened, close: () => opened.close() }
  }, settings)

  const app = createApp()
  given.before?.(app)
  app.use(mount, site)
  given.after?.(app, site)
  return { app, site, errors, settled: async () => cache?.settled() }
}

const defaultBehaviour: SiteBehaviour = {
  trailingSlash: false,
  skipTrailingSlashRedirect: false,
  generateEtags: true,
  compress: true,
  largePageDataBytes: 128_000,
}
