import type { NextFunction } from 'express'
import { collapseSlashes } from '../routing/format.js'
import { isMalformedPath, MalformedPathError } from '../routing/match.js'
import type { ApiRunner } from './api.js'
import type { PreviewFields } from '../types.js'
import type { DraftMode } from './draft.js'
import { readDraftCookies } from './draft-cookies.js'
import type { Failures } from './failures.js'
import { findPage, type FoundPage } from './find-page.js'
import type { PageGuards } from './page-guards.js'
import type { PageSource } from './page-source.js'
import type { HandlerRunner } from './handlers.js'
import type { MicroPages } from './micro-pages.js'
import { toVisiblePath } from './produce.js'
import type { Exchange, Sender } from './send.js'
import type { StaticPages } from './static-pages.js'
import { createSpelling, type SpellingSettings } from './spelling.js'
import type { VisitorPages } from './visitor-pages.js'

/** Hashed assets and public files; development has Vite's modules here. */
export interface FileServer {
  /** Sends the file that the exchange asks for, or calls `next` if there is none. */
  serve(exchange: Exchange, next: (error?: unknown) => void): void
}

export interface HandlerParts {
  readonly source: PageSource
  readonly files: FileServer
  readonly staticPages: StaticPages
  readonly visitorPages: VisitorPages
  readonly microPages: MicroPages
  readonly api: ApiRunner
  readonly handlers: HandlerRunner
  readonly sender: Sender
  readonly failures: Failures
  readonly draftMode: DraftMode
  readonly guards: PageGuards
  readonly settings: HandlerSettings
}

export interface HandlerSettings extends SpellingSettings {
  readonly fallthrough: boolean
}

export type Answer = (exchange: Exchange, next: NextFunction) => void

/**
 * A request's path: a page in memory, else a file, else the page that the routes find: static from the cache, server
 * and API produced now. What is not ours goes to `next`.
 */
