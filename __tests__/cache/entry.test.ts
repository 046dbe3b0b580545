import {
  decodeEntry,
  encodeEntry,
  entryBytes,
  isFresh,
  isServable,
  toEntry,
  type CacheEntry,
} from '../../lib/cache/entry.js'
import type { PageResponse } from '../../lib/page-response.js'
import { createNotFoundEntry, createPageEntry, createRedirectEntry } from '../support/entries.js'

const lifetime = { revalidateSeconds: 10, expireSeconds: 100 }
const page: PageResponse = {
  type: 'page',
  status: 200,
  document: Buffer.from('<p>é</p>'),
  data: '{}',
  lifetime,
}

describe('the times of an entry', () => {
  it('count from when its render began', () => {
    expect(toEntry(page, 5_000)).toMatchObject({ renderedAt: 5_000, staleAt: 15_000, expiresAt: 105_000 })
    const never = { ...page, lifetime: { revalidateSeconds: false, expireSeconds: 100 } } as const
    expect(toEntry(never, 5_000)).toMatchObject({ staleAt: Infinity, expiresAt: Infinity })
  })

  it('make it fresh, then stale, then expired, each from its very millisecond on', () => {
    const entry = toEntry(page, 5_000)!

    expect([isFresh(entry, 14_999), isFresh(entry, 15_000)]).toEqual([true, false])
    expect([isServable(entry, 104_999), isServable(entry, 105_000)]).toEqual([true, false])
    const never = createPageEntry()
    expect(isFresh({ ...never, staleAt: Infinity }, Number.MAX_SAFE_INTEGER)).toBe(true)
  })
})

describe('toEntry', () => {
  it('keeps pages, redirects and "not found" with what makes them', () => {
    expect(toEntry(page, 0)).toMatchObject({
      type: 'page',
      status: 200,
      document: Buffer.from('<p>é</p>'),
      data: Buffer.from('{}'),
    })
    expect(
      toEntry({ type: 'redirect', status: 301, destination: '/x', basePath: false, lifetime }, 0),
    ).toMatchObject({ type: 'redirect', status: 301, destination: '/x', basePath: false })
    expect(toEntry({ type: 'not-found', lifetime }, 0)).toMatchObject({ type: 'not-found' })
  })

  it('keeps nothing that belongs to one visitor, or that lacks a representation', () => {
    expect(toEntry({ ...page, lifetime: 'private' }, 0)).toBeUndefined()
    expect(toEntry({ type: 'not-found', lifetime: 'private' }, 0)).toBeUndefined()
    expect(toEntry({ type: 'ended' }, 0)).toBeUndefined()
    expect(toEntry({ ...page, document: undefined }, 0)).toBeUndefined()
    expect(toEntry({ ...page, data: undefined }, 0)).toBeUndefined()
  })
})

it('entryBytes counts both bodies', () => {
  expect(entryBytes(toEntry(page, 0)!)).toBe(Buffer.byteLength('<p>é</p>') + 2)
  expect(entryBytes(createRedirectEntry())).toBe(0)
})

describe('the encoded form of an entry', () => {
  const entries: [string, CacheEntry][] = [
    ['a page', createPageEntry('😀')],
    ['a page for ever', { ...createPageEntry(), staleAt: Infinity, expiresAt: Infinity }],
    ['a redirect', createRedirectEntry()],
    ['a redirect out of the mount', { ...createRedirectEntry(), basePath: false, status: 303 }],
    ['"not found"', createNotFoundEntry()],
  ]

  it.each(entries)('gives %s back', (_what, entry) => {
    expect(decodeEntry('/a', encodeEntry('/a', entry))).toEqual(entry)
  })

  it('belongs to one key', () => {
    const bytes = encodeEntry('/a', createPageEntry())

    for (const key of ['/b', '/a/', '/A', '']) expect(decodeEntry(key, bytes)).toBeUndefined()
  })

  it('is nothing when any of its bytes is wrong, missing, or too many [S61]', () => {
    const bytes = encodeEntry('/a', createPageEntry())

    for (let index = 0; index < bytes.length; index += 1) {
      const damaged = Buffer.from(bytes)
      damaged[index] = damaged[index]! ^ 1
      expect(decodeEntry('/a', damaged)).toBeUndefined()
      expect(decodeEntry('/a', bytes.subarray(0, index))).toBeUndefined()
    }
    expect(decodeEntry('/a', Buffer.concat([bytes, Buffer.from('x')]))).toBeUndefined()
    expect(decodeEntry('/a', Buffer.from('<!DOCTYPE html><html>'.repeat(10)))).toBeUndefined()
  })
})
