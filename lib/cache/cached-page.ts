import type { HeaderPair } from '../page-response.js'
import { BASE_PATH_TOKEN, placeBelow } from '../protocol/base-path.js'
import { bodySize, createBody, type Body } from './body.js'
import type {
  CacheEntry,
  HandlerEntry,
  NotFoundEntry,
  PageEntry,
  RedirectEntry,
  ValueEntry,
} from './entry.js'

/** An entry as this process serves it: bodies with validators, under one mount path. */
export type CachedPage = (LivePage | LiveHandled | RedirectEntry | NotFoundEntry) & Compared

/** What a function returned, as this process keeps it. */
export type CachedValue = ValueEntry & Compared

/** What lies in memory. */
export type Cached = CachedPage | CachedValue

interface Compared {
  /** The state of the marks that this was last compared with. */
  marksVersion?: number
  /** Until when it is fresh by the clock that nobody can put back. */
  freshUntil?: number
}

export interface LivePage extends Omit<PageEntry, 'document' | 'data'> {
  readonly document: Body
  readonly data: Body
}

export interface LiveHandled extends Omit<HandlerEntry, 'body'> {
  readonly body: Body
}

/** Makes an entry servable below a mount path: entries are produced and stored without knowing it. */
export function toCached(entry: CacheEntry, basePath: string): Cached {
  // A copy: it is told when it has become outdated, and the store's entry is not.
  if (entry.type === 'redirect' || entry.type === 'not-found') return { ...entry }
  if (entry.type === 'value') return { ...entry, body: toOwnBytes(entry.body) }
  if (entry.type === 'handler') {
    const headers = entry.headers.map((header) => fillLocation(header, basePath))
    return { ...entry, headers, body: createBody(toOwnBytes(entry.body)) }
  }
  return {
    ...entry,
    document: createBody(fillBase(entry.document, basePath)),
    data: createBody(fillBase(entry.data, basePath)),
  }
}

function fillBase(bytes: Buffer, basePath: string): Buffer {
  const text = bytes.toString()
  const filled = placeBelow(basePath, text)
  return toOwnBytes(filled === text ? bytes : Buffer.from(filled))
}

/** A copy that is no part of a larger buffer: of the file that it was read from, or of the one that small ones share. */
function toOwnBytes(bytes: Buffer): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(own)
  return own
}

/** A route handler's own bytes and headers stay as they are; where `redirect()` leads depends on the mount. */
function fillLocation([name, value]: HeaderPair, basePath: string): HeaderPair {
  const isInside = name === 'location' && value.startsWith(`${BASE_PATH_TOKEN}/`)
  return [name, isInside ? basePath + value.slice(BASE_PATH_TOKEN.length) : value]
}

/** What an entry costs beside its bodies and names, as measured: objects, validators, its places in tables. */
const OVERHEAD_BYTES = 1536

/** Memory that a page or a value occupies, in bytes. */
export function cachedSize(page: Cached): number {
  return OVERHEAD_BYTES + namesSize(page) + bodiesSize(page)
}

function namesSize({ origin }: Cached): number {
  if (origin === undefined) return 0
  return (origin.path ?? '').length + origin.tags.reduce((sum, tag) => sum + tag.length, 0)
}

function bodiesSize(page: Cached): number {
  if (page.type === 'value') return page.body.length
  if (page.type === 'page') return bodySize(page.document) + bodySize(page.data)
  return page.type === 'handler' ? bodySize(page.body) : 0
}
