import { Stream } from 'node:stream'
import type { Request, Response } from 'express'
import { makeEtag } from '../cache/body.js'
import { wrongRedirectArguments } from '../errors.js'
import { toHeaderUrl } from './redirect.js'

/** `status`, `json`, `send` and `redirect` as API routes of the Pages Router know them; the rest is Express's. */
export type ApiMethods = Record<
  'status' | 'json' | 'send' | 'redirect',
  (this: ApiTarget, ...args: never[]) => ApiTarget
>

/** Express's response in a handler of ours. */
type ApiTarget = Response & { readonly req: Request }

export interface ApiMethodSettings {
  readonly etags: boolean
  /** Development: something that the handler surely did not mean. */
  readonly onMistake?: (res: Response, message: string) => void
}

const JSON_TYPE = 'application/json; charset=utf-8'
const BYTES_TYPE = 'application/octet-stream'

export function createApiMethods({ etags, onMistake }: ApiMethodSettings): ApiMethods {
  function send(this: ApiTarget, body?: unknown): ApiTarget {
    if (body === null || body === undefined) return end(this)
    if (this.statusCode === 204 || this.statusCode === 304) {
      dropBody(this)
      if (this.statusCode === 204)
        onMistake?.(this, 'sent a body with status 204, which has none. Remove it, or use another status.')
      return end(this)
    }
    if (body instanceof Stream) return pipe(body, this)
    if (Buffer.isBuffer(body) || body instanceof Uint8Array) {
      if (!this.hasHeader('Content-Type')) this.setHeader('Content-Type', BYTES_TYPE)
      return sendContent(this, Buffer.isBuffer(body) ? body : Buffer.from(body))
    }
    if (typeof body === 'string') return sendContent(this, body)
    this.setHeader('Content-Type', JSON_TYPE)
    return sendContent(this, JSON.stringify(body) ?? '')
  }

  function json(this: ApiTarget, value: unknown): ApiTarget {
    const text = JSON.stringify(value) as string | undefined
    this.setHeader('Content-Type', JSON_TYPE)
    return send.call(this, text)
  }

  /** Text stays text: Node writes it in one piece with the head. */
  function sendContent(res: ApiTarget, content: Buffer | string): ApiTarget {
    // Whoever turned ETags off for the whole app meant these, too.
    if (etags && !res.hasHeader('ETag') && res.app?.get('etag') !== false)
      res.setHeader('ETag', makeEtag(content))
    if (res.req.fresh) {
      res.statusCode = 304
      dropBody(res)
      return end(res)
    }
    res.setHeader('Content-Length', Buffer.byteLength(content))
    res.end(content)
    return res
  }

  return {
    status(status: number) {
      this.statusCode = status
      return this
    },
    json,
    send,
    redirect(first: unknown, second?: unknown) {
      const [status, url] = typeof first === 'string' && second === undefined ? [307, first] : [first, second]
      if (typeof status !== 'number' || typeof url !== 'string') throw wrongRedirectArguments(first, second)
      const location = toHeaderUrl(url)
      this.writeHead(status, { Location: location })
      this.end(location)
      return this
    },
  } as ApiMethods
}

function end(res: ApiTarget): ApiTarget {
  res.end()
  return res
}

function dropBody(res: Response): void {
  for (const name of ['Content-Type', 'Content-Length', 'Transfer-Encoding']) res.removeHeader(name)
}

function pipe(stream: Stream, res: ApiTarget): ApiTarget {
  if (!res.hasHeader('Content-Type')) res.setHeader('Content-Type', BYTES_TYPE)
  // Half an answer must not pass for a whole one; and nobody reads on for a client that has left.
  stream.once('error', (error) => res.destroy(error as Error))
  res.once('close', () => (stream as { destroy?: () => void }).destroy?.())
  stream.pipe(res)
  return res
}
