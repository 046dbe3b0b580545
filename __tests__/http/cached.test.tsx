import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { cached, type CachedOptions } from 'pagepress'
import { createMemoryStore } from '../../lib/cache/memory-store.js'
import { api, openSite, serverPage, staticPage } from '../support/cached-site.js'
import { stopServers } from '../support/serve.js'

afterEach(stopServers)

/** A cached function that tells how often it has run for an argument. */
function createCounter(options: Partial<CachedOptions<[id: string]>> = {}) {
  const runs: string[] = []
  const state = { isFailing: false }
  const load = cached(
    async (id: string) => {
      runs.push(id)
      await pause(5)
      if (state.isFailing) throw new Error('away')
      return { id, run: runs.filter((one) => one === id).length }
    },
    { key: 'count', revalidate: 10, tags: ['counts'], ...options },
  )
  return { load, runs, state }
}

describe('a crowd', () => {
  it('of 1,000 at pages and routes that call one function is one run of it', async () => {
    const { load, runs } = createCounter()
    const { ask } = await openSite({ pages: { '/server': serverPage(load), '/api/a': api(() => load('')) } })
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => ask(index % 2 === 0 ? '/server' : '/api/a')),
    )
    expect(runs).toEqual([''])
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  })

  it('of 200 at a stale result is one run that nobody waits for', async () => {
    let finish = () => {}
    let runs = 0
    const load = cached(
      async () => {
        runs += 1
        if (runs > 1) await new Promise<void>((resolve) => (finish = resolve))
        return runs
      },
      { key: 'slow', revalidate: 10 },
    )
    const { show, clock, settled } = await openSite({ pages: { '/api/a': api(() => load()) } })
    const get = () => show('/api/a')
    expect(await get()).toBe(1)
    clock.advance(9_999)
    expect(await get()).toBe(1)
    expect(runs).toBe(1)
    clock.advance(1)
    expect(new Set(await Promise.all(Array.from({ length: 200 }, get)))).toEqual(new Set([1]))
    expect(runs).toBe(2)
    finish()
    await settled()
    expect(await get()).toBe(2)
  })

  it('of pages that wait for results needs no turns but those of the pages', async () => {
    const { load, runs } = createCounter()
    const { show } = await openSite({
      pages: { '/p/[id]': staticPage(async (id) => [await load(id), await load('all')]) },
      options: { limits: { renders: 1, refreshes: 1, queue: 100 } },
    })
    const shown = await Promise.all(['a', 'b', 'c'].map((id) => show(`/p/${id}`)))
    expect(shown).toEqual(
      ['a', 'b', 'c'].map((id) => [
        { id, run: 1 },
        { id: 'all', run: 1 },
      ]),
    )
    expect(runs.sort()).toEqual(['a', 'all', 'b', 'c'])
  })
})

describe('a function whose source fails', () => {
  it('is called again by the next who asks, and the failure is theirs who asked', async () => {
    const { load, runs, state } = createCounter()
    const { show, errors } = await openSite({ pages: { '/s': serverPage(load) } })
    state.isFailing = true
    expect(await show('/s?id=a')).toBe(500)
    expect(await show('/s?id=a')).toBe(500)
    expect(errors.map(String)).toEqual(['Error: away', 'Error: away'])
    state.isFailing = false
    expect(await show('/s?id=a')).toEqual({ id: 'a', run: 3 })
    expect(runs).toHaveLength(3)
  })

  it('keeps the result that there was, and is asked again after 3 seconds, then 6', async () => {
    const { load, runs, state } = createCounter()
    const { show, errors, clock, settled } = await openSite({ pages: { '/s': serverPage(load) } })
    await show('/s?id=a')
    state.isFailing = true
    clock.advance(10_000)
    const visit = async () => {
      expect(await show('/s?id=a')).toEqual({ id: 'a', run: 1 })
      await settled()
      return runs.length
    }
    expect(await visit()).toBe(2)
    clock.advance(2_999)
    expect(await visit()).toBe(2)
    clock.advance(1)
    expect(await visit()).toBe(3)
    clock.advance(5_999)
    expect(await visit()).toBe(3)
    clock.advance(1)
    expect(await visit()).toBe(4)
    expect(errors.map(String)).toEqual(Array(3).fill('Error: away'))
    state.isFailing = false
    clock.advance(12_000)
    await visit()
    expect(await show('/s?id=a')).toEqual({ id: 'a', run: 5 })
  })

  it('keeps it no longer than `expire` says', async () => {
    const { load, state } = createCounter({ expire: 60 })
    const { show, clock } = await openSite({ pages: { '/s': serverPage(load) } })
    await show('/s?id=a')
    state.isFailing = true
    clock.advance(59_999)
    expect(await show('/s?id=a')).toEqual({ id: 'a', run: 1 })
    clock.advance(1)
    expect(await show('/s?id=a')).toBe(500)
  })
})

