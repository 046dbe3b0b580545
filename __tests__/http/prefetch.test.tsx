import request from 'supertest'
import { createTestApp, type TestAppOptions } from 'pagepress/testing'
import { createMemoryStore } from '../../lib/cache/memory-store.js'
import { createClock } from '../support/clock.js'
import { failOnConsole } from '../support/console.js'

failOnConsole()

const signs: Record<string, string>[] = [
  { purpose: 'prefetch' },
  { 'sec-purpose': 'prefetch' },
  { 'sec-purpose': 'prefetch;prerender' },
  { purpose: 'nothing', 'sec-purpose': 'prefetch;anonymous-client-ip' },
]

/** An app with a page at `/`, another that is not found, and a 404 page, all due again after a second. */
function createApp(more: Partial<TestAppOptions> = {}) {
  const clock = createClock()
  const counts = { page: 0, missing: 0, notFoundPage: 0 }
  const Show = ({ call }: { call: number }) => <p>{call}</p>
  const test = createTestApp({
    pages: {
      '/': {
        default: Show,
        getStaticProps: () => ({ props: { call: ++counts.page }, revalidate: 1 }),
      },
      '/missing': {
        default: Show,
        getStaticProps: () => ({ notFound: !!++counts.missing, revalidate: 1 }),
      },
      '/404': {
        default: Show,
        getStaticProps: () => ({ props: { call: ++counts.notFoundPage }, revalidate: 1 }),
      },
    },
    now: clock.now,
    ...more,
  })
  return {
    ...test,
    clock,
    counts,
    async get(path: string, headers: Record<string, string> = {}) {
      const answer = await request(test.app).get(path).set(headers)
      await test.settled()
      const { status, text } = answer
      const { date: _date, ...rest } = answer.headers as Record<string, string>
      return { status, text, headers: rest }
    },
  }
}

describe('a prefetch of a stale page', () => {
  it.each(signs)('that says %o starts no refresh, and a normal request does [6.22]', async (sign) => {
    const { get, clock, counts } = createApp()
    const paths = ['/_data/index.json', '/']
    for (const path of paths) await get(path)
    clock.advance(1000)

    for (const path of paths) {
      const prefetched = await get(path, sign)
      expect(prefetched.headers['cache-status']).toBe('pagepress; hit; ttl=-1')
      expect(prefetched.text).toContain('1')
    }
    expect(counts.page).toBe(1)

    await get('/_data/index.json')
    expect(counts.page).toBe(2)
    expect((await get('/_data/index.json', sign)).text).toBe('{"pageProps":{"call":2}}')
  })

  it.each(['/', '/_data/index.json'])('gets the answer at %s that anybody gets [6.22]', async (path) => {
    const { get, clock } = createApp()
    await get(path)
    clock.advance(1000)
    const prefetched = await get(path, { purpose: 'prefetch' })
    expect(prefetched.status).toBe(200)
    expect(prefetched).toEqual(await get(path))
  })

  it('starts none of a page that is not found, and none of the 404 page', async () => {
    const { get, clock, counts } = createApp()
    await get('/missing')
    clock.advance(1000)
    expect((await get('/missing', { 'sec-purpose': 'prefetch' })).status).toBe(404)
    expect(counts).toEqual({ page: 0, missing: 1, notFoundPage: 1 })
    await get('/missing')
    expect(counts).toEqual({ page: 0, missing: 2, notFoundPage: 2 })
  })

  it('starts none of a page that is found in the store', async () => {
    const store = createMemoryStore()
    const first = createApp({ store })
    await first.get('/')
    const second = createApp({ store })
    second.clock.advance(1000)
    const prefetched = await second.get('/_data/index.json', { purpose: 'prefetch' })
    expect(prefetched.headers['cache-status']).toBe('pagepress; hit; ttl=-1')
    expect(second.counts.page).toBe(0)
    await second.get('/_data/index.json')
    expect(second.counts.page).toBe(1)
  })
})

describe('a prefetch of a page that is not there yet', () => {
  it('produces it like any other request, and it is kept', async () => {
    const { get, counts } = createApp()
    expect((await get('/', { purpose: 'prefetch' })).headers['cache-status']).toBe(
      'pagepress; fwd=uri-miss; stored',
    )
    expect((await get('/')).headers['cache-status']).toBe('pagepress; hit')
    expect(counts.page).toBe(1)
  })
})

describe('a visitor among those who prefetch', () => {
  it('starts the refresh that they do not', async () => {
    const { app, settled, clock, counts, get } = createApp()
    await get('/')
    clock.advance(1000)
    const sent = [{ purpose: 'prefetch' }, {}, { purpose: 'prefetch' }].map((headers) =>
      request(app).get('/_data/index.json').set(headers),
    )
    await Promise.all(sent)
    await settled()
    expect(counts.page).toBe(2)
  })
})
