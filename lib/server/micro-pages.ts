import type { Response } from 'express'
import { createBackOff } from '../cache/back-off.js'
import type { ResponseCache } from '../cache/response-cache.js'
import { PagesError } from '../errors.js'
import type { HeaderPair, PageResponse } from '../page-response.js'
import { BASE_PATH_TOKEN } from '../protocol/base-path.js'
import type { Failures } from './failures.js'
import type { FoundPage } from './find-page.js'
import { isPrefetch } from './prefetch.js'
import type { Producer } from './produce.js'
import type { Exchange, Sender } from './send.js'
import { createStandIns, type HostApp } from './stand-ins.js'
import type { StaticPages } from './static-pages.js'
import type { Variant } from './variants.js'
import { createVisitSignal } from './visit-signal.js'

/** Pages with `getServerSideProps` that are kept for a few seconds, for visitors who are anybody. */
export interface MicroPages {
  /** Answers from the cache, or says that the page must be produced for this visitor. */
  answer(exchange: Exchange, found: FoundPage, variant: Variant): Promise<boolean>
}

export interface MicroPagesParts {
  readonly cache: ResponseCache
  readonly producer: Producer
  readonly staticPages: Pick<StaticPages, 'keyOf'>
  readonly sender: Sender
  readonly failures: Failures
  readonly now: () => number
}

/** After a page that could not be kept, visitors get pages of their own for so long at most. */
const LONGEST_PASS_SECONDS = 30

export function createMicroPages(parts: MicroPagesParts): MicroPages {
  const { cache, producer, staticPages, sender, failures, now } = parts
  const passes = createBackOff(now)

  async function answer(exchange: Exchange, found: FoundPage, variant: Variant): Promise<boolean> {
    const { microcache: seconds } = found.facts
    if (seconds === undefined || !isForAnybody(exchange)) return false
    const key = staticPages.keyOf(found, exchange.request.basePath, variant)
    if (passes.isWaiting(key.key)) return false
    // The types of Express know it as what inherits from this.
    const app = exchange.req.app as unknown as HostApp | undefined
    const render = () => produce({ found, variant, seconds, app })
    try {
      const served = await cache.serve(key, render, { isPrefetch: isPrefetch(exchange.req) })
      const kept = {
        onGrown: () => cache.resize(key, served.page),
        ...served,
        isForVisitors: true,
      } as const
      if (kept.page.type === 'not-found') await failures.notFound(exchange, kept)
      else await sender.sendCached(exchange, kept)
      return true
    } catch (error) {
      if (!(error instanceof UnkeptPageError)) throw error
      passes.pause(key.key, Math.min(seconds, LONGEST_PASS_SECONDS) * 1000)
      return false
    }
  }

  async function produce({ found, variant, seconds, app }: MicroTask): Promise<PageResponse> {
    const { value: record, params, pathname } = found
    const search = toSearch(variant.query)
    const query = { ...variant.query, ...params }
    const { req, res } = createStandIns(pathname + search, { app, params, query: { ...variant.query } })
    const response = await producer.produceForRequest({
      record,
      params,
      query,
      request: { pathname, search, basePath: BASE_PATH_TOKEN, representation: undefined },
      req,
      res,
      key: variant.parts,
      visit: createVisitSignal(res),
      // Who comes when it is due gets it once more; nobody gets one that is older than that.
      lifetime: { revalidateSeconds: seconds, expireSeconds: 2 * seconds },
    })
    return withHeaders(response, res)
  }

  return { answer }
}

interface MicroTask {
  readonly found: FoundPage
  readonly variant: Variant
  readonly seconds: number
  readonly app: HostApp | undefined
}

/** What was produced for everybody can only be for one visitor; a refresh leaves what there is until it expires. */
class UnkeptPageError extends PagesError {
  constructor() {
    super('PAGES_KEPT', 'A page with `config.microcache` answered with something that is for one visitor.')
  }
}

/** Whether an answer to this request may be one that others get, and depends on nothing that others do not say. */
function isForAnybody({ request, req, res, draft }: Exchange): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  const { cookie, authorization } = req.headers
  if (draft !== undefined || cookie !== undefined || authorization !== undefined) return false
  // A middleware of the app has begun an answer for this visitor alone.
  return !res.hasHeader('Set-Cookie') && !isPrivate(res.getHeader('Cache-Control'))
}

function isPrivate(cacheControl: unknown): boolean {
  return /\b(?:private|no-store|no-cache)\b/i.test(String(cacheControl ?? ''))
}

const keptStatuses = new Set([200, 404, 410])

/** The response with the headers that the page has set. Throws for what cannot be given to others. */
function withHeaders(response: PageResponse, res: Response): PageResponse {
  if (response.type === 'ended' || res.hasHeader('Set-Cookie') || isPrivate(res.getHeader('Cache-Control')))
    throw new UnkeptPageError()
  const headers = res.getHeaderNames().flatMap((name): HeaderPair[] => {
    const value = res.getHeader(name)
    return value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : String(value)]]
  })
  if (response.type === 'page') {
    if (!keptStatuses.has(response.status)) throw new UnkeptPageError()
    return headers.length === 0 ? response : { ...response, headers }
  }
  if (headers.length > 0) throw new UnkeptPageError()
  return response
}

/** The search parameters that the page has asked for, in the order of its list. */
function toSearch(query: Variant['query']): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {}))
    for (const one of [value].flat()) search.append(name, one)
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}
