import type { Response } from 'express'

/** What a handler may have said about the body that it did not get to send. */
const bodyHeaders = [
  'Content-Encoding',
  'Content-Length',
  'Content-Disposition',
  'Content-Range',
  'ETag',
  'Last-Modified',
  'Transfer-Encoding',
]

/** Answers with a status in words, for programs to read; nothing of it may be kept. */
export function sendPlainText(res: Response, status: number, text: string): void {
  if (res.headersSent || res.destroyed) return
  for (const name of bodyHeaders) res.removeHeader(name)
  const bytes = Buffer.from(text)
  res.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': bytes.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  res.end(bytes)
}
