import { STATUS_CODES } from 'node:http'
import type { Request, Response } from 'express'
import type { Body } from '../cache/body.js'
import { describeValue, propertyOf } from '../errors.js'
import type { ErrorInfo } from '../options.js'
import type { ErrorPages } from './error-pages.js'
import { sendPlainText } from './plain-text.js'
import { toQuery } from './query.js'
import { toVisibleUrl } from './request.js'
import type { CachedAnswer, Exchange, Sender } from './send.js'

export interface Failures {
  /** Answers for a page that is not there; `cached` when that is known from the cache, which then says for how long. */
  notFound(exchange: Exchange, cached?: CachedAnswer): Promise<void>
  /** Answers a data request for a page that has no data of its own. */
  noData(exchange: Exchange): Promise<void>
  /** Answers with the page for a status, with headers such as `Allow`. */
  status(exchange: Exchange, status: number, headers?: readonly string[]): Promise<void>
  /** Answers for something that was thrown, or hands it to the app. */
  thrown(exchange: Exchange, failure: Failure, next: (error: unknown) => void): Promise<void>
}

export interface Failure {
  readonly error: unknown
  readonly phase: ErrorInfo['phase']
  readonly route: string | undefined
  /** An error of the app, which has handed it to us to be answered: it is, with the status that it carries. */
  readonly isOfApp?: boolean
}

export interface FailuresParts {
  readonly errorPages: ErrorPages
  readonly sender: Sender
  readonly errors: 'render' | 'next'
  readonly onError: (error: unknown, info: ErrorInfo) => void
  /** Development: a page that shows the error itself. */
  readonly showError: ((error: unknown, exchange: Exchange) => Promise<string>) | undefined
  readonly visits: { errors: number }
}

export function createFailures(parts: FailuresParts): Failures {
  const { errorPages, sender, errors, onError, showError, visits } = parts
  /** The last error that each request has told of. */
  const reported = new WeakMap<Request, unknown>()

  async function status(exchange: Exchange, code: number, headers: readonly string[] = []): Promise<void> {
    await show(exchange, { status: code, error: undefined, headers })
  }

  async function show(exchange: Exchange, { status: code, error, headers }: Shown): Promise<void> {
    const isData = exchange.request.representation === 'data'
    const document = isData ? undefined : await documentFor(exchange, code, error)
    if (isData || document !== undefined)
      await sender.sendStatus(exchange, { status: code, document, headers })
  }

  async function notFound(exchange: Exchange, cached?: CachedAnswer): Promise<void> {
    if (cached === undefined) return status(exchange, 404)
    const isData = exchange.request.representation === 'data'
    const notFoundDocument = isData ? undefined : await documentFor(withoutSearch(exchange), 404, undefined)
    if (isData || notFoundDocument !== undefined)
      await sender.sendCached(exchange, { ...cached, notFoundDocument })
  }

  function documentFor(
    { request, req, res }: Exchange,
    code: number,
    error: unknown,
  ): Promise<Body | Buffer | undefined> {
    const visible = toVisibleUrl(req, request)
    return errorPages.documentFor({
      status: code,
      error,
      asPath: visible.path + (request.search && visible.search),
      query: toQuery(request.search, {}),
      basePath: request.basePath,
      req,
      res,
    })
  }

  async function thrown(
    exchange: Exchange,
    { error, phase, route, isOfApp = false }: Failure,
    next: (error: unknown) => void,
  ): Promise<void> {
    const { request, req, res } = exchange
    const code = isOfApp ? statusOfAppError(error) : statusOf(error)
    if (code >= 500)
      report(error, {
        phase,
        pathname: request.pathname,
        request: req,
        ...(route !== undefined && { route }),
      })
    if (res.headersSent) return cutOff(res)
    if (errors === 'next' && !isOfApp) return next(toPassable(error))
    if (phase === 'handler') return endEmpty(res, code)
    // Whoever calls an API route reads a status and a word, not a page.
    if (phase === 'api' && showError === undefined) return sendPlainText(res, code, toStatusText(code))
    const headers = code === 503 ? ['Retry-After', '1'] : []
    try {
      if (showError !== undefined && code >= 500 && request.representation === 'document')
        return void (await sender.sendStatus(exchange, {
          status: code,
          document: Buffer.from(await showError(error, exchange)),
          headers,
        }))
      await show(exchange, { status: code, error, headers })
    } catch (second) {
      report(second, { phase, pathname: request.pathname, request: req })
      // The error page failed too: the bare status is all that is left to say.
      await sender.sendStatus(exchange, { status: code, document: undefined, headers })
    }
  }

  /** Tells `onError` of an error that a request has not told of yet. */
  function report(error: unknown, info: ErrorInfo & { request: Request }): void {
    // With `errors: 'next'` and our error handler in the app, a page's error comes by twice.
    if (reported.has(info.request) && reported.get(info.request) === error) return
    if (!reported.has(info.request)) visits.errors += 1
    reported.set(info.request, error)
    onError(error, info)
  }

  return {
    status,
    thrown,
    notFound,
    noData: async (exchange) =>
      void (await sender.sendStatus(exchange, { status: 404, document: undefined, isNoData: true })),
  }
}

interface Shown {
  readonly status: number
  readonly error: unknown
  readonly headers: readonly string[]
}

/** The status that one of our own errors asks for. Whatever a page throws is a 500, its `statusCode` notwithstanding. */
function statusOf(error: unknown): number {
  const name = propertyOf(error, 'name')
  const status = name === 'PagesError' || name === 'MalformedPathError' ? propertyOf(error, 'status') : 500
  return typeof status === 'number' ? status : 500
}

/** Middlewares give their errors a status: 400 for a body that is no JSON, 403 for a missing token. */
function statusOfAppError(error: unknown): number {
  const given = propertyOf(error, 'status') ?? propertyOf(error, 'statusCode')
  return typeof given === 'number' && Number.isInteger(given) && given >= 400 && given <= 599 ? given : 500
}

/** A page that caches keep for a path is made for that path, whatever the query of who asked first. */
function withoutSearch(exchange: Exchange): Exchange {
  const { request } = exchange
  return request.search === '' ? exchange : { ...exchange, request: { ...request, search: '' } }
}

function toStatusText(status: number): string {
  return STATUS_CODES[status] ?? String(status)
}

/** What Express would not take for an error: nothing at all, and the words that it has a meaning of its own for. */
function toPassable(error: unknown): unknown {
  const isError = Boolean(error) && error !== 'route' && error !== 'router'
  return isError ? error : new Error(`A page threw ${describeValue(error)}.`, { cause: error })
}

/** A route handler's caller expects no page, and no words. */
function endEmpty(res: Response, code: number): void {
  if (res.destroyed) return
  for (const name of res.getHeaderNames()) if (/^content-|^etag$/.test(name)) res.removeHeader(name)
  res.writeHead(code, { 'Content-Length': 0, 'Cache-Control': 'no-store' })
  res.end()
}

/** Half an answer is on its way: ending it properly would pass it off as a whole one. */
function cutOff(res: Response): void {
  if (!res.writableEnded) res.destroy()
}
