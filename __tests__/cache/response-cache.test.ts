import { AsyncLocalStorage } from 'node:async_hooks'
import { createGovernor } from '../../lib/cache/governor.js'
import { createPageMemory } from '../../lib/cache/memory.js'
import { createResponseCache, type Render, type ResponseCache } from '../../lib/cache/response-cache.js'
import { emptyStore, type CacheStore } from '../../lib/cache/store.js'
import type { CacheEntry } from '../../lib/cache/entry.js'
import type { PageResponse } from '../../lib/page-response.js'
import { createClock, type FakeClock } from '../support/clock.js'
import { createNotFoundEntry, createPageEntry } from '../support/entries.js'

const a = { key: '/a', basePath: '' }

let clock: FakeClock
let errors: unknown[]

beforeEach(() => {
  clock = createClock(1_000_000)
  errors = []
})

function createCache(
  store: CacheStore = emptyStore,
  { entryBytes = 1_000_000, maxBytes = 1_000_000, refreshes = 10 } = {},
): ResponseCache {
  return createResponseCache({
    store,
    memory: createPageMemory({ maxBytes, notFoundEntries: 100 }),
    governor: createGovernor({ renders: 10, refreshes, queue: 100 }),
    limits: { entryBytes, timeoutMs: 100 },
    now: clock.now,
    onError: (error, info) => errors.push([(error as Error).message, info.phase, info.pathname]),
  })
}

const page = (text: string, revalidateSeconds: number | false = 10): PageResponse => ({
  type: 'page',
  status: 200,
  document: Buffer.from(text),
  data: '{}',
  lifetime: { revalidateSeconds, expireSeconds: 100 },
})

/** A render that gives `1`, `2`, … and counts. */
function createRender(
  more: (call: number) => Promise<PageResponse> | PageResponse = (call) => page(String(call)),
) {
  const reasons: string[] = []
  const render: Render = async (reason) => more(reasons.push(reason))
  return { render, reasons }
}

async function textOf(cache: ResponseCache, render: Render, key = a): Promise<string> {
  const { page: served } = await cache.serve(key, render)
  return served.type === 'page' ? served.document.bytes.toString() : served.type
}

/** A store in this process, and what was asked of it. */
function createMapStore(entries: Iterable<[string, CacheEntry]> = []) {
  const map = new Map(entries)
  const asked: string[] = []
  const store: CacheStore = {
    ...emptyStore,
    async get(key) {
      asked.push(`get ${key}`)
      return map.get(key)
    },
    async set(key, entry) {
      asked.push(`set ${key}`)
      map.set(key, entry)
    },
    async delete(key) {
      asked.push(`delete ${key}`)
      map.delete(key)
    },
  }
  return { store, map, asked }
}

const entryAt = (text: string, { ago = 0, fresh = 10_000, life = 100_000 }): CacheEntry => {
  const renderedAt = clock.now() - ago
  return {
    ...createPageEntry(),
    document: Buffer.from(text),
    renderedAt,
    staleAt: renderedAt + fresh,
    expiresAt: renderedAt + life,
  }
}

describe('what the store has', () => {
  it('is served without a render, and asked for once', async () => {
    const { store, asked } = createMapStore([['/a', entryAt('kept', { ago: 5_000 })]])
    const cache = createCache(store)
    const { render, reasons } = createRender()

    expect(await cache.serve(a, render)).toMatchObject({ status: 'hit', stored: true, collapsed: false })
    expect(await textOf(cache, render)).toBe('kept')
    expect(reasons).toEqual([])
    expect(asked).toEqual(['get /a'])
  })

  it('keeps its age: an entry loaded stale is refreshed [S121]', async () => {
    const { store, map } = createMapStore([['/a', entryAt('old', { ago: 10_000 })]])
    const cache = createCache(store)
    const { render } = createRender()

    expect(await cache.serve(a, render)).toMatchObject({ status: 'stale' })
    await cache.settled()
    expect(await textOf(cache, render)).toBe('1')
    expect(map.get('/a')).toMatchObject({ renderedAt: clock.now(), document: Buffer.from('1') })
  })

  it('is not served once it has expired', async () => {
    const cache = createCache(createMapStore([['/a', entryAt('dead', { ago: 100_000 })]]).store)

    expect(await textOf(cache, createRender().render)).toBe('1')
  })

  it('is served and refreshed once when it comes from the future, or the clock is put back [S125]', async () => {
    const cache = createCache(createMapStore([['/a', entryAt('from the future', { ago: -60_000 })]]).store)
    const { render, reasons } = createRender()

    expect(await textOf(cache, render)).toBe('from the future')
    await cache.settled()
    for (let visit = 0; visit < 5; visit += 1) expect(await textOf(cache, render)).toBe('1')
    expect(reasons).toHaveLength(1)

    clock.advance(-500_000)
    expect(await textOf(cache, render)).toBe('1')
    await cache.settled()
    for (let visit = 0; visit < 5; visit += 1) expect(await textOf(cache, render)).toBe('2')
    expect(reasons).toHaveLength(2)
  })

  it('says that a page is there without producing it', async () => {
    const cache = createCache(createMapStore([['/a', entryAt('kept', {})]]).store)

    expect(await cache.has({ key: '/b', basePath: '' })).toBe(false)
    expect(cache.lookup(a)).toBeUndefined()
    expect(await cache.has(a)).toBe(true)
    expect(cache.lookup(a)).toBeDefined()
    expect(await cache.has(a)).toBe(true)
  })
})

