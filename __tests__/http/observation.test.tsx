import diagnostics from 'node:diagnostics_channel'
import { setTimeout as pause } from 'node:timers/promises'
import { createTestApp } from 'pagepress/testing'
import request from 'supertest'
import { emptyStore, grantLease } from '../../lib/cache/store.js'
import { createClock } from '../support/clock.js'
import type { CacheEvent } from '../../lib/index.js'

function createSite() {
  const clock = createClock()
  const state = { isFailing: false, keeps: false }
  const test = createTestApp({
    now: clock.now,
    pages: {
      '/p/[id]': {
        default: ({ id }: { id: string }) => <p>{id}</p>,
        getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
        getStaticProps: async ({ params }: { params: { id: string } }) => {
          await pause(20)
          if (state.isFailing) throw new Error('away')
          if (state.keeps) return { keep: true }
          return params.id === 'none' ? { notFound: true } : { props: params, revalidate: 10, tags: ['t'] }
        },
      },
      '/now': { default: () => <p>now</p>, getServerSideProps: () => ({ props: {} }) },
      '/api/x': { default: (_req: unknown, res: { end(): void }) => res.end() },
      '/listed/[id]': {
        default: () => <p>x</p>,
        getStaticPaths: () => ({ paths: ['/listed/a'], fallback: false }),
        getStaticProps: () => ({ props: {} }),
      },
    },
  })
  const visit = async (path: string) => {
    await request(test.app).get(path)
    await test.settled()
  }
  return { ...test, clock, state, visit }
}

