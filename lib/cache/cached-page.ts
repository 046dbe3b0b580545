import { placeBelow } from '../protocol/base-path.js'
import { bodySize, createBody, type Body } from './body.js'
import type { CacheEntry, NotFoundEntry, PageEntry, RedirectEntry } from './entry.js'

/** An entry as this process serves it: bodies with validators, under one mount path. */
export type CachedPage = LivePage | RedirectEntry | NotFoundEntry

export interface LivePage extends Omit<PageEntry, 'document' | 'data'> {
  readonly document: Body
  readonly data: Body
}

/** Makes an entry servable below a mount path: entries are produced and stored without knowing it. */
export function toCachedPage(entry: CacheEntry, basePath: string): CachedPage {
  if (entry.type !== 'page') return entry
  return {
    ...entry,
    document: createBody(fillBase(entry.document, basePath)),
    data: createBody(fillBase(entry.data, basePath)),
  }
}

function fillBase(bytes: Buffer, basePath: string): Buffer {
  const text = bytes.toString()
  const filled = placeBelow(basePath, text)
  // Same text: keep the bytes, but not the larger buffer that they may be a part of.
  return Buffer.from(filled === text ? bytes : filled)
}

/** What an entry costs beside its bodies: objects, validators, the key. */
const OVERHEAD_BYTES = 1024

/** Memory that a page occupies, in bytes. */
export function cachedPageSize(page: CachedPage): number {
  return page.type === 'page'
    ? OVERHEAD_BYTES + bodySize(page.document) + bodySize(page.data)
    : OVERHEAD_BYTES
}
