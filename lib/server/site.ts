import type { NextFunction } from 'express'
import type { ResponseCache } from '../cache/response-cache.js'
import type { ErrorInfo, Settings } from '../options.js'
import { matchRoute } from '../routing/match.js'
import type { RevalidateTarget } from '../types.js'
import { createApiRunner } from './api.js'
import { createDraftMode } from './draft.js'
import type { DraftKeys } from './draft-token.js'
import { createErrorPages } from './error-pages.js'
import type { Explanation, ExplainOptions } from './explain.js'
import { createFailures } from './failures.js'
import { createHandlerRunner } from './handlers.js'
import { createHandler, type Answer, type FileServer } from './handler.js'
import { createMicroPages } from './micro-pages.js'
import { createPageGuards } from './page-guards.js'
import { createPageRenderer } from './page-renderer.js'
import type { PageFacts, PageSource } from './page-source.js'
import { createProducer } from './produce.js'
import { withProduction } from './production.js'
import { createSender, type Exchange } from './send.js'
import { createStaticPages } from './static-pages.js'
import { createVisitorPages } from './visitor-pages.js'
import { createWarnings } from './warnings.js'

/** What differs between production, development and tests. */
export interface SiteParts {
  readonly source: PageSource
  readonly files: FileServer
  readonly cache: ResponseCache
  readonly config: SiteBehaviour
  /** Secrets of draft mode; of the build, so that every machine that serves it has the same. */
  readonly draftKeys: DraftKeys
  readonly settings: Pick<Settings, 'cache' | 'dev' | 'fallthrough' | 'errors' | 'compress' | 'limits'>
  readonly onError: (error: unknown, info: ErrorInfo) => void
  readonly now: () => number
  /** Development: a page that shows an error instead of hiding it. */
  readonly showError?: (error: unknown, exchange: Exchange) => Promise<string>
}

/** What the project's configuration file says of serving. */
export interface SiteBehaviour {
  readonly trailingSlash: boolean
  readonly skipTrailingSlashRedirect: boolean
  readonly generateEtags: boolean
  readonly compress: boolean
  readonly largePageDataBytes: number
}

export interface Site {
  readonly answer: Answer
  /** Whether a path as the client wrote it is a page of ours, which its data URL stands for. */
  isPageUrl(pathname: string): boolean | Promise<boolean>
  revalidate(target: RevalidateTarget): Promise<void>
  explain(url: string, options?: ExplainOptions): Promise<Explanation>
  /** Runs something as the site's own code is run: what cached functions return in it is kept. */
  run<T>(work: () => T): T
  /** The 404 page, as an answer to whatever is asked. */
  notFound(exchange: Exchange): Promise<void>
  /** The 500 page for an error of the app. */
  thrown(exchange: Exchange, error: unknown, next: NextFunction): Promise<void>
}

export function createSite(parts: SiteParts): Site {
  const { source, files, cache, config, settings, onError, now, showError } = parts
  const checks = settings.dev
  const { trailingSlash, largePageDataBytes } = config
  const warnings = createWarnings()
  const renderer = createPageRenderer({
    source,
    checks,
    trailingSlash,
    largePageDataBytes,
    timeoutMs: settings.limits.timeoutMs,
    warnings,
  })
  const producer = createProducer({ source, renderer, checks, trailingSlash, warnings, values: cache })
  const staticPages = createStaticPages({
    source,
    cache,
    producer,
    now,
    onError,
    keyOfRequest: settings.cache.key,
    onPurge: settings.cache.onPurge,
  })
  const sender = createSender({
    buildId: () => source.buildId,
    dev: settings.dev,
    compress: settings.compress && config.compress,
    etags: config.generateEtags,
    tagHeader: settings.cache.tagHeader,
    now,
  })
  const { visits } = cache.observer
  const errorPages = createErrorPages({ source, cache, producer, renderer, showsErrors: settings.dev })
  const failures = createFailures({ errorPages, sender, errors: settings.errors, onError, showError, visits })
  const draftMode = createDraftMode({
    keys: parts.draftKeys,
    buildId: source.buildId,
    dev: settings.dev,
    now,
  })
  const answer = createHandler({
    source,
    files,
    staticPages,
    microPages: createMicroPages({ cache, producer, staticPages, sender, failures, now }),
    visitorPages: createVisitorPages({
      producer,
      sender,
      failures,
      timeoutMs: settings.limits.timeoutMs,
      visits,
    }),
    api: createApiRunner({
      source,
      revalidate: staticPages.revalidate,
      etags: config.generateEtags,
      values: cache,
      draftMethods: draftMode.methods,
      checks,
      warnings,
    }),
    handlers: createHandlerRunner({ source, staticPages, sender, values: cache }),
    sender,
    failures,
    draftMode,
    guards: createPageGuards({ source, onError, values: cache }),
    settings: { ...config, fallthrough: settings.fallthrough },
  })

  function isPageUrl(pathname: string): boolean | Promise<boolean> {
    const match = matchRoute(source.routes, pathname)
    if (match?.pathname !== pathname) return false
    const facts = source.describe(match.value)
    return facts instanceof Promise ? facts.then(isPage) : isPage(facts)
  }

  return {
    answer,
    isPageUrl,
    revalidate: staticPages.revalidate,
    explain: staticPages.explain,
    run: (work) => withProduction({ values: cache }, work),
    notFound: failures.notFound,
    thrown: (exchange, error, next) =>
      failures.thrown(exchange, { error, phase: 'request', route: undefined, isOfApp: true }, next),
  }
}

function isPage({ kind }: PageFacts): boolean {
  return kind !== 'api' && kind !== 'handler'
}
