import express, { type Request, type Response } from 'express'
import { wrongApiConfig } from '../errors.js'
import type { PageConfig } from '../types.js'
import { parseSize } from './response-size.js'

/** A request body that cannot be handed to an API route: the status and the text to answer with. */
export interface BodyFailure {
  readonly status: 400 | 413
  readonly message: string
}

const DEFAULT_LIMIT = '1mb'

type Parser = (req: Request, res: Response, next: (error?: unknown) => void) => void

/**
 * Reads the request's body into `req.body`: JSON, form data, text, or bytes, by its Content-Type. A body that a
 * middleware of the app has read stays as it is.
 */
export async function parseApiBody(
  req: Request,
  res: Response,
  { config, file }: { config: PageConfig; file: string },
): Promise<BodyFailure | undefined> {
  const { bodyParser } = config.api ?? {}
  if (bodyParser === false || !hasBody(req) || isRead(req)) return undefined
  const limit = (typeof bodyParser === 'object' ? bodyParser.sizeLimit : undefined) ?? DEFAULT_LIMIT
  // What Express's parsers cannot read as a size, they take for no limit at all.
  const bytes = parseSize(limit)
  if (bytes === undefined)
    throw wrongApiConfig(file, 'bodyParser.sizeLimit', [
      limit,
      "a number of bytes, or a size such as `'4mb'`",
    ])
  try {
    for (const parser of parsersFor(bytes)) {
      await run(parser, req, res)
      if (isRead(req)) return undefined
    }
    return undefined
  } catch (error) {
    return toFailure(error, limit)
  }
}

/** @see https://www.rfc-editor.org/rfc/rfc9112#section-6-4 */
function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined
}

const parsers = new Map<number, readonly Parser[]>()

function parsersFor(limit: number): readonly Parser[] {
  const known = parsers.get(limit)
  if (known !== undefined) return known
  const made: readonly Parser[] = [
    express.json({ limit, strict: false, type: ['application/json', 'application/ld+json'] }),
    express.urlencoded({ limit, extended: false }),
    express.text({ limit, type: (req) => isText(req.headers['content-type']) }),
    express.raw({ limit, type: () => true }),
  ]
  parsers.set(limit, made)
  return made
}

/** A Content-Type that is none counts as text. */
function isText(contentType: string | undefined): boolean {
  return (
    contentType !== undefined && (contentType.startsWith('text/') || !/^[\w.+-]+\/[\w.+-]+/.test(contentType))
  )
}

function run(parser: Parser, req: Request, res: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    parser(req, res, (error) => (error === undefined ? resolve() : reject(error)))
  })
}

/** Parsers of Express mark a request whose body they have read. Others leave a stream that has ended. */
function isRead(req: Request): boolean {
  const { _body: isParsed } = req as Request & { _body?: boolean }
  return isParsed === true || (req.body !== undefined && req.readableEnded)
}

function toFailure(error: unknown, limit: string | number): BodyFailure {
  const type = (error as { type?: unknown }).type
  if (type === 'entity.too.large') return { status: 413, message: `Body exceeded ${limit} limit` }
  return { status: 400, message: type === 'entity.parse.failed' ? 'Invalid JSON' : 'Invalid body' }
}
