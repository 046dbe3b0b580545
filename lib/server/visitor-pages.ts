import type { Response } from 'express'
import { withinTime } from '../cache/time-limit.js'
import type { PageResponse } from '../page-response.js'
import type { KeyParts, PreviewFields } from '../types.js'
import type { Failures } from './failures.js'
import type { FoundPage } from './find-page.js'
import type { Producer } from './produce.js'
import { provideCookies, toQuery } from './query.js'
import type { Exchange, Sender } from './send.js'
import type { Variant } from './variants.js'
import { createVisitSignal } from './visit-signal.js'

/** Pages that are produced for one visitor, now: the cache is neither asked nor told. */
export interface VisitorPages {
  /** A page with `getServerSideProps` or `getInitialProps`, with what it is told of the visitor besides the request. */
  answer(exchange: Exchange, found: FoundPage, key?: KeyParts): Promise<void>
  /** A static page in draft mode. */
  answerDraft(exchange: Exchange, found: FoundPage, told: ToldInDraft): Promise<void>
}

/** What `getStaticProps` is told in draft mode. */
export interface ToldInDraft {
  readonly fields: Required<PreviewFields>
  readonly variant: Variant
}

export interface VisitorPagesParts {
  readonly producer: Producer
  readonly sender: Sender
  readonly failures: Failures
  /** Milliseconds that producing a page may take. */
  readonly timeoutMs: number
  readonly visits: { bypass: number }
}

export function createVisitorPages({
  producer,
  sender,
  failures,
  timeoutMs,
  visits,
}: VisitorPagesParts): VisitorPages {
  async function answer(exchange: Exchange, found: FoundPage, key?: KeyParts): Promise<void> {
    const { request, req, res, draft } = exchange
    if (request.representation === 'data' && !hasOwnData(found)) return failures.noData(exchange)
    provideCookies(req)
    const { params, value: record } = found
    const query = toQuery(request.search, params)
    if (draft !== undefined) hideFromSearch(res)
    const visit = createVisitSignal(res)
    try {
      const work = producer.produceForRequest({ request, record, params, query, req, res, draft, visit, key })
      await send(exchange, await withinTime(work, timeoutMs, request.pathname))
    } catch (error) {
      visit.abort(error)
      if (!visit.explains(error)) throw error
    }
  }

  async function answerDraft(
    exchange: Exchange,
    { value: record, params, pathname }: FoundPage,
    { fields, variant }: ToldInDraft,
  ): Promise<void> {
    const { request, res } = exchange
    hideFromSearch(res)
    const draft = { fields, request }
    const work = producer.produceStatic({ record, params, pathname, reason: 'stale', variant, draft })
    await send(exchange, await withinTime(work, timeoutMs, pathname))
  }

  async function send(exchange: Exchange, response: PageResponse): Promise<void> {
    visits.bypass += 1
    if (response.type === 'page') await sender.sendRendered(exchange, response)
    else if (response.type === 'redirect') sender.sendRedirect(exchange, response)
    else if (response.type === 'not-found') await failures.notFound(exchange)
  }

  return { answer, answerDraft }
}

/** Pages whose props come from `getInitialProps`, or that have none, give the browser no data. */
function hasOwnData({ facts }: FoundPage): boolean {
  return facts.data !== undefined && facts.data !== 'getInitialProps'
}

function hideFromSearch(res: Response): void {
  res.setHeader('X-Robots-Tag', 'noindex')
}
