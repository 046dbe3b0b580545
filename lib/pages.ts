import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { cacheEvents, type CacheEventName, type CacheListener } from './cache/observer.js'
import { describeValue, PagesError } from './errors.js'
import { resolveOptions, type PagesOptions, type Settings } from './options.js'
import type { RunningSite } from './server/running-site.js'
import { guardData, type HostExchange } from './server/data-guard.js'
import type { Explanation, ExplainOptions } from './server/explain.js'
import { METRICS_TYPE, toOpenMetrics, toStats, type SiteStats } from './server/observation.js'
import { toPageRequest, type PageRequest } from './server/request.js'
import type { Exchange } from './server/send.js'
import type { RevalidateTarget } from './types.js'

/** The middleware that `pages()` returns, with the site's few methods. */
export interface PagesHandler extends RequestHandler {
  /** Resolves when requests can be served, rejects with the reason when they never will be. */
  ready(): Promise<void>
  /**
   * Ends what runs behind requests and lets go of every resource. New requests are answered with 503. Idempotent.
   *
   * @param options.timeoutMs how long to wait for what is under way, 10,000 by default
   */
  close(options?: { timeoutMs?: number }): Promise<void>
  /**
   * Produces the page at a path anew; resolves when the new page is in place, rejects if the page failed (the old one
   * then stays) or if no static page answers for the path. Of a tag, a route or a prefix: makes all its pages outdated,
   * and resolves when none older is served any more, here and on all machines that share the store.
   *
   * @param target a path without the mount path, e.g. `/blog/a`, or one of `{ path }`, `{ tag }`, `{ route }`, `{ prefix }`
   */
  revalidate(target: RevalidateTarget): Promise<void>
  /**
   * Runs something of the host's own as the site's code is run: what functions wrapped by `cached` return in it is kept
   * in the site's cache, and calls with the same arguments are one. For the app's routes, for jobs, to warm up.
   */
  run<T>(work: () => T | Promise<T>): Promise<T>
  /**
   * What is known of a URL (without the mount path): its route and file, whether it is cached and why, how old it is.
   *
   * @param options with `cache.key`: the key of the page that is meant, as in `{ key: { tenant: 'a' } }`
   */
  explain(url: string, options?: ExplainOptions): Promise<Explanation>
  /** What the cache has done since the start, and what it holds; `undefined` until the site is ready. */
  stats(): SiteStats | undefined
  /**
   * Hears of what happens to pages: `hit`, `stale`, `miss`, `collapsed`, `produced`, `refreshed`, `kept`, `failed`,
   * `invalidated`. Returns what ends it.
   */
  on(event: CacheEventName, listener: CacheListener): () => void
  /** Answers with the numbers of `stats()` as OpenMetrics text: mount it where only your monitoring gets to. */
  readonly metrics: RequestHandler
  /** Answers with the 404 page: for the end of the app's chain. */
  readonly notFound: RequestHandler
  /** Answers with the 500 page: the app's error handler. */
  readonly errorHandler: (error: unknown, req: Request, res: Response, next: NextFunction) => void
}

/**
 * Makes the pages of a folder a middleware: `app.use(pages())`.
 *
 * Returns at once; requests that arrive before the site is ready wait for it, and get the reason through `next(err)`
 * if it cannot start. Nothing listens, nothing is patched, no process handlers are added.
 *
 * @throws PagesError `PAGES_OPTION` for a wrong option
 */
export function pages(options?: PagesOptions): PagesHandler {
  const settings = resolveOptions(options)
  return createPagesHandler(
    settings.dev ? createDevelopmentStarter(settings) : createProductionStarter(settings),
    settings,
  )
}

/** Opens the site, once. Only development needs to know where the app has mounted it; production does with any mount. */
export type SiteStarter = (basePath: string) => Promise<RunningSite>

/** Code that only one of the two modes needs is loaded by that one. */
function createProductionStarter(settings: Settings): SiteStarter {
  return async () => {
    const { openBuiltSite } = await import('./server/built-site.js')
    return openBuiltSite(settings, Date.now)
  }
}

function createDevelopmentStarter(settings: Settings): SiteStarter {
  return async (basePath) => {
    const { openDevelopmentSite } = await import('./dev/dev-site.js')
    return openDevelopmentSite(settings, basePath)
  }
}

