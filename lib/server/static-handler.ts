import { cookieForEverybody } from '../errors.js'
import type { HandlerResponse, SharedLifetime } from '../page-response.js'
import { BASE_PATH_TOKEN } from '../protocol/base-path.js'
import type { Params } from '../types.js'
import { callHandler } from './call-handler.js'
import type { HandlerModule } from './handler-module.js'
import { NOT_FOUND_SECONDS, toStaticLifetime } from './lifetime.js'
import { headersToSend } from './web-response.js'

/** The answer cannot be kept for everybody: the handler read the request, so that it must run for each. */
export class RequestReadError extends Error {
  override readonly name = 'RequestReadError'
}

/** The answer is not worth keeping: a failure, which may be over at the next request. */
export class UnkeptAnswerError extends Error {
  override readonly name = 'UnkeptAnswerError'
  readonly answer: HandlerResponse
  constructor(file: string, answer: HandlerResponse) {
    super(`\`GET\` of \`${file}\` answered with status ${answer.status}, which is not kept.`)
    this.answer = answer
  }
}

/** Whether a static route handler ran well, and yet there is nothing to keep. */
export function isUnkept(error: unknown): error is RequestReadError | UnkeptAnswerError {
  return error instanceof RequestReadError || error instanceof UnkeptAnswerError
}

export interface StaticCall {
  readonly handler: HandlerModule
  readonly file: string
  readonly pathname: string
  readonly params: Params
}

/**
 * Runs the `GET` of a static route handler for everybody: there is no request but the path. With `force-static` the
 * request reads as empty; otherwise reading it throws `RequestReadError`.
 */
export async function produceHandler({
  handler,
  file,
  pathname,
  params,
}: StaticCall): Promise<HandlerResponse> {
  const { dynamic, revalidate } = handler.config
  const use = { read: undefined as string | undefined }
  const whole = new Request(`http://localhost${pathname}`)
  const request = dynamic === 'force-static' ? whole : watchRequest(whole, use)
  const call = { handler, method: 'GET', request, params, file, pathname, basePath: BASE_PATH_TOKEN } as const
  const response = await callHandler(call).catch((error: unknown) => {
    throw use.read === undefined ? error : readError(file, use.read)
  })
  const body = Buffer.from(await response.arrayBuffer())
  // The handler may have caught what was thrown at it.
  if (use.read !== undefined) throw readError(file, use.read)
  const { status } = response
  const headers = headersToSend(response).filter(([name]) => name !== 'content-length' && name !== 'date')
  const answer: HandlerResponse = {
    type: 'handler',
    status,
    headers,
    body,
    lifetime: lifetimeOf(status, revalidate),
  }
  if (status >= 400 && status !== 404 && status !== 410) throw new UnkeptAnswerError(file, answer)
  if (response.headers.getSetCookie().length > 0) throw cookieForEverybody(file, pathname)
  return answer
}

/** A path that is not there may come to be, also where what is there stays for ever. */
function lifetimeOf(status: number, revalidate: number | false | undefined): SharedLifetime {
  return toStaticLifetime(status === 404 && !revalidate ? NOT_FOUND_SECONDS : revalidate)
}

const requestParts = new Set([
  'url',
  'headers',
  'referrer',
  'body',
  'bodyUsed',
  'json',
  'text',
  'formData',
  'arrayBuffer',
  'blob',
  'bytes',
])

function watchRequest(request: Request, use: { read: string | undefined }): Request {
  return new Proxy(request, {
    get(target, name) {
      if (typeof name === 'string' && requestParts.has(name)) {
        use.read ??= name
        throw new RequestReadError(`\`request.${name}\` was read.`)
      }
      if (name === 'clone') return () => watchRequest(target.clone(), use)
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

function readError(file: string, part: string): RequestReadError {
  return new RequestReadError(
    `\`GET\` of \`${file}\` reads \`request.${part}\`, so that it runs for each request and nothing is kept.`,
  )
}