describe('one production', () => {
  it('runs the same call once, also where nothing is kept', async () => {
    const { load, runs } = createCounter()
    const thrice = async (id: string) => [await load(id), ...(await Promise.all([load(id), load(id)]))]
    const { show } = await openSite({
      pages: { '/s': serverPage(thrice), '/api/a': api(() => thrice('b')) },
      options: { cache: { maxBytes: 0 } },
    })
    const shown = (id: string, run: number) => Array(3).fill({ id, run })
    expect(await show('/s?id=a')).toEqual(shown('a', 1))
    expect(await show('/s?id=a')).toEqual(shown('a', 2))
    expect(await show('/api/a')).toEqual(shown('b', 1))
    expect(runs).toEqual(['a', 'a', 'b'])
  })

  it('that revalidates gets what is new, as everybody does', async () => {
    const { load } = createCounter()
    const { show } = await openSite({
      pages: {
        '/api/change': api(async (_req, res) => {
          const before = await load('a')
          await (res as unknown as { revalidate(target: object): Promise<void> }).revalidate({
            tag: 'counts',
          })
          return [before, await load('a')]
        }),
        '/s': serverPage(load),
      },
    })
    expect(await show('/api/change')).toEqual([1, 2].map((run) => ({ id: 'a', run })))
    expect(await show('/s?id=a')).toEqual({ id: 'a', run: 2 })
  })

  it('has a result of its own, which it may change', async () => {
    const load = cached(async () => ({ list: [1] }), { key: 'list' })
    const { show } = await openSite({
      pages: {
        '/api/a': api(async () => {
          const { list } = await load()
          list.push(2)
          return list
        }),
      },
    })
    expect([await show('/api/a'), await show('/api/a')]).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  it('gives a result the form that it is kept in, from the first call on', async () => {
    const load = cached(
      async () => ({
        at: new Date(0),
        n: 10n,
        gone: undefined,
        bytes: Buffer.from('é'),
        of: new Map([[1, -0]]),
      }),
      { key: 'forms' },
    )
    const seen: unknown[] = []
    const { show } = await openSite({
      pages: { '/api/a': api(async () => seen.push(await load())) },
    })
    await show('/api/a')
    await show('/api/a')
    expect(seen[0]).toStrictEqual({
      at: new Date(0),
      n: 10n,
      gone: undefined,
      bytes: Buffer.from('é'),
      of: new Map([[1, -0]]),
    })
    expect(seen[1]).toStrictEqual(seen[0])
    expect(seen[1]).not.toBe(seen[0])
  })
})

describe('the cache that a function finds', () => {
  it('is that of the site whose code calls it: pages, routes, handlers, middlewares, and what `run` runs', async () => {
    const { load, runs } = createCounter()
    const visible: unknown[] = []
    const { show, ask, site } = await openSite({
      pages: {
        '/s': serverPage(load),
        '/p/[id]': staticPage(load),
        '/api/a': api(() => load('a')),
        '/handler': { GET: async () => Response.json(await load('a')) },
        '/guarded': {
          ...serverPage(() => 1),
          middleware: async (_req: unknown, _res: unknown, next: () => void) => {
            visible.push(await load('a'))
            next()
          },
        },
        '/initial': {
          default: Object.assign(({ shown }: { shown: unknown }) => <p>{JSON.stringify(shown)}</p>, {
            getInitialProps: async () => ({ shown: await load('a') }),
          }),
        },
      },
    })
    for (const path of ['/s?id=a', '/p/a', '/api/a', '/handler', '/initial'])
      expect(await show(path)).toEqual({ id: 'a', run: 1 })
    await ask('/guarded')
    expect(await site.run(() => load('a'))).toEqual({ id: 'a', run: 1 })
    expect(visible).toEqual([{ id: 'a', run: 1 }])
    expect(runs).toEqual(['a'])
  })

  it("is each site's own, of several in one process", async () => {
    const { load, runs } = createCounter()
    const open = () => openSite({ pages: { '/api/a': api(() => load('a')) } })
    const [one, other] = [await open(), await open()]
    expect(await one.show('/api/a')).toEqual({ id: 'a', run: 1 })
    expect(await other.show('/api/a')).toEqual({ id: 'a', run: 2 })
    expect(await one.show('/api/a')).toEqual({ id: 'a', run: 1 })
    expect(await one.site.run(() => other.site.run(() => load('a')))).toEqual({ id: 'a', run: 2 })
    expect(runs).toHaveLength(2)
  })

  it('is none outside of all sites: every call runs', async () => {
    const { load, runs } = createCounter()
    expect([await load('a'), await load('a')]).toEqual([1, 2].map((run) => ({ id: 'a', run })))
    expect(runs).toHaveLength(2)
  })

  it('is shared with a site that starts later on the same store', async () => {
    const { load, runs } = createCounter()
    const store = createMemoryStore()
    const open = () => openSite({ pages: { '/s': serverPage(load) }, store, now: Date.now })
    const one = await open()
    await one.show('/s?id=a')
    await one.settled()
    expect(await (await open()).show('/s?id=a')).toEqual({ id: 'a', run: 1 })
    expect(runs).toEqual(['a'])
  })

  it('holds nothing larger than `limits.entryBytes`, and nothing that is in draft mode', async () => {
    let runs = 0
    const load = cached(async (size: number) => [(runs += 1), 'x'.repeat(size)], { key: 'sized' })
    const { show, ask } = await openSite({
      pages: {
        '/api/a': api(async (req) => (await load(Number(req.query['size'])))[0]),
        '/api/draft': api((_req, res) => {
          ;(res as unknown as { setDraftMode(options: object): void }).setDraftMode({ enable: true })
          return 1
        }),
      },
      options: { limits: { entryBytes: 1_000 } },
    })
    expect([await show('/api/a?size=10'), await show('/api/a?size=10')]).toEqual([1, 1])
    expect([await show('/api/a?size=1000'), await show('/api/a?size=1000')]).toEqual([2, 3])
    const [cookie] = (await ask('/api/draft')).headers['set-cookie']!
    const inDraft = () => ask('/api/a?size=10', { headers: { cookie: cookie!.split(';')[0]! } })
    expect([(await inDraft()).body, (await inDraft()).body]).toEqual(['4', '5'])
    expect(await show('/api/a?size=10')).toBe(1)
  })

  it('shows no function who asked: it runs outside of the request that it is first called for', async () => {
    const users = new AsyncLocalStorage<string>()
    const load = cached(async () => users.getStore() ?? 'nobody', { key: 'who' })
    const { show } = await openSite({
      before: (app) => app.use((_req, _res, next) => users.run('me', next)),
      pages: { '/api/a': api(async () => [users.getStore(), await load()]) },
    })
    expect(await show('/api/a')).toEqual(['me', 'nobody'])
  })
})

describe('what a site tells of its functions', () => {
  it('is counted apart from its pages, and read as OpenMetrics', async () => {
    const { load, state } = createCounter()
    const { show, clock, site, settled, ask } = await openSite({
      pages: { '/s': serverPage(load) },
      after: (app, { metrics }) => app.get('/metrics', metrics),
    })
    const heard: string[] = []
    site.on('hit', ({ key }) => heard.push(key))
    await show('/s?id=a')
    await show('/s?id=a')
    clock.advance(10_000)
    await show('/s?id=a')
    await settled()
    state.isFailing = true
    clock.advance(10_000)
    await show('/s?id=a')
    await settled()
    const data = { hit: 1, stale: 2, miss: 1, collapsed: 0, produced: 2, refreshed: 1, failed: 1 }
    expect(site.stats()).toMatchObject({ hit: 0, miss: 0, entries: 1, data })
    expect(heard).toEqual(['data:"count"["a"]'])
    const { body } = await ask('/metrics')
    for (const [name, count] of Object.entries(data))
      expect(body).toContain(`\npagepress_data_${name}_total ${count}\n`)
  })
})
