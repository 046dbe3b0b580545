import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** A content coding that bodies are offered in. */
export type Coding = 'br' | 'gzip'

/** Bytes ready to be sent: with their validator, and compressed forms made at the first request for each. */
export interface Body {
  readonly bytes: Buffer
  /** Weak, because one validator serves all codings: they mean the same. */
  readonly etag: string
  br: Buffer | Promise<Buffer> | undefined
  gzip: Buffer | Promise<Buffer> | undefined
}

export function createBody(bytes: Buffer): Body {
  return { bytes, etag: makeEtag(bytes), br: undefined, gzip: undefined }
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3 */
export function makeEtag(bytes: Buffer | string): string {
  return `W/"${createHash('sha1').update(bytes).digest('base64url')}"`
}

/** Below this many bytes, the headers of a compressed answer cost more than it saves. */
const SMALLEST_COMPRESSED = 860

export function isWorthCompressing(bytes: number): boolean {
  return bytes >= SMALLEST_COMPRESSED
}

const compressBrotli = promisify(brotliCompress)
const compressGzip = promisify(gzip)

/** Compresses off the event loop; brotli at a level that costs about as much as gzip and saves more. */
export function compress(bytes: Buffer | string, coding: Coding): Promise<Buffer> {
  if (coding === 'gzip') return compressGzip(bytes)
  return compressBrotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })
}

/**
 * The body in a coding: at once when it was asked for before, else as a promise that all who ask meanwhile share.
 *
 * @param onGrown called when the compressed bytes have joined the body
 */
export function encodeBody(body: Body, coding: Coding, onGrown: () => void): Buffer | Promise<Buffer> {
  const known = body[coding]
  if (known !== undefined) return known
  const pending = compress(body.bytes, coding).then(
    (bytes) => {
      body[coding] = bytes
      onGrown()
      return bytes
    },
    (error: unknown) => {
      body[coding] = undefined
      throw error
    },
  )
  body[coding] = pending
  return pending
}

/** Bytes that a body occupies, compressed forms included. */
export function bodySize(body: Body): number {
  return body.bytes.length + codedSize(body.br) + codedSize(body.gzip)
}

function codedSize(coded: Buffer | Promise<Buffer> | undefined): number {
  return Buffer.isBuffer(coded) ? coded.length : 0
}