/** The middleware around a site that is starting, running, or closed. */
export function createPagesHandler(
  start: SiteStarter,
  { dev, onError, limits }: Pick<Settings, 'dev' | 'onError' | 'limits'>,
): PagesHandler {
  let running: RunningSite | undefined
  let starting: Promise<RunningSite> | undefined
  let closing: Promise<void> | undefined
  /** What listens to a site that is not there yet. */
  const early: ((site: RunningSite) => void)[] = []

  function begin(basePath = mountPathOf(handler)): Promise<RunningSite> {
    if (starting !== undefined) return starting
    starting = start(basePath).then((site) => {
      for (const listen of early.splice(0)) listen(site)
      return (running = site)
    })
    // Whoever asks gets the reason; without a request the log is the only one to tell.
    starting.catch((error: unknown) => onError(error, { phase: 'start' }))
    return starting
  }

  /** Goes on with the running site at once, or when it has started. */
  function withSite(req: Request, next: NextFunction, go: (site: RunningSite) => void): void {
    if (closing !== undefined) return next(closedError())
    if (running !== undefined) return go(running)
    begin(req.baseUrl).then(go, next).catch(next)
  }

  function serve(request: PageRequest | undefined, { req, res, next }: HostExchange): void {
    if (request === undefined || request.pathname.length > limits.pathLength) return next()
    withSite(req, next, ({ site }) => site.answer({ request, req, res }, next))
  }

  const notFound: RequestHandler = (req, res, next) =>
    withSite(req, next, ({ site }) => void site.notFound(toExchange(req, res)).catch(next))

  const handler = guardData({
    isPageUrl: (pathname) =>
      running?.site.isPageUrl(pathname) ?? begin().then(({ site }) => site.isPageUrl(pathname)),
    serve,
    refuse: notFound,
  })

  // Production can start right away. Development learns its mount path from the first request.
  if (!dev) void begin().catch(() => undefined)

  const methods: Omit<PagesHandler, keyof RequestHandler> = {
    ready: async () => void (await begin()),
    close: ({ timeoutMs = 10_000 } = {}) => (closing ??= closeWithin(starting, timeoutMs)),
    async revalidate(target) {
      const { site } = await begin()
      await site.revalidate(target)
    },
    async run(work) {
      const { site } = await begin()
      return await site.run(work)
    },
    async explain(url, options) {
      const { site } = await begin()
      return site.explain(url, options)
    },
    stats: () => running && toStats(running.cache),
    on(event, listener) {
      if (!cacheEvents.includes(event)) throw wrongEvent(event)
      let off = running?.cache.observer.on(event, listener)
      let isOff = false
      // Whoever listens before the site is ready misses nothing: nothing has happened yet.
      if (off === undefined)
        early.push(({ cache }) => (off = isOff ? undefined : cache.observer.on(event, listener)))
      return () => {
        isOff = true
        off?.()
      }
    },
    metrics: (req, res, next) =>
      withSite(req, next, ({ cache }) => {
        res.setHeader('Content-Type', METRICS_TYPE)
        res.setHeader('Cache-Control', 'no-store')
        res.end(toOpenMetrics(toStats(cache)))
      }),
    notFound,
    errorHandler: (error, req, res, next) =>
      withSite(req, next, ({ site }) => void site.thrown(toExchange(req, res), error, next).catch(next)),
  }
  return Object.assign(handler, methods) as PagesHandler
}

async function closeWithin(starting: Promise<RunningSite> | undefined, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs)
  })
  const closed = starting?.then(
    (site) => site.close(),
    () => undefined,
  )
  try {
    await Promise.race([closed, timeout])
  } finally {
    clearTimeout(timer)
  }
}

/** The path that Express has been given for the handler, where that is text. */
function mountPathOf(handler: object): string {
  const { mountpath } = handler as { mountpath?: unknown }
  return typeof mountpath === 'string' && mountpath !== '/' ? mountpath : ''
}

/** For requests that are no page's: whatever was asked for, it is answered with a document. */
function toExchange(req: Request, res: Response): Exchange {
  const request = toPageRequest(req) ?? {
    method: req.method,
    basePath: '',
    pathname: req.path,
    search: '',
    representation: 'document' as const,
    hasTrailingSlash: false,
  }
  return { request, req, res }
}

function wrongEvent(event: unknown): PagesError {
  return new PagesError(
    'PAGES_OPTION',
    `on() was given the event ${describeValue(event)}. Known are ${cacheEvents.map((name) => `\`${name}\``).join(', ')}.`,
  )
}

function closedError(): PagesError {
  return new PagesError(
    'PAGES_CLOSED',
    'The site was closed with `close()` and serves no more requests. Create a new one with `pages()`.',
    { status: 503 },
  )
}
