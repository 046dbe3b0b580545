import type { OutgoingHttpHeader } from 'node:http'
import type { Response } from 'express'
import { isHeadHooked } from './late-cookies.js'

/** Status and headers of an answer: names and values in turn, no name twice. */
export interface AnswerHead {
  readonly status: number
  readonly headers: string[]
}

/**
 * Ends the response in one go. Headers that earlier middlewares set stay, unless ours have the same name; Node sends
 * no body for HEAD and counts its length all the same.
 */
export function write(res: Response, { status, headers }: AnswerHead, bytes: Buffer): void {
  // The client has left, or a layer of the app has answered meanwhile.
  if (res.headersSent || res.destroyed) return
  headers.push('Content-Length', String(bytes.length))
  writeHead(res, status, headers)
  res.end(bytes)
}

/**
 * Says that the client has the content already. The headers are those of the whole answer, its type first.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-15.4.5
 */
export function writeNotModified(res: Response, headers: string[]): void {
  if (res.headersSent || res.destroyed) return
  headers.push('Vary', mergeVary(res.getHeader('Vary')))
  res.removeHeader('Content-Type')
  writeHead(res, 304, headers.slice(2))
  res.end()
}

function writeHead(res: Response, status: number, headers: string[]): void {
  if (res.getHeaderNames().length === 0 && !isHeadHooked(res))
    return void res.writeHead(status, headers as unknown as OutgoingHttpHeader[])
  // Hooks look for headers on the response, and not all of them read a list. Beside headers that are set already, such as
  // Express's own, Node would put each of a list in by three calls.
  for (let at = 0; at < headers.length; at += 2) res.setHeader(headers[at]!, headers[at + 1]!)
  res.writeHead(status)
}

/** The `Vary` of the response with `Accept-Encoding` in it. */
export function mergeVary(existing: unknown): string {
  if (existing === undefined) return 'Accept-Encoding'
  const text = String(existing)
  return /(^|,\s*)(\*|accept-encoding)\s*(,|$)/i.test(text) ? text : `${text}, Accept-Encoding`
}
