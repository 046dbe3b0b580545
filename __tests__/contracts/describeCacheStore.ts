import type { CacheStore } from '../../lib/cache/store.js'
import { createNotFoundEntry, createPageEntry, createRedirectEntry } from '../support/entries.js'

/** What every `CacheStore` promises. `createStore` makes an empty one. */
// oxlint-disable-next-line jest/no-export -- a suite for the tests of every store
export function describeCacheStore(name: string, createStore: () => Promise<CacheStore> | CacheStore): void {
  describe(`${name} as a cache store`, () => {
    let store: CacheStore

    beforeEach(async () => {
      store = await createStore()
    })

    it('has nothing that it was not given', async () => {
      expect(await store.get('/a')).toBeUndefined()
      await store.set('/a', createPageEntry())
      expect(await store.get('/b')).toBeUndefined()
      expect(await store.get('/A')).toBeUndefined()
      expect(await store.get('/a/')).toBeUndefined()
    })

    it.each([
      ['a page', createPageEntry('héé ☃ 😀')],
      ['an empty page', { ...createPageEntry(), document: Buffer.alloc(0), data: Buffer.alloc(0) }],
      ['a page that is never due', { ...createPageEntry(), staleAt: Infinity, expiresAt: Infinity }],
      ['a redirect', createRedirectEntry('/x?a=1#b')],
      ['a "not found"', createNotFoundEntry()],
    ])('gives %s back as it was, times included', async (_what, entry) => {
      await store.set('/a', entry)

      expect(await store.get('/a')).toEqual(entry)
    })

    it('keeps the last of several entries', async () => {
      await store.set('/a', createPageEntry('one', 1_000))
      await store.set('/a', createRedirectEntry('/two', 2_000))

      expect(await store.get('/a')).toEqual(createRedirectEntry('/two', 2_000))
    })

    it('never lets an older render take the place of a newer one', async () => {
      await store.set('/a', createPageEntry('newer', 2_000))
      await store.set('/a', createPageEntry('older', 1_999))

      expect(await store.get('/a')).toEqual(createPageEntry('newer', 2_000))
    })

    it('ends with the newest render when several are written at once, in whatever order', async () => {
      const times = [3, 1, 5, 2, 4]
      await Promise.all(times.map((time) => store.set('/a', createPageEntry(`at ${time}`, time))))

      expect(await store.get('/a')).toEqual(createPageEntry('at 5', 5))
    })

    it('forgets what is deleted, and nothing else', async () => {
      await store.set('/a', createPageEntry('a'))
      await store.set('/a/b', createPageEntry('b'))
      await store.delete('/a')
      await store.delete('/never')

      expect(await store.get('/a')).toBeUndefined()
      expect(await store.get('/a/b')).toEqual(createPageEntry('b'))
    })

    it('takes keys of any characters and length', async () => {
      const keys = [
        '/',
        '/a b',
        '/%2F',
        '/%2f',
        '/../../etc',
        '/\0',
        '/CON',
        '/é',
        `/${'x'.repeat(5_000)}`,
        'status:404',
      ]
      for (const key of keys) await store.set(key, createPageEntry(key))

      for (const key of keys) expect(await store.get(key)).toEqual(createPageEntry(key))
    })
  })
}
