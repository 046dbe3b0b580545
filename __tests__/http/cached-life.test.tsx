import { cached, cacheLife, cacheTag, type CachedOptions } from 'pagepress'
import { createMemoryStore } from '../../lib/cache/memory-store.js'
import { createClock } from '../support/clock.js'
import { api, openSite, serverPage, staticPage } from '../support/cached-site.js'
import { stopServers } from '../support/serve.js'

afterEach(stopServers)

/** Functions over one data source, whose text they return. */
function createSource() {
  const state = { text: 'one', runs: 0, isFailing: false }
  const read = async (..._args: readonly unknown[]) => {
    state.runs += 1
    if (state.isFailing) throw new Error('away')
    return state.text
  }
  return { state, read }
}

describe('an invalidation', () => {
  it('of a tag reaches results of functions, pages that are produced for each request, and kept pages made of them', async () => {
    const { state, read } = createSource()
    const prices = cached(read, { key: 'prices', tags: ['prices'], revalidate: false })
    const other = cached(read, { key: 'other', tags: ['other'], revalidate: false })
    const { show, site } = await openSite({
      pages: {
        '/server': serverPage(() => prices()),
        '/static/[id]': staticPage(() => prices()),
        '/other/[id]': staticPage(() => other()),
        '/api/prices': api(() => prices()),
      },
    })
    const paths = ['/server', '/static/a', '/api/prices', '/other/a']
    const all = () => Promise.all(paths.map(show))
    expect(await all()).toEqual(['one', 'one', 'one', 'one'])
    state.text = 'two'
    expect(await all()).toEqual(['one', 'one', 'one', 'one'])
    await site.revalidate({ tag: 'prices' })
    expect(await all()).toEqual(['two', 'two', 'two', 'one'])
    expect((await site.explain('/static/a')).tags).toEqual(['prices'])
  })

  it('reaches what is made of results that are made of results', async () => {
    const { state, read } = createSource()
    const inner = cached((id: string) => read(id), {
      key: 'inner',
      tags: (id) => [`item:${id}`],
      revalidate: false,
    })
    const outer = cached((id: string) => inner(id), { key: 'outer', tags: ['outer'], revalidate: false })
    const { show, site } = await openSite({
      pages: { '/p/[id]': staticPage(outer), '/s': serverPage(outer) },
    })
    expect([await show('/s?id=a'), await show('/p/a'), await show('/p/b')]).toEqual(['one', 'one', 'one'])
    expect((await site.explain('/p/a')).tags?.toSorted()).toEqual(['item:a', 'outer'])
    state.text = 'two'
    await site.revalidate({ tag: 'item:a' })
    expect([await show('/s?id=a'), await show('/p/a'), await show('/p/b')]).toEqual(['two', 'two', 'one'])
  })

  it('that is soft has a result served once more, and what is kept made of the new one', async () => {
    const { state, read } = createSource()
    const load = cached(read, { key: 'load', tags: ['t'], revalidate: false })
    const { show, site, settled } = await openSite({
      pages: { '/s': serverPage(load), '/p/[id]': staticPage(() => load('')) },
    })
    expect([await show('/s'), await show('/p/a')]).toEqual(['one', 'one'])
    state.text = 'two'
    await site.revalidate({ tag: 't', soft: true })
    expect(await show('/s')).toBe('one')
    await settled()
    expect(await show('/s')).toBe('two')
    expect(await show('/p/a')).toBe('one')
    await settled()
    expect(await show('/p/a')).toBe('two')
  })

  it('that comes while a function runs is not undone by its result', async () => {
    const state = { text: 'one', go: undefined as (() => void) | undefined }
    const load = cached(
      async () => {
        const { text } = state
        await new Promise<void>((resolve) => (state.go = resolve))
        return text
      },
      { key: 'load', tags: ['t'] },
    )
    const { show, site } = await openSite({ pages: { '/api/a': api(() => load()) } })
    const first = show('/api/a')
    while (state.go === undefined) await new Promise((resolve) => setImmediate(resolve))
    const finish = state.go
    state.text = 'two'
    await site.revalidate({ tag: 't' })
    const second = show('/api/a')
    while (state.go === finish) await new Promise((resolve) => setImmediate(resolve))
    state.go!()
    expect(await second).toBe('two')
    finish()
    expect(await first).toBe('two')
    expect(await show('/api/a')).toBe('two')
  })
})

