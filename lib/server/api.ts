import type { Request, Response } from 'express'
import { isApiError, returnedWebResponse } from '../errors.js'
import type {
  ApiRequest,
  ApiResponse,
  PageConfig,
  Params,
  RevalidateOptions,
  RevalidateTarget,
} from '../types.js'
import { parseApiBody } from './api-body.js'
import { createApiMethods } from './api-response.js'
import { createApiScope } from './api-scope.js'
import { toApiModule } from './page-module.js'
import type { PageRecord, PageSource } from './page-source.js'
import { sendPlainText } from './plain-text.js'
import { withProduction, type ValueCache } from './production.js'
import { provideCookies, toQuery } from './query.js'
import { toResponseLimit, watchResponseSize } from './response-size.js'
import type { Exchange } from './send.js'
import type { Warnings } from './warnings.js'

export interface ApiRunner {
  /** Runs an API route on the app's own request and response. */
  run(exchange: Exchange, record: PageRecord, params: Params): Promise<void>
}

export interface ApiRunnerParts {
  readonly source: PageSource
  /** What `res.revalidate(path)` does. */
  revalidate(target: RevalidateTarget, options?: RevalidateOptions): Promise<void>
  readonly etags: boolean
  /** Where what cached functions return is kept. */
  readonly values: ValueCache
  readonly draftMethods: object
  /** Say what a handler surely did not mean: development. */
  readonly checks: boolean
  readonly warnings: Warnings
}

export function createApiRunner(parts: ApiRunnerParts): ApiRunner {
  const { source, checks, warnings } = parts
  /** The file whose handler answers, for what is only known while it does. */
  const files = new WeakMap<Response, string>()
  const onMistake = (res: Response, what: string) =>
    warnings.warn(`the API route \`${files.get(res)}\` ${what}`)
  const scope = createApiScope({
    ...createApiMethods({ etags: parts.etags, ...(checks && { onMistake }) }),
    ...parts.draftMethods,
    revalidate: parts.revalidate,
  })

  async function run(
    { request, req, res, draft }: Exchange,
    record: PageRecord,
    params: Params,
  ): Promise<void> {
    const { page } = await source.load(record)
    const { handler, config } = toApiModule(page, record.file)
    const limit = toResponseLimit(config.api?.responseLimit, record.file)
    const leave = scope.enter(req, res)
    try {
      setQuery(req, toQuery(request.search, params))
      provideCookies(req)
      if (draft !== undefined) Object.assign(req, draft)
      const failure = await parseApiBody(req, res, { config, file: record.file })
      if (failure !== undefined) return sendPlainText(res, failure.status, failure.message)
      if (checks) files.set(res, record.file)
      watchResponseSize(res, limit, () => warnings.once(`size ${record.file}`, tooLarge(record.file, limit)))
      const watch = checks ? watchAnswer(res) : undefined
      const about = { values: draft === undefined ? parts.values : undefined }
      const returned: unknown = await withProduction(about, () =>
        handler(req as ApiRequest, res as ApiResponse),
      )
      if (returned instanceof globalThis.Response && !res.headersSent) throw returnedWebResponse(record.file)
      if (watch !== undefined) tellMistakes({ res, config, returned, wasPiped: watch.wasPiped() })
    } catch (error) {
      leave()
      if (!isApiError(error) || res.headersSent) throw error
      sendPlainText(res, error.statusCode, error.message)
    }
  }

  function tellMistakes({ res, config, returned, wasPiped }: Outcome): void {
    // `return res.json(…)` returns what Express returns.
    if (returned !== undefined && returned !== res)
      onMistake(
        res,
        `should not return a value, but returned ${describeType(returned)}. Answer through \`res\`.`,
      )
    const isAnswered = res.headersSent || res.writableEnded || res.destroyed || wasPiped
    if (!isAnswered && config.api?.externalResolver !== true)
      onMistake(
        res,
        'resolved without sending a response, so the request may hang. Answer through `res` before the handler ends, or export `config = { api: { externalResolver: true } }` if something else answers.',
      )
  }

  return { run }
}

interface Outcome {
  readonly res: Response
  readonly config: PageConfig
  readonly returned: unknown
  readonly wasPiped: boolean
}

/** In Express 5 the query is a getter without a setter. */
function setQuery(req: Request, value: object): void {
  Object.defineProperty(req, 'query', { value, configurable: true, writable: true, enumerable: true })
}

function watchAnswer(res: Response): { wasPiped(): boolean } {
  let wasPiped = false
  res.once('pipe', () => (wasPiped = true))
  return { wasPiped: () => wasPiped }
}

function describeType(value: unknown): string {
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function tooLarge(file: string, limit: number): string {
  const size = limit % 1024 ** 2 === 0 ? `${limit / 1024 ** 2}MB` : `${limit} bytes`
  return `the response of the API route \`${file}\` exceeds ${size}. API routes are meant to answer quickly: send less, or raise \`config.api.responseLimit\`.`
}
