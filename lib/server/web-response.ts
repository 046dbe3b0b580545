import type { Response as ExpressResponse } from 'express'
import { keepCookiesPrivate } from './late-cookies.js'

/**
 * Sends a Web `Response` through Express's: several cookies stay several, a stream is sent piece by piece as fast as the
 * client takes it, and is cancelled when the client leaves. Rejects when the stream fails on the way.
 */
export async function sendWebResponse(
  response: Response,
  res: ExpressResponse,
  { isHead }: { isHead: boolean },
): Promise<void> {
  const { body } = response
  // The client has left, or a layer of the app has answered meanwhile.
  if (res.headersSent || res.destroyed) return cancel(body)
  res.statusCode = response.status
  if (response.statusText !== '') res.statusMessage = response.statusText
  writeHeaders(response, res)
  keepCookiesPrivate(res)
  const hasNoBody = isHead || body === null || response.status === 204 || response.status === 304
  if (hasNoBody) {
    res.end()
    return cancel(body)
  }
  res.flushHeaders()
  await pump(body, res)
}

/** Headers of one message on the wire: an answer that was fetched elsewhere brings those of another. */
const perMessage = new Set(['connection', 'keep-alive', 'transfer-encoding'])

/** What `fetch` has decoded when it hands out a body. */
const decoded = /^(?:x-gzip|gzip|deflate|br)$/i

/** The headers to be sent with a response's body, in their order. */
export function headersToSend(response: Response): [name: string, value: string][] {
  // Only what `fetch` returns has a URL. Its headers are those of the bytes on the wire, and its body is not.
  const isDecoded = response.url !== '' && decoded.test(response.headers.get('content-encoding') ?? '')
  const isStale = (name: string) => isDecoded && (name === 'content-encoding' || name === 'content-length')
  return [...response.headers].filter(([name]) => !perMessage.has(name) && !isStale(name))
}

function writeHeaders(response: Response, res: ExpressResponse): void {
  for (const [name, value] of headersToSend(response)) {
    if (name === 'set-cookie') res.appendHeader(name, value)
    else if (name === 'vary') res.vary(value)
    else res.setHeader(name, value)
  }
}

async function pump(body: ReadableStream<Uint8Array>, res: ExpressResponse): Promise<void> {
  const reader = body.getReader()
  let goOn = (): void => {}
  let isListening = false
  /** Resolves when the client has taken what was written, or has left. */
  const drained = () =>
    new Promise<void>((resolve) => {
      goOn = resolve
      // Once: a compressing middleware takes this listener, and never lets go of one.
      if (!isListening) res.on('drain', () => goOn())
      isListening = true
    })
  const leave = (): void => {
    void reader.cancel().catch(() => undefined)
    goOn()
  }
  res.once('close', leave)
  // Where the length was said, another one would pass off half an answer as the whole, or what is over as the next answer.
  res.strictContentLength = true
  // A compressing middleware keeps what it has until it is asked.
  const { flush } = res as ExpressResponse & { flush?(): void }
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done || res.destroyed) break
      const takesMore = res.write(value)
      flush?.call(res)
      if (!takesMore) await drained()
    }
    if (!res.destroyed) res.end()
  } catch (error) {
    leave()
    throw error
  } finally {
    res.off('close', leave)
  }
}

async function cancel(body: ReadableStream | null): Promise<void> {
  if (body !== null && !body.locked) await body.cancel().catch(() => undefined)
}
