import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { CacheEntry } from '../cache/entry.js'
import type { CacheStore, Mark, OpenStore, StoreContext } from '../cache/store.js'

/** A place that a store keeps its entries in, empty. */
export interface StorePlace {
  /** Opens a store on the place; opened twice, both share what it holds. */
  readonly open: OpenStore
  /** Clears the place away. */
  end?(): Promise<void> | void
}

export interface StoreContract {
  /** Two stores on one place see each other's entries, leases and invalidations. @default true */
  isShared?: boolean
  /** Milliseconds within which one store hears of what the other invalidates. @default 1000 */
  hearsWithinMs?: number
}

interface TestGlobals {
  describe(name: string, body: () => void): void
  it(name: string, body: () => Promise<void>): void
  beforeEach(body: () => Promise<void>): void
  afterEach(body: () => Promise<void>): void
}

/**
 * What every `CacheStore` promises, as tests: call it in a test file of a runner that has `describe`, `it`, `beforeEach`
 * and `afterEach` as globals.
 *
 * @param preparePlace makes an empty place for each test
 */
export function describeCacheStore(
  name: string,
  preparePlace: () => Promise<StorePlace> | StorePlace,
  contract: StoreContract = {},
): void {
  const { describe, it, beforeEach, afterEach } = globalThis as unknown as TestGlobals
  const { isShared = true, hearsWithinMs = 1_000 } = contract

  describe(`${name} as a cache store`, () => {
    let place: StorePlace
    let store: CacheStore
    const opened: CacheStore[] = []

    const context: StoreContext = {
      buildId: 'contract',
      now: Date.now,
      onError: (error) => {
        throw error
      },
    }

    /** A store that has read what the place holds. */
    async function open(buildId = context.buildId): Promise<CacheStore> {
      const one = place.open({ ...context, buildId })
      opened.push(one)
      await until(() =>
        one.get('/').then(
          () => true,
          () => false,
        ),
      )
      return one
    }

    function listen(to: CacheStore): Mark[] {
      const heard: Mark[] = []
      to.subscribe({ invalidated: (mark) => heard.push(mark), lost() {} })
      return heard
    }

    beforeEach(async () => {
      place = await preparePlace()
      store = await open()
    })

    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close?.()
      await place.end?.()
    })

    it('has nothing that it was not given', async () => {
      equal(await store.get('/a'), undefined)
      await store.set('/a', page('a'))
      for (const key of ['/b', '/A', '/a/', '']) equal(await store.get(key), undefined)
    })

    for (const [what, entry] of entries())
      it(`gives ${what} back as it was, times included`, async () => {
        await store.set('/a', entry)
        deepEqual(await store.get('/a'), entry)
      })

    it('keeps the last of several entries', async () => {
      await store.set('/a', page('one', 1))
      await store.set('/a', { type: 'not-found', ...times(2) })
      deepEqual(await store.get('/a'), { type: 'not-found', ...times(2) })
    })

    it('never lets an older render take the place of a newer one', async () => {
      await store.set('/a', page('newer', 2))
      await store.set('/a', page('older', 1))
      deepEqual(await store.get('/a'), page('newer', 2))
    })

    it('ends with the newest render when several are written at once, in whatever order', async () => {
      await Promise.all([3, 1, 5, 2, 4].map((order) => store.set('/a', page(`at ${order}`, order))))
      deepEqual(await store.get('/a'), page('at 5', 5))
    })

    it('replaces what claims to have been rendered in the future: a clock was wrong', async () => {
      await store.set('/a', page('from the future', 3_600_000))
      await store.set('/a', page('now', 1))
      deepEqual(await store.get('/a'), page('now', 1))
    })

    it('forgets what is deleted, and nothing else', async () => {
      await store.set('/a', page('a'))
      await store.set('/a/b', page('b'))
      await store.delete('/a')
      await store.delete('/never')
      equal(await store.get('/a'), undefined)
      deepEqual(await store.get('/a/b'), page('b'))
    })

    it('takes keys of any characters and length', async () => {
      const keys = [
        '/',
        '/a b',
        '/%2F',
        '/%2f',
        '/../../etc',
        '/\0',
        '/\r\n',
        '/*?{}',
        '/é',
        '/é',
        '/\ud800',
        '/\ud801',
      ]
      keys.push(`/${'x'.repeat(5_000)}`, 'status:404', '/a?tenant=1', '__proto__')
      for (const key of keys) await store.set(key, page(encodeURIComponent(key.toWellFormed()) + key.length))
      await store.set('/\ud800', page('first half'))
      await store.set('/\ud801', page('another half'))
      deepEqual(await store.get('/\ud800'), page('first half'))
      for (const key of keys) notEqual(await store.get(key), undefined)
    })

    it('knows in its subscribers what is invalidated, hard and soft, with a time after now', async () => {
      const heard = listen(store)
      const begun = Date.now()
      const time = await store.invalidate({ name: 'tag:a', isSoft: false })
      await store.invalidate({ name: 'prefix:/é', isSoft: true, before: begun - 5 })
      ok(time > begun - 50)
      await until(async () => heard.length >= 2, hearsWithinMs)
      deepEqual(
        heard.find((mark) => mark.name === 'tag:a'),
        { name: 'tag:a', isSoft: false, before: time },
      )
      deepEqual(
        heard.find((mark) => mark.isSoft),
        { name: 'prefix:/é', isSoft: true, before: begun - 5 },
      )
    })

    it('gives a lease back', async () => {
      const lease = await store.lease('/a', 10_000)
      ok(lease)
      await lease.release()
      ok(await store.lease('/a', 10_000))
    })

    if (!isShared) return

    it('shows its entries to others of the same build, and to no other build', async () => {
      await store.set('/a', page('a'))
      deepEqual(await (await open()).get('/a'), page('a'))
      equal(await (await open('other')).get('/a'), undefined)
    })

    it('tells others what is invalidated', async () => {
      const other = listen(await open())
      const time = await store.invalidate({ name: 'tag:a', isSoft: false })
      await until(async () => other.length > 0, hearsWithinMs)
      deepEqual(other[0], { name: 'tag:a', isSoft: false, before: time })
    })

    it('tells those who come later', async () => {
      const time = await store.invalidate({ name: 'route:/[a]', isSoft: true })
      const other = listen(await open())
      await until(async () => other.length > 0, hearsWithinMs)
      deepEqual(other[0], { name: 'route:/[a]', isSoft: true, before: time })
    })

    it('tells those who come later the later time of two, in whatever order they were given', async () => {
      const now = Date.now()
      await store.invalidate({ name: 'tag:a', isSoft: false, before: now })
      await store.invalidate({ name: 'tag:a', isSoft: false, before: now - 5 })
      const other = listen(await open())
      await until(async () => other.some(({ before }) => before === now), hearsWithinMs)
    })

    it('has one lease for a key, which ends by itself', async () => {
      const other = await open()
      ok(await store.lease('/a', 200))
      equal(await other.lease('/a', 200), undefined)
      ok(await other.lease('/b', 200))
      await pause(300)
      ok(await other.lease('/a', 10_000))
    })

    it('does not give back a lease that has become somebody else’s', async () => {
      const other = await open()
      const late = await store.lease('/a', 50)
      await pause(150)
      ok(await other.lease('/a', 10_000))
      await late!.release()
      equal(await store.lease('/a', 10_000), undefined)
    })
  })
}