describe('what a site counts', () => {
  it('is what happened [S197]', async () => {
    const { site, visit, clock, state } = createSite()
    await site.ready()
    const expected = {
      ...{
        hit: 0,
        stale: 0,
        miss: 0,
        collapsed: 0,
        produced: 0,
        refreshed: 0,
        kept: 0,
        failed: 0,
        invalidated: 0,
      },
    }
    const check = (more: Partial<typeof expected>) => {
      for (const [name, count] of Object.entries(more)) expected[name as keyof typeof expected] += count
      expect(site.stats()).toMatchObject(expected)
    }
    check({})
    await visit('/p/a')
    check({ miss: 1, produced: 1 })
    await visit('/p/a')
    await visit('/_data/p/a.json')
    check({ hit: 2 })
    clock.advance(10_000)
    await visit('/p/a')
    check({ stale: 1, produced: 1, refreshed: 1 })
    state.isFailing = true
    clock.advance(10_000)
    await visit('/p/a')
    check({ stale: 1, failed: 1 })
    ;[state.isFailing, state.keeps] = [false, true]
    clock.advance(4_000)
    await visit('/p/a')
    check({ stale: 1, kept: 1 })
    state.keeps = false
    await site.revalidate('/p/a')
    check({ produced: 1, invalidated: 1 })
    await site.revalidate({ tag: 't' })
    check({ invalidated: 1 })
    await Promise.all([visit('/p/b'), visit('/p/b'), visit('/p/b')])
    check({ miss: 1, produced: 1, collapsed: 2 })
    await visit('/now')
    await visit('/nowhere')
    expect(site.stats()).toMatchObject({ hit: 2, entries: 2, rendering: 0, refreshing: 0, evictions: 0 })
    expect(site.stats()!.bytes).toBeGreaterThan(500)
  })

  it('counts a visitor once, also one who is told that a page is not there', async () => {
    const { site, visit } = createSite()
    const heard: string[] = []
    site.on('hit', ({ key }) => heard.push(key))
    await visit('/p/none')
    await visit('/p/none')
    await visit('/_data/p/none.json')
    expect(site.stats()).toMatchObject({ miss: 1, hit: 2 })
    expect(heard).toEqual(['/p/none', '/p/none'])
  })

  it('is also what the cache has no part in: pages for one visitor, and failures [S197]', async () => {
    const { app, site } = createTestApp({
      pages: {
        '/now': {
          default: () => <p>now</p>,
          getServerSideProps({ query }: { query: { as?: string } }) {
            if (query.as === 'failure') throw new Error('away')
            if (query.as === 'redirect') return { redirect: { destination: '/', permanent: false } }
            return query.as === 'none' ? { notFound: true } : { props: {} }
          },
        },
        '/fails': {
          default: () => <p>x</p>,
          getStaticProps() {
            throw new Error('away')
          },
        },
        '/api/fails': {
          default() {
            throw new Error('away')
          },
        },
      },
    })
    await site.ready()
    const check = async (path: string, status: number, counts: { bypass: number; errors: number }) => {
      await request(app).get(path).expect(status)
      expect(site.stats()).toMatchObject({ ...counts, hit: 0, refused: 0, outages: 0 })
    }
    await check('/now', 200, { bypass: 1, errors: 0 })
    await check('/_data/now.json', 200, { bypass: 2, errors: 0 })
    await check('/now?as=redirect', 307, { bypass: 3, errors: 0 })
    await check('/now?as=none', 404, { bypass: 4, errors: 0 })
    await check('/nowhere', 404, { bypass: 4, errors: 0 })
    await check('/now?as=failure', 500, { bypass: 4, errors: 1 })
    await check('/fails', 500, { bypass: 4, errors: 2 })
    await check('/_data/fails.json', 500, { bypass: 4, errors: 3 })
    await check('/api/fails', 500, { bypass: 4, errors: 4 })
  })

  it('counts an error once that the app hands back to be answered', async () => {
    const { app, site } = createTestApp({
      options: { errors: 'next' },
      pages: {
        '/now': {
          default: () => null,
          getServerSideProps() {
            throw new Error('away')
          },
        },
      },
      after: (host, handler) => host.use(handler.errorHandler),
    })
    await request(app).get('/now').expect(500)
    await request(app).get('/now').expect(500)
    expect(site.stats()).toMatchObject({ errors: 2 })
  })

  it('counts the pages that found no place in the queue [S197]', async () => {
    const release: (() => void)[] = []
    const { app, site } = createTestApp({
      options: { limits: { renders: 1, queue: 0 } },
      pages: {
        '/p/[id]': {
          default: () => <p>x</p>,
          getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
          async getStaticProps() {
            await new Promise<void>((resolve) => release.push(resolve))
            return { props: {} }
          },
        },
      },
    })
    const first = request(app)
      .get('/p/a')
      .expect(200)
      .then(() => undefined)
    while (release.length === 0) await pause(5)
    await request(app).get('/p/b').expect(503)
    await request(app).get('/p/c').expect(503)
    expect(site.stats()).toMatchObject({ refused: 2, errors: 2 })
    release[0]!()
    await first
    expect(site.stats()).toMatchObject({ refused: 2, errors: 2, miss: 1 })
  })

  it('counts how often the shared store was given up, not how often it failed [S197]', async () => {
    let isAway = false
    async function answer(): Promise<undefined> {
      if (isAway) throw new Error('away')
    }
    const lease = async () => (await answer()) ?? grantLease()
    const { app, site, settled } = createTestApp({
      options: {
        cache: {
          maxBytes: 0,
          store: () => ({
            ...emptyStore,
            get: answer,
            set: answer,
            lease,
          }),
        },
      },
      pages: { '/p': { default: () => <p>x</p>, getStaticProps: () => ({ props: {}, revalidate: 1 }) } },
    })
    const visit = async () => {
      await request(app).get('/p').expect(200)
      await settled()
    }
    await visit()
    expect(site.stats()).toMatchObject({ outages: 0, errors: 0 })
    isAway = true
    for (let count = 0; count < 20; count += 1) await visit()
    expect(site.stats()).toMatchObject({ outages: 1, errors: 0 })
  })

  it('is told in OpenMetrics', async () => {
    const { app, site, visit } = createSite()
    app.get('/-/metrics', site.metrics)
    await visit('/p/a')
    await visit('/p/a')
    const { text, headers } = await request(app).get('/-/metrics').expect(200)
    expect(headers['content-type']).toMatch(/^application\/openmetrics-text; version=1\.0\.0/)
    expect(headers['cache-control']).toBe('no-store')
    expect(text).toContain(
      '# TYPE pagepress_cache_hit counter\n# HELP pagepress_cache_hit Visitors who got a fresh page from the cache.\npagepress_cache_hit_total 1\n',
    )
    expect(text).toMatch(/\npagepress_cache_bytes \d+\n/)
    for (const name of ['bypass', 'errors', 'evictions', 'refused', 'outages'])
      expect(text).toContain(`\npagepress_cache_${name}_total 0\n`)
    expect(text.endsWith('\n# EOF\n')).toBe(true)
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(
        /^(# (TYPE|HELP|UNIT) pagepress_(cache|data)_\w+ .+|# EOF|pagepress_(cache|data)_\w+ \d+)$/,
      )
  })
})

describe('listeners', () => {
  it('hear of what happens, also those who came before the site was ready, until they stop', async () => {
    const { site, visit, clock } = createSite()
    const heard: string[] = []
    const off = site.on('miss', ({ key }) => heard.push(`miss ${key}`))
    site.on('refreshed', ({ key, milliseconds }) => heard.push(`refreshed ${key} ${typeof milliseconds}`))
    site.on('hit', ({ key }) => heard.push(`hit ${key}`))()
    await visit('/p/a')
    await visit('/p/a')
    clock.advance(10_000)
    await visit('/p/a')
    off()
    await visit('/p/b')
    expect(heard).toEqual(['miss /p/a', 'refreshed /p/a number'])
  })

  it('that throw hurt no visitor', async () => {
    const { site, app, errors } = createSite()
    site.on('miss', () => {
      throw new Error('mine')
    })
    await request(app).get('/p/a').expect(200)
    expect(errors).toEqual([new Error('mine')])
  })

  it('of what does not happen are refused', () => {
    const { site } = createSite()
    expect(() => site.on('hits' as never, () => {})).toThrow(/`hit`/)
  })

  it('of the whole process listen on a diagnostics channel', async () => {
    const { visit } = createSite()
    const seen: string[] = []
    const listen = (message: unknown) => {
      const { event, key } = message as CacheEvent
      seen.push(`${event} ${key}`)
    }
    diagnostics.subscribe('pagepress:cache', listen)
    await visit('/p/a')
    await visit('/p/a')
    diagnostics.unsubscribe('pagepress:cache', listen)
    await visit('/p/a')
    expect(seen).toEqual(['produced /p/a', 'miss /p/a', 'hit /p/a'])
  })
})

describe('explain', () => {
  it('tells of a page what there is to know', async () => {
    const { site, visit, clock } = createSite()
    expect(await site.explain('/p/a')).toMatchObject({
      state: 'absent',
      isCached: true,
      inMemory: false,
      inStore: false,
    })
    await visit('/p/a')
    expect(await site.explain('/p/a?x=1#y')).toEqual({
      path: '/p/a',
      route: '/p/[id]',
      file: 'pages/p/[id].tsx',
      kind: 'static',
      isCached: true,
      why: expect.any(String),
      key: '/p/a',
      state: 'fresh',
      renderedAt: new Date(clock.now()),
      staleAt: new Date(clock.now() + 10_000),
      expiresAt: expect.any(Date),
      tags: ['t'],
      bytes: expect.any(Number),
      inMemory: true,
      inStore: false,
      isRendering: false,
      isRefreshing: false,
      isBackingOff: false,
    })
    clock.advance(10_000)
    expect(await site.explain('/p/a')).toMatchObject({ state: 'stale' })
    clock.advance(3600 * 24 * 365 * 1000)
    expect(await site.explain('/p/a')).toMatchObject({ state: 'absent', inMemory: false })
  })

  it('tells of an invalidated page what a visitor would get', async () => {
    const { site, visit } = createSite()
    await visit('/p/a')
    await site.revalidate({ tag: 't', soft: true })
    expect(await site.explain('/p/a')).toMatchObject({ state: 'stale', inMemory: true })
    await site.revalidate({ tag: 't' })
    expect(await site.explain('/p/a')).toMatchObject({ state: 'absent', inMemory: false })
    await visit('/p/a')
    expect(await site.explain('/p/a')).toMatchObject({ state: 'fresh', inMemory: true })
  })

  it.each([
    ['/now', { kind: 'server', isCached: false, why: expect.stringContaining('getServerSideProps') }],
    ['/api/x', { kind: 'api', isCached: false }],
    ['/nowhere', { isCached: false, why: 'No page answers for it.' }],
    ['/listed/b', { isCached: false, why: expect.stringContaining('fallback: false') }],
  ])('tells of %s why it is not cached', async (path, expected) => {
    expect(await createSite().site.explain(path)).toMatchObject(expected)
  })
})