describe('a store that', () => {
  it('throws is told of, and the page is produced', async () => {
    const store: CacheStore = {
      ...emptyStore,
      get: () => Promise.reject(new Error('cannot read')),
      set: () => Promise.reject(new Error('cannot write')),
      delete: async () => {},
    }
    const cache = createCache(store)
    const { render, reasons } = createRender()

    expect(await textOf(cache, render)).toBe('1')
    await cache.settled()
    expect(await textOf(cache, render)).toBe('1')
    expect(reasons).toEqual(['stale'])
    expect(errors).toEqual([
      ['cannot read', 'store', '/a'],
      ['cannot write', 'store', '/a'],
    ])
  })

  it('never answers holds nobody up for ever', async () => {
    const never = () => new Promise<never>(() => {})
    const cache = createCache({ ...emptyStore, get: never, set: never, delete: never })
    const { render } = createRender()

    expect(await textOf(cache, render)).toBe('1')
    await cache.revalidate(a, render)
    expect(await textOf(cache, render)).toBe('2')
    await cache.settled()
    expect(errors.length).toBeGreaterThan(0)
  })

  it('is slow to write delays no visitor', async () => {
    let finish = () => {}
    const { store } = createMapStore()
    const cache = createCache({ ...store, set: () => new Promise((resolve) => (finish = resolve)) })

    expect(await textOf(cache, createRender().render)).toBe('1')
    finish()
    await cache.settled()
  })

  it('has kept the old page through a revalidation never gives it out again', async () => {
    const old = entryAt('old', { ago: 5_000, fresh: Infinity, life: Infinity })
    const readOnly: CacheStore = { ...emptyStore, get: async () => old }
    const cache = createCache(readOnly, { maxBytes: 0 })
    const { render } = createRender((call) => page(`new ${call}`, false))
    expect(await textOf(cache, render)).toBe('old')

    await cache.revalidate(a, render)

    expect(await textOf(cache, render)).toBe('new 2')
  })

  it('answers late with the page from before a revalidation changes nothing', async () => {
    const old = entryAt('old', { ago: 5_000 })
    const answers: ((entry: CacheEntry) => void)[] = []
    const cache = createCache({ ...emptyStore, get: () => new Promise((resolve) => answers.push(resolve)) })
    const { render } = createRender((call) => page(`new ${call}`))
    const early = textOf(cache, render)

    await cache.revalidate(a, render)
    const after = textOf(cache, render)
    for (const answer of answers) answer(old)

    expect(await after).toBe('new 1')
    expect(await early).not.toBe('old')
    expect(await textOf(cache, render)).toMatch(/^new/)
  })
})

describe('"not found"', () => {
  it('takes a place in the store only where a page was', async () => {
    const gone: PageResponse = { type: 'not-found', lifetime: { revalidateSeconds: 5, expireSeconds: 100 } }
    const { store, map } = createMapStore([['/was', entryAt('page', { ago: 20_000 })]])
    const cache = createCache(store)
    const { render } = createRender(() => gone)

    await cache.serve({ key: '/never', basePath: '' }, render)
    await cache.serve({ key: '/was', basePath: '' }, render)
    await cache.settled()

    expect([...map].map(([key, { type }]) => [key, type])).toEqual([['/was', 'not-found']])
    expect((await cache.serve({ key: '/was', basePath: '' }, render)).page.type).toBe('not-found')
  })

  it('comes back from the store as what it is', async () => {
    const cache = createCache(createMapStore([['/a', { ...createNotFoundEntry(clock.now()) }]]).store)

    expect(await textOf(cache, createRender().render)).toBe('not-found')
  })
})