/** Entries are young: a store may drop what has expired. */
const base = Date.now()

function times(order = 0) {
  const renderedAt = base + order
  return { renderedAt, staleAt: renderedAt + 10_000, expiresAt: renderedAt + 3_600_000 }
}

function page(text: string, order?: number): CacheEntry {
  return {
    type: 'page',
    status: 200,
    document: Buffer.from(`<p>${text}</p>`),
    data: Buffer.from(JSON.stringify({ pageProps: { text } })),
    ...times(order),
  }
}

function entries(): [string, CacheEntry][] {
  const origin = { route: '/[a]', path: '/a', tags: ['x', 'é ☃'] }
  return [
    ['a page', page('héé ☃ 😀')],
    ['a page with its origin', { ...page('a'), origin }],
    ['an empty page', { ...page(''), document: Buffer.alloc(0), data: Buffer.alloc(0) } as CacheEntry],
    ['a large page', { ...page(''), document: Buffer.alloc(3_000_000, 'é') } as CacheEntry],
    ['a page that is never due', { ...page('a'), staleAt: Infinity, expiresAt: Infinity }],
    ['a redirect', { type: 'redirect', status: 308, destination: '/x?a=1#b', basePath: false, ...times() }],
    ['a "not found"', { type: 'not-found', ...times() }],
    [
      'what a function returned',
      { type: 'value', body: Buffer.from('{"é":1}'), origin: { tags: ['x'] }, ...times() },
    ],
    [
      'what a route handler answered',
      {
        type: 'handler',
        status: 201,
        headers: [['X-A', 'b']],
        body: Buffer.from([0, 255, 13, 10]),
        ...times(),
      },
    ],
  ]
}

async function until(condition: () => Promise<boolean>, milliseconds = 2_000): Promise<void> {
  const deadline = Date.now() + milliseconds
  while (!(await condition())) {
    ok(Date.now() < deadline, `It did not happen within ${milliseconds} ms.`)
    await pause(5)
  }
}
