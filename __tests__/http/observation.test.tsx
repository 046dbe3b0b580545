import diagnostics from 'node:diagnostics_channel'
import { setTimeout as pause } from 'node:timers/promises'
import { createTestApp } from 'pagepress/testing'
import request from 'supertest'
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
