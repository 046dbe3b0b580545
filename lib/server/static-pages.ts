import { isDynamicRoute } from '../routing/pattern.js'
import type { Request } from 'express'
import type { Body } from '../cache/body.js'
import type { CachedPage } from '../cache/cached-page.js'
import { isFresh } from '../cache/entry.js'
import { microKey, routeKey, shellKey } from '../cache/key.js'
import type { PageKey, Render, ResponseCache } from '../cache/response-cache.js'
import { PagesError } from '../errors.js'
import type { ErrorInfo } from '../options.js'
import type { RevalidateOptions, RevalidateTarget } from '../types.js'
import { isCrawler } from './crawlers.js'
import {
  explainCached,
  explainEachKey,
  explainNothing,
  type Explanation,
  type ExplainOptions,
} from './explain.js'
import { findPage, type FoundPage } from './find-page.js'
import type { PageSource } from './page-source.js'
import { isPrefetch } from './prefetch.js'
import type { Producer } from './produce.js'
import { forgetCalls } from './production.js'
import { isRewritten, type PageRequest } from './request.js'
import { toRevalidation } from './revalidate-target.js'
import { NO_VARIANT, toKeyParts, toVariant, type Variant } from './variants.js'
import type { CachedAnswer, Exchange } from './send.js'

/** A static page's answer, or the shell of one that the browser is to fill in. */
export type StaticAnswer =
  | { readonly type: 'cached'; readonly answer: CachedAnswer }
  | { readonly type: 'shell'; readonly document: Body }
  /** The request belongs to nobody whom the site has pages for. */
  | { readonly type: 'nobody' }

export interface StaticPages {
  /** A fresh page in memory under exactly this pathname, for everybody: the hit path, which matches no route and waits for nothing. */
  recall(exchange: Exchange): CachedAnswer | undefined
  /** What the page is told of this visitor; `undefined` for one whom the site has no pages for. */
  variantOf(exchange: Exchange, found: FoundPage): Variant | undefined
  /** What a page's answer for a variant is found by, below a mount path. */
  keyOf(found: FoundPage, basePath: string, variant?: Variant): PageKey
  /** The page that was found, from the cache or produced. */
  answer(exchange: Exchange, found: FoundPage): Promise<StaticAnswer>
  /** Produces the page at a path anew, or makes all pages of a name outdated; resolves when nothing older is served. */
  revalidate(target: RevalidateTarget, options?: RevalidateOptions): Promise<void>
  /** What is known of a URL; nothing is produced. */
  explain(url: string, options?: ExplainOptions): Promise<Explanation>
}

export interface StaticPagesParts {
  readonly source: PageSource
  readonly cache: ResponseCache
  readonly producer: Producer
  readonly now: () => number
  readonly onError: (error: unknown, info: ErrorInfo) => void
  /** The named parts of a request's key. */
  readonly keyOfRequest: ((req: Request) => unknown) | undefined
  /** Told of what was revalidated. */
  readonly onPurge: ((target: RevalidateTarget) => unknown) | undefined
}

