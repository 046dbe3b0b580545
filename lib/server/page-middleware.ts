import type { ErrorRequestHandler, Request, RequestHandler } from 'express'
import type { Params } from '../types.js'
import type { Exchange } from './send.js'

export type MiddlewareHandler = RequestHandler | ErrorRequestHandler

/** How a page's own chain ended: with the page's turn, an answer, `next('route')`, or with something for the app's `next`. */
export type Passage =
  | { readonly type: 'passed' }
  | { readonly type: 'answered' }
  | { readonly type: 'skipped' }
  | { readonly type: 'handed-on'; readonly error: unknown }

export interface MiddlewareVisit {
  readonly exchange: Exchange
  readonly params: Params
  /** Hears of what an async middleware throws after it has called `next`. */
  readonly onLateError: (error: unknown) => void
}

/**
 * Runs a page's `middleware` as Express runs the handlers of a route: in order, error handlers only for errors. Never
 * settles when a middleware answers by itself, as in Express.
 */
export function runMiddleware(
  handlers: readonly MiddlewareHandler[],
  { exchange, params, onLateError }: MiddlewareVisit,
): Promise<Passage> {
  const { req, res } = exchange
  const restore = showPage(exchange, params)

  return new Promise((resolve) => {
    const finish = (passage: Passage): void => {
      restore()
      resolve(passage)
    }
    run(0, undefined)

    function run(start: number, error: unknown): void {
      // The site is to its pages what a router is to its routes, and a page is one of each.
      if (error === 'route' || error === 'router') return finish({ type: 'skipped' })
      const isFailing = isError(error)
      const index = handlers.findIndex((one, at) => at >= start && takesErrors(one) === isFailing)
      const handler = handlers[index]
      if (handler === undefined) return finish(isFailing ? { type: 'handed-on', error } : { type: 'passed' })

      let isOver = false
      const next = (result?: unknown): void => {
        if (isOver) return
        isOver = true
        run(index + 1, result)
      }
      const fail = (thrown: unknown): void => {
        const reason = thrown || new Error(`A middleware threw ${String(thrown)}.`)
        if (isOver) onLateError(reason)
        else next(reason)
      }
      try {
        const returned: unknown = isFailing
          ? (handler as ErrorRequestHandler)(error, req, res, next)
          : (handler as RequestHandler)(req, res, next)
        if (returned instanceof Promise) returned.catch(fail)
      } catch (thrown) {
        fail(thrown)
      }
    }
  })
}

/** As in Express: whatever is passed to `next` and counts as true is an error. */
function isError(value: unknown): boolean {
  return Boolean(value)
}

function takesErrors(handler: MiddlewareHandler): boolean {
  return handler.length === 4
}

/**
 * Guards are written for the page's URL and its parameters, whether its document or its data is asked for. When the chain is over, the request is again what it was,
 * and before that for whoever looks at a response that the chain has sent.
 */
function showPage({ request, req, res }: Exchange, params: Params): () => void {
  const { basePath, pathname, search } = request
  const before = { url: req.url, originalUrl: req.originalUrl, params: req.params }
  const shown: Partial<Request> = {
    params: params as Request['params'],
    ...(request.representation === 'data' && {
      url: pathname + search,
      originalUrl: (pathname === '/' && basePath !== '' ? basePath : basePath + pathname) + search,
    }),
  }
  Object.assign(req, shown)
  const restore = (): void => {
    res.off('finish', restore)
    res.off('close', restore)
    Object.assign(req, before)
  }
  res.prependOnceListener('finish', restore)
  res.prependOnceListener('close', restore)
  return restore
}
