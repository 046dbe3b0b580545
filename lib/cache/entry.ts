import { createHash } from 'node:crypto'
import type {
  HeaderPair,
  PageResponse,
  RedirectStatus,
  SharedLifetime,
  ValueResponse,
} from '../page-response.js'
import { isSoundHead } from './sound-head.js'

/**
 * A page as it is kept: both representations of one render, or the redirect or 404 that it led to, with its times. Or
 * what a function returned.
 */
export type CacheEntry = PageEntry | RedirectEntry | NotFoundEntry | HandlerEntry | ValueEntry

interface EntryTimes {
  /** When producing it began, in milliseconds of the wall clock. */
  readonly renderedAt: number
  /** From when on it is due again; `Infinity` for never. */
  readonly staleAt: number
  /** From when on it may not be served any more. */
  readonly expiresAt: number
  /** What it was made of; absent for what no author can name, such as error pages. */
  readonly origin?: EntryOrigin
}

/** The names that end an entry's life early. */
export interface EntryOrigin {
  /** E.g. `/blog/[slug]`; absent for what a function returned. */
  readonly route?: string
  /** The canonical pathname; absent for a page that is the same at all paths of its route. */
  readonly path?: string
  /** Search parameters make other pages of it. */
  readonly isByQuery?: true
  /** What its author called it. */
  readonly tags: readonly string[]
}

export interface PageEntry extends EntryTimes {
  readonly type: 'page'
  readonly status: number
  readonly document: Buffer
  readonly data: Buffer
  /** Names of props that the data has and the document's script leaves out. */
  readonly serverOnly?: readonly string[]
  /** What the page has set beside what every page says. */
  readonly headers?: readonly HeaderPair[]
}

export interface RedirectEntry extends EntryTimes {
  readonly type: 'redirect'
  readonly status: RedirectStatus
  readonly destination: string
  readonly basePath: boolean
}

export interface NotFoundEntry extends EntryTimes {
  readonly type: 'not-found'
}

/** What a route handler answered: any bytes, any headers. */
export interface HandlerEntry extends EntryTimes {
  readonly type: 'handler'
  readonly status: number
  readonly headers: readonly HeaderPair[]
  readonly body: Buffer
}

/** What a function returned, as text. */
export interface ValueEntry extends EntryTimes {
  readonly type: 'value'
  readonly body: Buffer
}

/** An entry's `renderedAt` may lie so far ahead of the clock; further, one of the two is wrong. */
const LARGEST_LEAD = 1_000

/** Whether an entry is within its lifetime. One from the future is not: the clock was put back, and it is produced anew. */
export function isFresh(entry: Pick<EntryTimes, 'staleAt' | 'renderedAt'>, now: number): boolean {
  return now < entry.staleAt && entry.renderedAt <= now + LARGEST_LEAD
}

/**
 * Whether an entry may be served at all: fresh, or stale while a refresh runs.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5861#section-3
 */
export function isServable(entry: EntryTimes, now: number): boolean {
  return now < entry.expiresAt
}

/**
 * The entry that keeps a response, or `undefined` if the response belongs to one visitor only.
 *
 * @param renderedAt when producing the response began
 * @param place where the page stands, for invalidation
 */
export function toEntry(
  response: PageResponse | ValueResponse,
  renderedAt: number,
  place?: Omit<EntryOrigin, 'tags'>,
): CacheEntry | undefined {
  if (response.type === 'ended' || response.lifetime === 'private') return undefined
  const { tags = [] } = response.lifetime
  const isNamed = place !== undefined || response.type === 'value'
  const times = {
    ...toTimes(response.lifetime, renderedAt),
    ...(isNamed && { origin: { ...place, tags } }),
  }
  switch (response.type) {
    case 'value':
      return { type: 'value', body: response.body, ...times }
    case 'page':
      if (!Buffer.isBuffer(response.document) || response.data === undefined) return undefined
      return {
        type: 'page',
        status: response.status,
        document: response.document,
        data: Buffer.from(response.data),
        ...(response.serverOnly !== undefined && { serverOnly: response.serverOnly }),
        ...(response.headers !== undefined && { headers: response.headers }),
        ...times,
      }
    case 'redirect':
      return {
        type: 'redirect',
        status: response.status,
        destination: response.destination,
        basePath: response.basePath,
        ...times,
      }
    case 'not-found':
      return { type: 'not-found', ...times }
    case 'handler': {
      const { status, headers, body } = response
      return { type: 'handler', status, headers, body, ...times }
    }
  }
}

function toTimes(lifetime: SharedLifetime, renderedAt: number): EntryTimes {
  const { revalidateSeconds, expireSeconds } = lifetime
  return {
    renderedAt,
    staleAt: revalidateSeconds === false ? Infinity : renderedAt + revalidateSeconds * 1000,
    expiresAt: revalidateSeconds === false ? Infinity : renderedAt + expireSeconds * 1000,
  }
}

