import { encodeBody, isWorthCompressing, type Body } from '../cache/body.js'
import type { LiveHandled } from '../cache/cached-page.js'
import type { HandlerResponse, HeaderPair } from '../page-response.js'
import { fillBasePath } from '../protocol/base-path.js'
import { BYPASS_CACHE_STATUS, PRIVATE_CACHE_CONTROL } from './cache-control.js'
import { isNotModified } from './conditional.js'
import { negotiateCoding } from './content-coding.js'
import type { Exchange } from './send.js'

export interface KeptAnswer {
  readonly page: LiveHandled
  /** What the answer says of its freshness, unless its handler has said something itself. */
  readonly cacheControl: string
  /** A cookie is on its way, or this is development: nobody may keep this answer, whatever its handler says. */
  readonly isPrivate: boolean
  readonly cacheStatus: string
  readonly compress: boolean
  readonly etags: boolean
  onGrown(): void
}

/** What is worth compressing; pictures and the like are compressed in themselves. */
const isText =
  /^(?:text\/|image\/svg|application\/(?:[\w.-]+\+)?(?:json|xml|javascript|graphql|wasm|yaml|manifest))/i

/** Sends the kept answer of a route handler: its own status, headers and bytes. */
export function sendKeptAnswer(exchange: Exchange, answer: KeptAnswer): Promise<void> | void {
  const { req, res } = exchange
  const { page, cacheControl } = answer
  // The client has left, or a layer of the app has answered meanwhile.
  if (res.headersSent || res.destroyed) return
  writeHeaders(exchange, page.headers)
  if (answer.isPrivate || !hasHeader(page.headers, 'cache-control'))
    res.setHeader('Cache-Control', cacheControl)
  res.setHeader('Cache-Status', answer.cacheStatus)
  if (answer.etags && !hasHeader(page.headers, 'etag')) res.setHeader('ETag', page.body.etag)
  const etag = res.getHeader('ETag')
  if (page.status === 200 && typeof etag === 'string' && isNotModified(req.headers['if-none-match'], etag)) {
    res.statusCode = 304
    return void res.end()
  }
  res.statusCode = page.status
  const isCompressible =
    answer.compress &&
    isWorthCompressing(page.body.bytes.length) &&
    isText.test(String(res.getHeader('Content-Type') ?? '')) &&
    !res.hasHeader('Content-Encoding')
  if (!isCompressible) return end(exchange, page.body.bytes)
  res.vary('Accept-Encoding')
  const coding = negotiateCoding(req.headers['accept-encoding'] as string | undefined)
  if (coding === undefined) return end(exchange, page.body.bytes)
  return endCoded(exchange, page.body, { coding, onGrown: answer.onGrown })
}

/** Sends what is not kept to the one who asked; what is sent in draft mode is for nobody else. */
export function sendUnkeptAnswer(exchange: Exchange, { status, headers, body }: HandlerResponse): void {
  const { request, res, draft } = exchange
  if (res.headersSent || res.destroyed) return
  writeHeaders(
    exchange,
    headers.map(([name, value]) => [name, fillBasePath(value, request.basePath)]),
  )
  if (draft !== undefined) {
    res.setHeader('Cache-Control', PRIVATE_CACHE_CONTROL)
    res.setHeader('Cache-Status', BYPASS_CACHE_STATUS)
    res.setHeader('X-Robots-Tag', 'noindex')
  }
  res.statusCode = status
  end(exchange, body)
}

type Coding = Parameters<typeof encodeBody>[1]

function endCoded(
  exchange: Exchange,
  body: Body,
  { coding, onGrown }: { coding: Coding; onGrown(): void },
): Promise<void> | void {
  const { res } = exchange
  const coded = encodeBody(body, coding, onGrown)
  const finish = (bytes: Buffer) => {
    if (res.headersSent || res.destroyed) return
    res.setHeader('Content-Encoding', coding)
    end(exchange, bytes)
  }
  return Buffer.isBuffer(coded) ? finish(coded) : coded.then(finish)
}

function writeHeaders({ res }: Exchange, headers: readonly HeaderPair[]): void {
  for (const [name, value] of headers) {
    if (name === 'vary') res.vary(value)
    else if (name === 'set-cookie') res.appendHeader(name, value)
    else res.setHeader(name, value)
  }
}

function hasHeader(headers: readonly HeaderPair[], name: string): boolean {
  return headers.some(([known]) => known === name)
}

function end({ res }: Exchange, bytes: Buffer): void {
  if (res.statusCode === 204 || res.statusCode === 304) return void res.end()
  res.setHeader('Content-Length', bytes.length)
  res.end(bytes)
}