describe('what is kept itself', () => {
  it('is made of no stale result: a page that is due waits for the result that is due', async () => {
    const { state, read } = createSource()
    const load = cached(read, { key: 'load', revalidate: 10 })
    const { show, clock, settled, errors } = await openSite({
      pages: { '/p/[id]': staticPage(() => load(), { revalidate: 10 }) },
      options: { limits: { refreshes: 1 } },
    })
    expect(await show('/p/a')).toBe('one')
    state.text = 'two'
    clock.advance(10_000)
    expect(await show('/p/a')).toBe('one')
    await settled()
    expect(await show('/p/a')).toBe('two')
    expect(state.runs).toBe(2)

    // A source that is away leaves the result and the page as they are.
    state.isFailing = true
    clock.advance(10_000)
    await show('/p/a')
    await settled()
    expect(await show('/p/a')).toBe('two')
    expect(errors.map(String)).toEqual(['Error: away'])
  })

  it('is made of the new result also where no memory keeps it', async () => {
    const { state, read } = createSource()
    const load = cached(read, { key: 'load', revalidate: 10 })
    const clock = createClock()
    const store = createMemoryStore({ now: clock.now })
    const { show, settled } = await openSite({
      pages: { '/p/[id]': staticPage(() => load(), { revalidate: 10 }) },
      options: { cache: { maxBytes: 0 } },
      store,
      now: clock.now,
    })
    expect(await show('/p/a')).toBe('one')
    await settled()
    state.text = 'two'
    clock.advance(10_000)
    expect(await show('/p/a')).toBe('one')
    await settled()
    expect(await show('/p/a')).toBe('two')
    expect(state.runs).toBe(2)
  })
})

describe('the life of a result', () => {
  it('is 900 seconds where nobody says how long, and for ever with `false`', async () => {
    const { state, read } = createSource()
    const [plain, lasting] = [cached(read, { key: 'a' }), cached(read, { key: 'b', revalidate: false })]
    const { show, clock, settled } = await openSite({
      pages: { '/api/a': api(() => plain()), '/api/b': api(() => lasting()) },
    })
    await Promise.all([show('/api/a'), show('/api/b')])
    clock.advance(899_999)
    await Promise.all([show('/api/a'), show('/api/b')])
    await settled()
    expect(state.runs).toBe(2)
    clock.advance(1)
    await show('/api/a')
    await settled()
    expect(state.runs).toBe(3)
    clock.advance(10 * 365 * 86_400_000)
    await show('/api/b')
    expect(state.runs).toBe(3)
  })

  it('and its tags are what the function says while it runs, in place of its options', async () => {
    const { state, read } = createSource()
    const load = cached(
      async (id: string) => {
        const text = await read()
        cacheTag(`text:${text}`, id)
        if (id === 'brief') cacheLife({ revalidate: 1, expire: 5 })
        return text
      },
      { key: 'load', tags: ['fixed'], revalidate: 100 },
    )
    const { show, clock, site, settled } = await openSite({
      pages: { '/s': serverPage(load), '/p/[id]': staticPage(load) },
    })
    await Promise.all([show('/s?id=brief'), show('/p/long')])
    expect((await site.explain('/p/long')).tags?.toSorted()).toEqual(['fixed', 'long', 'text:one'])
    state.text = 'two'
    clock.advance(1_000)
    expect(await show('/s?id=brief')).toBe('one')
    await settled()
    expect(await show('/s?id=brief')).toBe('two')
    await site.revalidate({ tag: 'text:one' })
    expect(await show('/s?id=long')).toBe('two')
    state.isFailing = true
    clock.advance(5_000)
    expect(await show('/s?id=brief')).toBe(500)
  })

  it('comes to a shared store, and back from it, with its tags', async () => {
    const { state, read } = createSource()
    const load = cached(read, { key: 'load', tags: ['t'], revalidate: 10 })
    const clock = createClock()
    const store = createMemoryStore({ now: clock.now })
    const open = () => openSite({ pages: { '/s': serverPage(load) }, store, now: clock.now })
    const one = await open()
    await one.show('/s?id=a')
    await one.settled()
    const other = await open()
    expect(await other.show('/s?id=a')).toBe('one')
    expect(state.runs).toBe(1)
    state.text = 'two'
    await other.site.revalidate({ tag: 't' })
    expect([await one.show('/s?id=a'), await other.show('/s?id=a')]).toEqual(['two', 'two'])
    expect(state.runs).toBe(2)
  })
})