/** Bytes that an entry's bodies occupy. */
export function entryBytes(entry: CacheEntry): number {
  if (entry.type === 'page') return entry.document.length + entry.data.length
  return 'body' in entry ? entry.body.length : 0
}

/** Changes with the format: an entry of another one is a miss. */
const MAGIC = 'PPE2'
const CHECKSUM_BYTES = 16
const HEAD_BYTES = MAGIC.length + CHECKSUM_BYTES + 4

/**
 * Writes an entry as bytes: format, checksum, length of a JSON head, the head, the bodies. The head carries the key and
 * the build, so that what lies under another's name is noticed.
 */
export function encodeEntry(key: string, entry: CacheEntry, buildId = ''): Buffer {
  const { type, renderedAt, staleAt, expiresAt, origin } = entry
  const head: EncodedHead = {
    key,
    buildId,
    type,
    renderedAt,
    staleAt: toJsonTime(staleAt),
    expiresAt: toJsonTime(expiresAt),
    ...(origin !== undefined && { origin }),
  }
  if (entry.type === 'page')
    Object.assign(head, {
      status: entry.status,
      documentBytes: entry.document.length,
      serverOnly: entry.serverOnly,
      headers: entry.headers,
    })
  if (entry.type === 'redirect')
    Object.assign(head, { status: entry.status, destination: entry.destination, basePath: entry.basePath })
  if (entry.type === 'handler') Object.assign(head, { status: entry.status, headers: entry.headers })

  const headBytes = Buffer.from(JSON.stringify(head))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(headBytes.length)
  const parts = [length, headBytes, ...bodiesOf(entry)]
  return Buffer.concat([Buffer.from(MAGIC), checksum(parts), ...parts])
}

function bodiesOf(entry: CacheEntry): readonly Buffer[] {
  if (entry.type === 'page') return [entry.document, entry.data]
  return 'body' in entry ? [entry.body] : []
}

/**
 * Reads an entry that `encodeEntry` wrote. Whatever is damaged, of another format, build or key is `undefined`:
 * entries outlive the code that wrote them.
 */
export function decodeEntry(key: string, bytes: Buffer, buildId = ''): CacheEntry | undefined {
  if (bytes.length < HEAD_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined
  const sum = bytes.subarray(MAGIC.length, MAGIC.length + CHECKSUM_BYTES)
  if (!checksum([bytes.subarray(MAGIC.length + CHECKSUM_BYTES)]).equals(sum)) return undefined

  const headEnd = HEAD_BYTES + bytes.readUInt32LE(HEAD_BYTES - 4)
  const head = parseHead(bytes.toString('utf8', HEAD_BYTES, headEnd))
  if (head?.key !== key || head.buildId !== buildId) return undefined
  if (!isSoundHead(head, bytes.length - headEnd)) return undefined
  const times = {
    renderedAt: head.renderedAt,
    staleAt: head.staleAt ?? Infinity,
    expiresAt: head.expiresAt ?? Infinity,
    ...(head.origin !== undefined && { origin: head.origin }),
  }
  switch (head.type) {
    case 'page': {
      const dataStart = headEnd + head.documentBytes!
      return {
        type: 'page',
        status: head.status!,
        document: bytes.subarray(headEnd, dataStart),
        data: bytes.subarray(dataStart),
        ...(head.serverOnly !== undefined && { serverOnly: head.serverOnly }),
        ...(head.headers !== undefined && { headers: head.headers }),
        ...times,
      }
    }
    case 'redirect':
      return {
        type: 'redirect',
        status: head.status as RedirectStatus,
        destination: head.destination!,
        basePath: head.basePath!,
        ...times,
      }
    case 'not-found':
      return { type: 'not-found', ...times }
    case 'value':
      return { type: 'value', body: bytes.subarray(headEnd), ...times }
    case 'handler':
      return {
        type: 'handler',
        status: head.status!,
        headers: head.headers!,
        body: bytes.subarray(headEnd),
        ...times,
      }
  }
}

interface EncodedHead {
  key: string
  buildId: string
  origin?: EntryOrigin
  type: CacheEntry['type']
  renderedAt: number
  /** `null` for never: JSON has no infinity. */
  staleAt: number | null
  expiresAt: number | null
  status?: number
  documentBytes?: number
  serverOnly?: readonly string[]
  headers?: readonly HeaderPair[]
  destination?: string
  basePath?: boolean
}

function parseHead(text: string): EncodedHead | undefined {
  try {
    return (JSON.parse(text) as EncodedHead | null) ?? undefined
  } catch {
    return undefined
  }
}

function toJsonTime(time: number): number | null {
  return time === Infinity ? null : time
}

function checksum(parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest().subarray(0, CHECKSUM_BYTES)
}