describe('a render', () => {
  it('is shared by all who wait, its failure too, and the next who asks starts anew [S115]', async () => {
    const cache = createCache()
    const { render, reasons } = createRender((call) => {
      if (call === 1) throw new Error('broken')
      return page('fine')
    })

    const results = await Promise.allSettled([
      cache.serve(a, render),
      cache.serve(a, render),
      cache.serve(a, render),
    ])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(reasons).toHaveLength(1)
    expect(await textOf(cache, render)).toBe('fine')
  })

  it('that comes too late is dropped, however late [S113]', async () => {
    const cache = createCache()
    let finish!: (response: PageResponse) => void
    const { render } = createRender((call) =>
      call === 1 ? new Promise((resolve) => (finish = resolve)) : page(String(call)),
    )

    await expect(cache.serve(a, render)).rejects.toMatchObject({ status: 504 })
    expect(await textOf(cache, render)).toBe('2')
    finish(page('late'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(await textOf(cache, render)).toBe('2')
  })

  it('for one visitor only is a mistake of ours, and kept by nobody', async () => {
    const cache = createCache()
    const { render } = createRender((call) => (call === 1 ? { type: 'ended' } : page('fine')))

    await expect(cache.serve(a, render)).rejects.toMatchObject({ code: 'PAGES_BUG' })
    expect(await textOf(cache, render)).toBe('fine')
  })

  it('sees nothing of who asked for it', async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const cache = createCache()
    const { render } = createRender((call) => (seen.push(storage.getStore()), page(String(call))))

    await storage.run('ann', () => cache.serve(a, render))
    clock.advance(10_000)
    await storage.run('ben', () => cache.serve(a, render))
    await cache.settled()
    await storage.run('cem', () => cache.revalidate(a, render))

    expect(seen).toEqual([undefined, undefined, undefined])
  })
})

describe('a refresh', () => {
  it('is left for the next visit where there is no room for it', async () => {
    const cache = createCache(emptyStore, { refreshes: 1 })
    let finish = () => {}
    const slow: Render = () => new Promise((resolve) => (finish = () => resolve(page('slow'))))
    const { render, reasons } = createRender()
    const b = { key: '/b', basePath: '' }
    await cache.serve(a, render)
    await cache.serve(b, render)
    clock.advance(10_000)

    await cache.serve(a, slow)
    await cache.serve(b, render)
    expect(reasons).toHaveLength(2)
    expect(cache.stats()).toMatchObject({ entries: 2, refreshing: 1 })

    finish()
    await cache.settled()
    await cache.serve(b, render)
    await cache.settled()
    expect(reasons).toHaveLength(3)
  })

  it('ends after an on-demand revalidation that began later: its older page is dropped', async () => {
    const { store, map } = createMapStore()
    const cache = createCache(store)
    let finish!: (response: PageResponse) => void
    const { render } = createRender((call) =>
      call === 2 ? new Promise((resolve) => (finish = resolve)) : page(String(call)),
    )
    await cache.serve(a, render)
    clock.advance(10_000)
    await cache.serve(a, render)
    await cache.revalidate(a, render)
    finish(page('2'))
    await cache.settled()

    expect(await textOf(cache, render)).toBe('3')
    expect(map.get('/a')).toMatchObject({ document: Buffer.from('3') })
  })
})

describe('several mounts', () => {
  it('share entries, each with its own links, and a refresh reaches all of them', async () => {
    const cache = createCache()
    const { render, reasons } = createRender((call) => page(`/__pagepress_base__/${call}`))
    const mounts = ['/one', '/two'].map((basePath) => ({ key: '/a', basePath }))

    expect(await Promise.all(mounts.map((key) => textOf(cache, render, key)))).toEqual(['/one/1', '/two/1'])
    await cache.revalidate(a, render)
    expect(await Promise.all(mounts.map((key) => textOf(cache, render, key)))).toEqual(['/one/2', '/two/2'])
    expect(reasons).toEqual(['stale', 'on-demand'])
  })

  it('of any number are served; the first hundred are kept', async () => {
    const { store } = createMapStore()
    const cache = createCache(store)
    const { render, reasons } = createRender()
    for (let index = 0; index < 101; index += 1)
      await cache.serve({ key: '/a', basePath: `/${index}` }, render)

    expect(cache.stats().entries).toBe(100)
    expect(reasons).toHaveLength(1)
    expect(cache.lookup({ key: '/a', basePath: '/100' })).toBeUndefined()
    expect(await textOf(cache, render, { key: '/a', basePath: '/100' })).toBe('1')
  })
})
