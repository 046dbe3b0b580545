import type { IncomingMessage, ServerResponse } from 'node:http'
import send from 'send'
import { encodeSegment } from '../routing/format.js'
import { negotiateCoding } from './content-coding.js'
import { findFiles } from './find-files.js'
import { keepLateCookiesPrivate } from './late-cookies.js'

export interface StaticFilesOptions {
  readonly directory: string
  /** What stands before the file's own path in its URL, e.g. `/downloads`. */
  readonly prefix?: string
  /** For successful answers; errors are never to be kept. */
  readonly cacheControl: string
  /** For pages of other origins as well, which load these files from a CDN that has them from here. */
  readonly anyOrigin?: boolean
  /** `x.js.br` and `x.js.gz` are encodings of `x.js` and no files of their own. */
  readonly precompressed?: boolean
}

export interface StaticFiles {
  /** Whether a path as the client wrote it is a file's. */
  has(pathname: string): boolean
  /** Sends the file, or answers 404 where there is none and 405 where the method is neither GET nor HEAD. */
  serve(req: IncomingMessage, res: ServerResponse, pathname: string): void
}

interface StaticFile {
  /** Relative to the directory, percent-encoded. */
  readonly path: string
  readonly variants: ReadonlyMap<string, string>
}

const suffixes = { br: '.br', gzip: '.gz' }

/** Files that are worth an encoding; `send` would take the type from the suffix of the encoded one. */
const compressibleTypes = new Map([
  ['js', 'text/javascript; charset=utf-8'],
  ['mjs', 'text/javascript; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
  ['html', 'text/html; charset=utf-8'],
  ['txt', 'text/plain; charset=utf-8'],
  ['json', 'application/json; charset=utf-8'],
  ['map', 'application/json; charset=utf-8'],
  ['xml', 'application/xml; charset=utf-8'],
  ['svg', 'image/svg+xml'],
  ['wasm', 'application/wasm'],
])

/** Whether a file has encodings beside it, if it was built. */
export function isCompressible(name: string): boolean {
  return compressibleTypes.has(extensionOf(name))
}

/**
 * Serves the files that a directory holds at this moment. A request is looked up in their table: its path is never
 * joined to the directory, so that no spelling of a path leads out of it, or to a file that appeared later.
 */
export async function createStaticFiles(options: StaticFilesOptions): Promise<StaticFiles> {
  const { directory, prefix = '', cacheControl, precompressed = false, anyOrigin = false } = options
  const names = await findFiles(directory)
  const files = toTable(names, prefix, precompressed)
  /** A cookie is somebody's: who gets it may keep the file, and nobody on the way. */
  const personal = cacheControl.replace('public', 'private')
  const sendOptions = { root: directory, dotfiles: 'allow', index: false, cacheControl: false } as const

  function lookUp(pathname: string): StaticFile | undefined {
    return files.get(pathname) ?? (isPlain.test(pathname) ? undefined : files.get(respell(pathname)))
  }

  function serve(req: IncomingMessage, res: ServerResponse, pathname: string): void {
    const file = lookUp(pathname)
    if (!file) return sendError(res, 404)
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      res.setHeader('Allow', 'GET, HEAD')
      return sendError(res, 405)
    }
    res.setHeader('Cache-Control', res.hasHeader('Set-Cookie') ? personal : cacheControl)
    keepLateCookiesPrivate(res, personal)
    res.setHeader('X-Content-Type-Options', 'nosniff')
    if (anyOrigin) {
      res.setHeader('Access-Control-Allow-Origin', '*')
      res.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
    }
    send(req, chooseVariant(file, req, res), sendOptions)
      .on('error', (error: { status?: number }) => sendError(res, error.status ?? 500))
      .pipe(res)
  }

  return { has: (pathname) => lookUp(pathname) !== undefined, serve }
}

function toTable(names: readonly string[], prefix: string, precompressed: boolean): Map<string, StaticFile> {
  const known = new Set(names)
  const files = new Map<string, StaticFile>()
  for (const name of names) {
    if (precompressed && isVariant(name, known)) continue
    const url = `${prefix}/${name.split('/').map(encodeSegment).join('/')}`
    files.set(url, { path: encodePath(name), variants: precompressed ? variantsOf(name, known) : noVariants })
  }
  return files
}

const noVariants: ReadonlyMap<string, string> = new Map()

function variantsOf(name: string, known: ReadonlySet<string>): ReadonlyMap<string, string> {
  if (!isCompressible(name)) return noVariants
  const variants = Object.entries(suffixes).filter(([, suffix]) => known.has(name + suffix))
  return new Map(variants.map(([coding, suffix]) => [coding, encodePath(name + suffix)]))
}

function isVariant(name: string, known: ReadonlySet<string>): boolean {
  const base = /^(.*)\.(?:br|gz)$/s.exec(name)?.[1]
  return base !== undefined && known.has(base) && isCompressible(base)
}

function encodePath(name: string): string {
  return `/${name.split('/').map(encodeURIComponent).join('/')}`
}

function extensionOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1).toLowerCase()
}

/** The path of the file to send, with the headers that say so. Ranges are of the file as it is. */
function chooseVariant({ path, variants }: StaticFile, req: IncomingMessage, res: ServerResponse): string {
  if (variants.size === 0) return path
  addVary(res, 'Accept-Encoding')
  const coding = req.headers.range === undefined ? negotiateCoding(acceptEncodingOf(req)) : undefined
  const variant = coding && variants.get(coding)
  if (!variant) return path
  res.setHeader('Content-Encoding', coding)
  res.setHeader('Content-Type', compressibleTypes.get(extensionOf(path)) ?? '')
  return variant
}

function acceptEncodingOf({ headers }: IncomingMessage): string | undefined {
  const value = headers['accept-encoding']
  return Array.isArray(value) ? value.join() : value
}

function addVary(res: ServerResponse, field: string): void {
  const vary = String(res.getHeader('Vary') ?? '')
  if (!vary.toLowerCase().split(/,\s*/).includes(field.toLowerCase())) {
    res.setHeader('Vary', vary ? `${vary}, ${field}` : field)
  }
}

const isPlain = /^[\w.~!$&'()*+,;=:@/-]*$/
/** An escaped letter, digit, `-`, `.`, `_` or `~`: nobody writes these but to get past a guard that compares text. */
const disguise = /%(?:2d|2e|3\d|4[1-9a-f]|5[\daf]|6[1-9a-f]|7[\dae])/i

/** The one spelling of a path whose reserved characters are escaped in another way, as by `encodeURIComponent`. */
function respell(pathname: string): string {
  if (disguise.test(pathname)) return ''
  try {
    return pathname
      .split('/')
      .map((segment) => encodeSegment(decodeURIComponent(segment)))
      .join('/')
  } catch {
    return ''
  }
}

/** A plain answer that nobody keeps: what went wrong with a file is soon over, or was never its fault. */
function sendError(res: ServerResponse, status: number): void {
  if (res.headersSent) return void res.destroy()
  for (const name of ['ETag', 'Last-Modified', 'Accept-Ranges', 'Content-Encoding']) res.removeHeader(name)
  if (status !== 416) res.removeHeader('Content-Range')
  const text = reasons.get(status) ?? 'Internal Server Error'
  res.statusCode = status
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('X-Content-Type-Options', 'nosniff')
  res.setHeader('Content-Type', 'text/plain; charset=utf-8')
  res.setHeader('Content-Length', text.length)
  res.end(text)
}

const reasons = new Map([
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [412, 'Precondition Failed'],
  [416, 'Range Not Satisfiable'],
])