export function createStaticPages(parts: StaticPagesParts): StaticPages {
  const { source, cache, producer, now, onError, onPurge, keyOfRequest } = parts
  /** The name an entry is found by: the canonical path, or the route for a page that is the same at all its paths. */
  function keyOf({ pathname, route, facts }: FoundPage): string {
    const isSameForAll = facts.kind === 'static' && facts.data === undefined && isDynamicRoute(route)
    return isSameForAll ? routeKey(route) : pathname
  }

  function toKey(found: FoundPage, basePath: string, variant = NO_VARIANT): PageKey {
    const key = keyOf(found)
    const { route, pathname: path, facts } = found
    if (facts.microcache !== undefined)
      return { key: microKey(path) + variant.suffix, basePath, route, path, isBrief: true }
    if (key !== path) return { key, basePath, route }
    const isByQuery = facts.query === undefined ? {} : { isByQuery: true as const }
    return { key: key + variant.suffix, basePath, route, path, ...isByQuery }
  }

  function renderOf({ value: record, params, pathname }: FoundPage, variant = NO_VARIANT): Render {
    return (reason) => producer.produceStatic({ record, params, pathname, reason, variant })
  }

  /** What the page is told of this visitor; only `getStaticProps` is told anything. */
  function variantOf({ request, req }: Exchange, { facts }: FoundPage): Variant | undefined {
    if (facts.data !== 'getStaticProps' && facts.microcache === undefined) return NO_VARIANT
    const parts = keyOfRequest && toKeyParts(keyOfRequest(req))
    if (keyOfRequest !== undefined && parts === undefined) return undefined
    return toVariant(parts, facts.query, request.search)
  }

  function recall({ request, req }: Exchange): CachedAnswer | undefined {
    const { pathname, basePath } = request
    const suffix = keyOfRequest === undefined ? '' : suffixOf(keyOfRequest(req))
    if (suffix === undefined) return undefined
    const key = { key: pathname + suffix, basePath }
    const page = cache.lookup(key)
    // A stale page starts a refresh, for which its route must be known: not the shortest way.
    if (page === undefined || !isFresh(page, now())) return undefined
    if (request.search !== '' && page.origin?.isByQuery === true) return undefined
    if (!isWhole(page, request) || source.isGuarded(pathname)) return undefined
    cache.observer.saw('hit', key.key)
    return { page, status: 'hit', stored: true, collapsed: false, onGrown: () => cache.resize(key, page) }
  }

  async function answer(exchange: Exchange, found: FoundPage): Promise<StaticAnswer> {
    const variant = variantOf(exchange, found)
    if (variant === undefined) return { type: 'nobody' }
    const key = toKey(found, exchange.request.basePath, variant)
    if (await wantsShell(exchange, found, key))
      return { type: 'shell', document: await shellOf(found, key.basePath) }
    const served = await cache.serve(key, renderOf(found, variant), {
      isPrefetch: isPrefetch(exchange.req),
    })
    return { type: 'cached', answer: { onGrown: () => cache.resize(key, served.page), ...served } }
  }

  /**
   * Only a document may be a shell, of a path that is neither listed nor produced yet. Not for crawlers, nor at another
   * URL than the page's, from which the browser could not tell what to fill it with.
   */
  async function wantsShell({ request, req }: Exchange, found: FoundPage, key: PageKey): Promise<boolean> {
    if (found.facts.fallback !== true || request.representation === 'data') return false
    if (isCrawler(req.headers['user-agent']) || isRewritten(req, request)) return false
    if (await cache.has(key)) return false
    return !(await source.lists(found.value, found.pathname))
  }

  async function shellOf({ route, value: record }: FoundPage, basePath: string): Promise<Body> {
    const { page } = await cache.serve({ key: shellKey(route), basePath, route }, () =>
      producer.produceStatic({ record, params: {}, pathname: route, reason: 'stale', isShell: true }),
    )
    if (page.type !== 'page')
      throw new PagesError('PAGES_BUG', `The shell of \`${route}\` led to ${page.type}. Please report this.`)
    return page.document
  }

  async function revalidate(target: RevalidateTarget, options: RevalidateOptions = {}): Promise<void> {
    await revalidateHere(target, options)
    forgetCalls()
    try {
      await onPurge?.(target)
    } catch (error) {
      onError(error, { phase: 'revalidate' })
    }
  }

  async function revalidateHere(target: RevalidateTarget, options: RevalidateOptions): Promise<void> {
    const asked = toRevalidation(target)
    if (typeof target === 'object' && 'route' in target) assertRoute(target.route, source)
    if (asked.type === 'name') return cache.invalidate(asked)
    const { path } = asked
    const found = await findPage(source, path)
    if (found === undefined || found === 'unlisted')
      throw failedToRevalidate(path, 404, 'no page answers for it')
    const all = { name: `path:${found.pathname}`, isSoft: false }
    if (found.facts.kind === 'server')
      return found.facts.microcache === undefined ? undefined : cache.invalidate(all)
    if (found.facts.kind === 'handler' && found.facts.isStatic !== true)
      throw failedToRevalidate(path, 404, 'it is a route handler whose answers are not kept')
    if (found.facts.kind === 'api') throw failedToRevalidate(path, 404, 'it is an API route')
    if (options.unstable_onlyGenerated === true && !(await cache.has(toKey(found, '')))) return
    const isByKey = keyOfRequest !== undefined && found.facts.data === 'getStaticProps'
    // Whom to produce it for is not said: all that there are, are outdated.
    if (isByKey && asked.key === undefined) return cache.invalidate(all)
    if (found.facts.query !== undefined) await cache.invalidate(all)
    const variant = isByKey ? toVariant(asked.key, found.facts.query, '') : NO_VARIANT
    const entry = await cache.revalidate(toKey(found, '', variant), renderOf(found, variant))
    if (entry.type === 'redirect') throw failedToRevalidate(path, entry.status, 'it is a redirect now')
  }

  async function explain(url: string, { key: given }: ExplainOptions = {}): Promise<Explanation> {
    const parts = toKeyParts(given)
    const [, path, search] = /^([^?#]*)(\?[^#]*)?/.exec(url) as unknown as [string, string, string?]
    const found = await findPage(source, path)
    const isKept =
      typeof found === 'object' &&
      (found.facts.kind === 'static' || found.facts.isStatic === true || found.facts.microcache !== undefined)
    if (!isKept) return explainNothing(path, found)
    const isTold = found.facts.data === 'getStaticProps' || found.facts.microcache !== undefined
    if (isTold && keyOfRequest !== undefined && parts === undefined) return explainEachKey(path, found)
    const variant = isTold ? toVariant(parts, found.facts.query, search ?? '') : NO_VARIANT
    return explainCached({ path, found, key: toKey(found, '', variant) }, cache, now())
  }

  return { recall, variantOf, keyOf: toKey, answer, revalidate, explain }
}

/** A page that says all there is to say: not one that is shown as another, nor data of what has none. */
function isWhole({ type }: CachedPage, { representation }: PageRequest): boolean {
  return type !== 'not-found' && (type !== 'handler' || representation === 'document')
}

/** What the named parts of a request's key add to a pathname; `undefined` for a request that belongs to nobody. */
function suffixOf(returned: unknown): string | undefined {
  const parts = toKeyParts(returned)
  return parts && toVariant(parts, undefined, '').suffix
}

/** A route that is misspelled would outdate nothing, and nobody would notice. */
function assertRoute(route: string, { routes }: PageSource): void {
  const known = routes.entries.map((entry) => entry.route)
  if (known.includes(route)) return
  throw new PagesError(
    'PAGES_REVALIDATE',
    `revalidate() was given the route \`${route}\`, which no file has. Give one of ${known.map((one) => `\`${one}\``).join(', ')}.`,
  )
}

function failedToRevalidate(path: string, status: number, why: string): PagesError {
  return new PagesError(
    'PAGES_REVALIDATE',
    `Failed to revalidate \`${path}\`: status ${status}, ${why}. Give the path of a static page.`,
  )
}