describe('a mistake', () => {
  it.each<[string, unknown, unknown]>([
    ['given undefined as its first argument', undefined, { key: 'a' }],
    ['given undefined as its options', () => 1, undefined],
    ['`key` of cached() is undefined', () => 1, {}],
    ['`key` of cached() is ""', () => 1, { key: '' }],
    ['The cached function `a` has the option `ttl`', () => 1, { key: 'a', ttl: 1 }],
    ['`a` has `revalidate: 0`', () => 1, { key: 'a', revalidate: 0 }],
    ['`a` has `revalidate: 1.5`', () => 1, { key: 'a', revalidate: 1.5 }],
    ['`a` has `revalidate: "1"`', () => 1, { key: 'a', revalidate: '1' }],
    ['`a` has `revalidate: null`', () => 1, { key: 'a', revalidate: null }],
    ['`a` has `expire: 9`', () => 1, { key: 'a', revalidate: 10, expire: 9 }],
    ['`a` has `expire: 9`', () => 1, { key: 'a', revalidate: false, expire: 9 }],
    ['`a` has `tags` that are "t"', () => 1, { key: 'a', tags: 't' }],
    ['`a` has `tags` that are an array', () => 1, { key: 'a', tags: [''] }],
  ])('in the options throws at once: %s', (message, load, options) => {
    expect(() => cached(load as () => number, options as CachedOptions)).toThrow(
      expect.objectContaining({ code: 'PAGES_CACHED', message: expect.stringContaining(message) as string }),
    )
  })

  it('in a call names the function, the argument and the place in it', async () => {
    const user = cached(async (..._args: unknown[]) => 1, { key: 'user' })
    const secret = cached(async () => ({ user: { check: () => 1 } }), { key: 'secret' })
    const { show, errors } = await openSite({
      pages: {
        '/api/request': api((req) => user('a', { from: { req } })),
        '/api/function': api(() => user(() => 1)),
        '/api/result': api(() => secret()),
        '/api/life': api(() => cacheLife({ revalidate: 1 })),
        '/api/tags': api(() => cached(() => 1, { key: 'tagged', tags: () => [''] })()),
      },
    })
    const paths = ['/api/request', '/api/function', '/api/result', '/api/life', '/api/tags']
    for (const path of paths) expect(await show(path)).toBe(500)
    const messages = errors.map((error) => (error as Error).message)
    expect(messages[0]).toContain(
      'The cached function `user` was called with an object of the class `IncomingMessage` as its argument 2 (at `.from.req`).',
    )
    expect(messages[1]).toContain('`user` was called with a function as its argument 1.')
    expect(messages[2]).toContain('The cached function `secret` returned a function (at `.user.check`)')
    expect(messages[3]).toContain('cacheLife() was called outside of a cached function.')
    expect(messages[4]).toContain('The cached function `tagged` has `tags` that are an array')
    expect(new Set(errors.map((error) => (error as { code?: string }).code))).toEqual(
      new Set(['PAGES_CACHED']),
    )
  })
})
