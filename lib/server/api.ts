import type { ApiRequest, ApiResponse, Params } from '../types.js'
import { parseApiBody } from './api-body.js'
import { toApiModule } from './page-module.js'
import type { PageRecord, PageSource } from './page-source.js'
import { provideCookies, toQuery } from './query.js'
import type { Exchange } from './send.js'

export interface ApiRunner {
  /** Runs an API route on the app's own request and response. */
  run(exchange: Exchange, record: PageRecord, params: Params): Promise<void>
}

export interface ApiRunnerParts {
  readonly source: PageSource
  /** What `res.revalidate(path)` does. */
  revalidate(path: string): Promise<void>
}

export function createApiRunner({ source, revalidate }: ApiRunnerParts): ApiRunner {
  async function run({ request, req, res }: Exchange, record: PageRecord, params: Params): Promise<void> {
    const { page } = await source.load(record)
    const { handler, config } = toApiModule(page, record.file)
    // In Express 5 the query is a getter without a setter.
    Object.defineProperty(req, 'query', {
      value: toQuery(request.search, params),
      configurable: true,
      writable: true,
      enumerable: true,
    })
    provideCookies(req)
    const failure = await parseApiBody(req, res, config)
    if (failure !== undefined) {
      res.status(failure.status).type('text/plain').set('Cache-Control', 'no-store').send(failure.message)
      return
    }
    const apiResponse: ApiResponse = Object.assign(res, { revalidate })
    await handler(req as ApiRequest, apiResponse)
  }

  return { run }
}
