import type { Request as ExpressRequest } from 'express'
import { consumedBody } from '../errors.js'
import type { Exchange } from './send.js'

/** A request that cannot be expressed: its answer is 400. */
export class UnusableRequestError extends Error {
  override readonly name = 'UnusableRequestError'
}

const isHost = /^[\w.-]+(?::\d+)?$|^\[[\da-fA-F:.]+\](?::\d+)?$/

/**
 * An Express request as the Web knows it. Its signal aborts when the client leaves; its body streams, and is made again
 * where a parser of the app has read it. Throws `UnusableRequestError` for what no client of good will sends.
 *
 * @param file the route handler, for messages
 */
export function toWebRequest(exchange: Exchange, file: string): Request {
  const { req, res } = exchange
  const controller = new AbortController()
  res.once('close', () => {
    if (!res.writableFinished) controller.abort()
  })
  const headers = toHeaders(req)
  const body = toBody(req, headers, file)
  try {
    return new Request(toUrl(exchange), {
      method: req.method,
      headers,
      signal: controller.signal,
      ...(body !== undefined && { body, duplex: 'half' }),
    } as RequestInit)
  } catch (error) {
    throw new UnusableRequestError('The request cannot be expressed.', { cause: error })
  }
}

/** As the client sent it, mount path included; protocol and host are a proxy's word where the app trusts it. */
function toUrl({ request, req }: Exchange): string {
  const { basePath, pathname, search, hasTrailingSlash } = request
  const path = pathname === '/' && basePath !== '' && !hasTrailingSlash ? basePath : basePath + pathname
  const host = hostOf(req)
  if (!isHost.test(host)) throw new UnusableRequestError('The host is no host.')
  return `${req.protocol}://${host}${path}${search}`
}

type Trust = (address: string | undefined, hop: number) => boolean

function hostOf(req: ExpressRequest): string {
  const trusts = req.app.get('trust proxy fn') as Trust | undefined
  const forwarded = req.get('x-forwarded-host')
  if (forwarded !== undefined && trusts?.(req.socket.remoteAddress, 0) === true)
    return forwarded.split(',', 1)[0]!.trim()
  return req.headers.host ?? 'localhost'
}

/** From `req.headers`, which middlewares of the app may have changed. */
function toHeaders(req: ExpressRequest): Headers {
  const headers = new Headers()
  for (const [name, value = []] of Object.entries(req.headers))
    for (const one of Array.isArray(value) ? value : [value]) {
      try {
        headers.append(name, one)
      } catch {
        // Node lets pass what the Web does not know: nobody could have read it there.
      }
    }
  return headers
}

function toBody(req: ExpressRequest, headers: Headers, file: string): BodyInit | undefined {
  if (req.method === 'GET' || req.method === 'HEAD') return undefined
  const { _body: isParsed } = req as ExpressRequest & { _body?: boolean }
  const isRead = isParsed === true || req.readableDidRead || req.readableEnded
  if (!isRead) return hasBody(req) ? streamOf(req) : undefined
  const contentType = headers.get('content-type') ?? ''
  const body: unknown = req.body
  const rebuilt = rebuild(body, contentType)
  // Nobody may ever read it: only then there is something to complain of.
  if (rebuilt === undefined) return hasBody(req) ? failingBody(consumedBody(file, contentType)) : undefined
  // It was decoded on the way, and its length may be another.
  headers.delete('content-encoding')
  headers.delete('content-length')
  headers.delete('transfer-encoding')
  return rebuilt
}

/** Untouched until somebody reads it; what is left when the answer is complete is let go, or the connection would stand still. */
function streamOf(req: ExpressRequest): ReadableStream<Uint8Array> {
  let chunks: AsyncIterator<Uint8Array, unknown> | undefined
  req.res?.once('finish', () => {
    void chunks?.return?.()
    req.resume()
  })
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        chunks ??= req.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array, unknown>
        const next = await chunks.next()
        if (next.done === true) controller.close()
        else controller.enqueue(new Uint8Array(next.value))
      },
    },
    { highWaterMark: 0 },
  )
}

function hasBody({ headers }: ExpressRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function rebuild(body: unknown, contentType: string): BodyInit | undefined {
  if (typeof body === 'string') return body
  if (Buffer.isBuffer(body)) return new Uint8Array(body)
  if (/^application\/(?:[\w.!#$&^-]+\+)?json\b/i.test(contentType) && body !== undefined)
    return JSON.stringify(body)
  if (
    /^application\/x-www-form-urlencoded\b/i.test(contentType) &&
    typeof body === 'object' &&
    body !== null
  ) {
    const form: string[] = []
    addFields(form, '', body)
    return form.join('&')
  }
  return undefined
}

/** Nested values get the brackets that they had: `a[b]=c`; a list repeats its name. */
function addFields(form: string[], prefix: string, value: unknown): void {
  if (typeof value !== 'object' || value === null)
    return void form.push(`${encodeURIComponent(prefix)}=${encodeURIComponent(String(value ?? ''))}`)
  for (const [name, inner] of Object.entries(value)) {
    const isListOfTexts = Array.isArray(value) && (typeof inner !== 'object' || inner === null)
    addFields(form, prefix === '' ? name : isListOfTexts ? prefix : `${prefix}[${name}]`, inner)
  }
}

function failingBody(error: Error): ReadableStream {
  return new ReadableStream({ pull: (controller) => controller.error(error) }, { highWaterMark: 0 })
}
