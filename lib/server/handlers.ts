import type { Response as ExpressResponse } from 'express'
import { callHandler } from './call-handler.js'
import type { FoundPage } from './find-page.js'
import { handlerMethods, type HandlerMethod } from './handler-methods.js'
import { toHandlerModule, type HandlerModule } from './handler-module.js'
import type { PageSource } from './page-source.js'
import type { Exchange, Sender } from './send.js'
import type { ValueCache } from './production.js'
import { sendUnkeptAnswer } from './send-handler.js'
import { produceHandler, RequestReadError, UnkeptAnswerError } from './static-handler.js'
import type { StaticPages } from './static-pages.js'
import { toWebRequest, UnusableRequestError } from './web-request.js'
import { sendWebResponse } from './web-response.js'

export interface HandlerRunner {
  /** Answers a request for a route handler: from the cache where it is static, else by running it. */
  answer(exchange: Exchange, found: FoundPage): Promise<void>
}

export interface HandlerRunnerParts {
  readonly source: PageSource
  readonly staticPages: StaticPages
  readonly sender: Sender
  /** Where what cached functions return is kept. */
  readonly values: ValueCache
}

export function createHandlerRunner({
  source,
  staticPages,
  sender,
  values,
}: HandlerRunnerParts): HandlerRunner {
  /** Were to be static, and then read the request. */
  const readers = new WeakSet<HandlerModule>()

  async function answer(exchange: Exchange, found: FoundPage): Promise<void> {
    const { request, res } = exchange
    const { page } = await source.load(found.value)
    const handler = toHandlerModule(page, found.value)
    const method = toMethod(request.method)
    if (method === undefined) return end(res, 400)
    const called = method === 'HEAD' && !handler.methods.has('HEAD') ? 'GET' : method
    if (!handler.methods.has(called)) return end(res, called === 'OPTIONS' ? 204 : 405, toAllow(handler))
    const isKept = found.facts.isStatic === true && called === 'GET' && !readers.has(handler)
    if (isKept && (await answerStatic(exchange, found, handler))) return
    await run(exchange, found, { handler, method: called })
  }

  /** Says whether it has answered; otherwise the handler must run for this request. */
  async function answerStatic(
    exchange: Exchange,
    found: FoundPage,
    handler: HandlerModule,
  ): Promise<boolean> {
    try {
      if (exchange.draft !== undefined) {
        sendUnkeptAnswer(exchange, await produceNow(found, handler))
        return true
      }
      const answered = await staticPages.answer(exchange, found)
      if (answered.type !== 'cached') return false
      await sender.sendCached(exchange, answered.answer)
      return true
    } catch (error) {
      if (error instanceof UnkeptAnswerError) {
        sendUnkeptAnswer(exchange, error.answer)
        return true
      }
      if (!(error instanceof RequestReadError)) throw error
      readers.add(handler)
      return false
    }
  }

  /** What would be kept now, for a visitor in draft mode: the cache is neither asked nor told. */
  function produceNow({ value, params, pathname }: FoundPage, handler: HandlerModule) {
    return produceHandler({ handler, file: value.file, params, pathname })
  }

  async function run(
    exchange: Exchange,
    { value, params }: FoundPage,
    { handler, method }: { handler: HandlerModule; method: HandlerMethod },
  ): Promise<void> {
    const { request, res } = exchange
    const { file } = value
    const { basePath, pathname } = request
    const webRequest = attempt(() => toWebRequest(exchange, file))
    if (webRequest === undefined) return end(res, 400)
    const kept = exchange.draft === undefined ? values : undefined
    const call = { handler, method, request: webRequest, params, file, pathname, basePath, values: kept }
    const response = await callHandler(call)
    await sendWebResponse(response, res, { isHead: request.method === 'HEAD' })
  }

  return { answer }
}

function toMethod(token: string): HandlerMethod | undefined {
  return handlerMethods.find((method) => method === token)
}

/** What the route can be asked with, sorted. */
function toAllow({ methods }: HandlerModule): string {
  const allowed = new Set<string>([...methods.keys(), 'OPTIONS'])
  if (methods.has('GET')) allowed.add('HEAD')
  return [...allowed].sort().join(', ')
}

function end(res: ExpressResponse, status: number, allow?: string): void {
  res.statusCode = status
  if (allow !== undefined) res.setHeader('Allow', allow)
  if (status !== 204) res.setHeader('Content-Length', 0)
  res.end()
}

function attempt(make: () => Request): Request | undefined {
  try {
    return make()
  } catch (error) {
    if (error instanceof UnusableRequestError) return undefined
    throw error
  }
}