export function createHandler(parts: HandlerParts): Answer {
  const {
    source,
    files,
    staticPages,
    visitorPages,
    microPages,
    api,
    handlers,
    sender,
    failures,
    draftMode,
    guards,
    settings,
  } = parts
  const spelling = createSpelling(settings)

  function answer(exchange: Exchange, next: NextFunction): void {
    const { request } = exchange
    try {
      const hit =
        isRead(request.method) && spelling.endsRight(request) && !bringsDraft(exchange)
          ? staticPages.recall(exchange)
          : undefined
      if (hit !== undefined) {
        const sending = sender.sendCached(exchange, hit)
        if (sending !== undefined) sending.catch(fail)
        return
      }
      files.serve(exchange, (error) =>
        error === undefined ? void servePage(exchange, next).catch(fail) : fail(error),
      )
    } catch (error) {
      fail(error)
    }

    function fail(error: unknown, route?: string): void {
      void failures.thrown(exchange, { error, phase: 'request', route }, next).catch(next)
    }
  }

  async function servePage(asked: Exchange, next: NextFunction): Promise<void> {
    const { request } = asked
    const draft = draftMode.read(asked.req.headers.cookie)
    const exchange: Exchange = draft?.fields === undefined ? asked : { draft: draft.fields, ...asked }
    const found = await findPage(source, request.pathname, { takesUnlisted: exchange.draft !== undefined })
    if (found === undefined) return serveUnmatched(exchange, next)
    if (found === 'unlisted') return failures.notFound(exchange)
    const { kind } = found.facts
    if ((kind === 'api' || kind === 'handler') && request.representation === 'data')
      return settings.fallthrough ? next() : failures.notFound(exchange)

    const truePath = spelling.correct(request, found)
    if (truePath !== undefined) return redirectTo(exchange, truePath)
    if (!takesMethod(kind, request.method))
      return settings.fallthrough ? next() : refuseMethod(exchange, kind)
    if (draft !== undefined && draft.fields === undefined) draftMode.forget(exchange.res)
    try {
      if (kind === 'api' || found.facts.hasMiddleware === true) {
        const passage = await guards.pass(exchange, found)
        if (passage.type === 'handed-on') return next(passage.error)
        if (passage.type === 'skipped')
          return settings.fallthrough ? next() : await failures.notFound(exchange)
        if (passage.type === 'answered') return
      }
      await serveFound(
        found.facts.hasMiddleware === true ? { isGuarded: true, ...exchange } : exchange,
        found,
      )
    } catch (error) {
      await failures.thrown(
        exchange,
        { error, phase: kind === 'api' || kind === 'handler' ? kind : 'request', route: found.route },
        next,
      )
    }
  }

  async function serveFound(exchange: Exchange, found: FoundPage): Promise<void> {
    const { kind } = found.facts
    if (kind === 'static') await serveStatic(exchange, found)
    else if (kind === 'server') await serveProduced(exchange, found)
    else if (kind === 'handler') await handlers.answer(exchange, found)
    else await api.run(exchange, found.value, found.params)
  }

  async function serveProduced(exchange: Exchange, found: FoundPage): Promise<void> {
    const isKept = found.facts.microcache !== undefined
    const variant = isKept ? staticPages.variantOf(exchange, found) : undefined
    if (variant !== undefined && (await microPages.answer(exchange, found, variant))) return
    await visitorPages.answer(exchange, found, variant?.parts)
  }

  async function serveDraft(
    exchange: Exchange,
    found: FoundPage,
    fields: Required<PreviewFields>,
  ): Promise<void> {
    const variant = staticPages.variantOf(exchange, found)
    if (variant === undefined) return failures.notFound(exchange)
    await visitorPages.answerDraft(exchange, found, { fields, variant })
  }

  async function serveStatic(exchange: Exchange, found: FoundPage): Promise<void> {
    if (exchange.draft !== undefined && found.facts.data === 'getStaticProps')
      return serveDraft(exchange, found, exchange.draft)
    const answered = await staticPages.answer(exchange, found)
    if (answered.type === 'shell')
      return void (await sender.sendStatus(exchange, { status: 200, document: answered.document }))
    if (answered.type === 'nobody') return failures.notFound(exchange)
    const cached = answered.answer
    if (cached.page.type !== 'not-found') return void (await sender.sendCached(exchange, cached))
    await failures.notFound(exchange, cached)
  }

  async function serveUnmatched(exchange: Exchange, next: NextFunction): Promise<void> {
    const { request } = exchange
    const collapsed = collapseSlashes(request.pathname)
    if (collapsed !== request.pathname && request.representation === 'document') {
      const found = await findPage(source, collapsed)
      if (found !== undefined && found !== 'unlisted')
        return redirectTo(exchange, toVisiblePath(found.pathname, settings.trailingSlash))
    }
    if (settings.fallthrough) return next()
    if (isMalformedPath(request.pathname)) throw new MalformedPathError()
    return failures.notFound(exchange)
  }

  /** Data has no second spelling: browsers ask for the one that the page's URL leads to. */
  function redirectTo(exchange: Exchange, pathname: string): Promise<void> | void {
    const { request, res } = exchange
    if (request.representation === 'data') return failures.notFound(exchange)
    const location = request.basePath + pathname + request.search
    res.writeHead(308, {
      Location: location,
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': Buffer.byteLength(location),
    })
    res.end(location)
  }

  function refuseMethod(exchange: Exchange, kind: FoundPage['facts']['kind']): Promise<void> {
    const allowed = kind === 'server' ? 'DELETE, GET, HEAD, PATCH, POST, PUT' : 'GET, HEAD'
    return failures.status(exchange, 405, ['Allow', allowed])
  }

  return answer
}

function bringsDraft({ req }: Exchange): boolean {
  return readDraftCookies(req.headers.cookie) !== undefined
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** Forms may be posted to a page that is rendered per request; a static page can only be read. */
function takesMethod(kind: FoundPage['facts']['kind'], method: string): boolean {
  if (kind === 'api' || kind === 'handler') return true
  return isRead(method) || (kind === 'server' && /^(POST|PUT|PATCH|DELETE)$/.test(method))
}
