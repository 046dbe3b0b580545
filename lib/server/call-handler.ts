import { noResponse } from '../errors.js'
import { toParamsPromise } from '../react/params.js'
import type { Params } from '../types.js'
import type { HandlerMethod } from './handler-methods.js'
import type { HandlerModule } from './handler-module.js'
import { toHandlerResult, type HandlerResult } from './handler-results.js'
import { PRIVATE } from './lifetime.js'
import { withMemory, withProduction, type ValueCache } from './production.js'
import { toRedirect } from './redirect.js'

export interface HandlerCall {
  readonly handler: HandlerModule
  readonly method: HandlerMethod
  readonly request: Request
  readonly params: Params
  /** For messages. */
  readonly file: string
  readonly pathname: string
  /** What paths given to `redirect()` are below. */
  readonly basePath: string
  /** Where what cached functions return is kept; absent for an answer that is part of a production already. */
  readonly values?: ValueCache | undefined
}

/** Calls one method of a route handler. Throws what it throws, and for an answer that is none. */
export async function callHandler(call: HandlerCall): Promise<Response> {
  const { handler, method, request, params, file, values } = call
  const answer = handler.methods.get(method)!
  try {
    const run = (): unknown => answer(request, { params: toParamsPromise(params) })
    const response: unknown = await (values === undefined ? withMemory(run) : withProduction({ values }, run))
    if (isResponse(response)) return response
    throw noResponse(file, method, response)
  } catch (error) {
    const result = toHandlerResult(error)
    if (result === undefined) throw error
    return toResponse(result, call)
  }
}

/** By its shape: a polyfill's is another class. */
function isResponse(value: unknown): value is Response {
  if (value instanceof Response) return value.type !== 'error'
  const isLike = Object.prototype.toString.call(value) === '[object Response]'
  return isLike && (value as Response).status >= 200
}

function toResponse(result: HandlerResult, { method, pathname, basePath }: HandlerCall): Response {
  if (result.type === 'not-found') return new Response(null, { status: 404 })
  const { destination, status } = toRedirect(
    { destination: result.destination, statusCode: result.status },
    { fn: `${method} (redirect)`, url: pathname, lifetime: PRIVATE },
  )
  const location = destination.startsWith('/') ? basePath + destination : destination
  return new Response(null, { status, headers: { location } })
}
