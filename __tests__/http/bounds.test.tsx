/** @timed */
import { setTimeout as pause } from 'node:timers/promises'
import { createTestApp, type TestAppOptions } from 'pagepress/testing'
import { encodeBody } from '../../lib/cache/body.js'
import { cachedSize, toCached } from '../../lib/cache/cached-page.js'
import { createPageMemory } from '../../lib/cache/memory.js'
import { createMemoryStore } from '../../lib/cache/memory-store.js'
import { createPageEntry } from '../support/entries.js'
import { serve, stopServers } from '../support/serve.js'

afterEach(stopServers)

const MIB = 1024 * 1024

async function open(given: Partial<TestAppOptions> & { renderMs?: number } = {}) {
  const runs = new Map<string, number>()
  const { renderMs = 0, ...options } = given
  const text = 'x'.repeat(6_000)
  const test = createTestApp({
    pages: {
      '/p/[id]': {
        default: ({ id }: { id: string }) => (
          <p>
            {id} {text}
          </p>
        ),
        getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
        getStaticProps: async ({ params }: { params: { id: string } }) => {
          runs.set(params.id, (runs.get(params.id) ?? 0) + 1)
          if (renderMs > 0) await pause(renderMs)
          if (params.id.startsWith('none')) return { notFound: true }
          return { props: params, revalidate: 60 }
        },
      },
    },
    ...options,
  })
  const { ask } = await serve(test.app)
  return { ...test, ask, runs }
}

describe('strangers who ask for', () => {
  it('5,000 paths once each push out no page that others visit, nor pass the bound [S131] (of 1,000,000)', async () => {
    const maxBytes = MIB
    const { ask, site, runs } = await open({ options: { cache: { maxBytes } } })
    const hot = Array.from({ length: 20 }, (_, index) => `/p/hot${index}`)
    for (let turn = 0; turn < 2; turn += 1) for (const path of hot) await ask(path)
    let hits = 0
    let visits = 0
    for (let index = 0; index < 5_000; index += 1) {
      const asked = [ask(`/p/slug${index}`)]
      if (index % 20 === 0) asked.push(ask(hot[(index / 20) % 20]!))
      const [, visit] = await Promise.all(asked)
      expect(site.stats()!.bytes).toBeLessThanOrEqual(maxBytes)
      if (visit === undefined) continue
      visits += 1
      if (visit.headers['cache-status'] === 'pagepress; hit') hits += 1
    }
    expect(hits / visits).toBeGreaterThanOrEqual(0.95)
    expect(runs.size).toBe(5_020)
  }, 120_000)

  it('pages that do not exist push out none that does, and have a small place of their own [S132]', async () => {
    const store = createMemoryStore()
    const { ask, site, runs } = await open({
      store,
      options: { cache: { maxBytes: MIB }, limits: { notFoundEntries: 100 } },
    })
    const pages = Array.from({ length: 50 }, (_, index) => `/p/page${index}`)
    for (const path of pages) await ask(path)
    const { entries } = site.stats()!
    for (let index = 0; index < 2_000; index += 1) expect((await ask(`/p/none${index}`)).status).toBe(404)

    expect(site.stats()!.entries).toBeLessThanOrEqual(entries + 100 + 1)
    expect(site.stats()!.evictions).toBe(0)
    for (const path of pages) expect((await ask(path)).headers['cache-status']).toBe('pagepress; hit')
    for (const path of pages) expect(runs.get(path.slice(3))).toBe(1)
    expect(await store.get('/p/none1')).toBeUndefined()
  }, 60_000)

  it('more pages than may be produced wait in a queue, then get 503 at once, while hits go on [S133]', async () => {
    const { ask } = await open({ renderMs: 300, options: { limits: { renders: 4, queue: 6 } } })
    await ask('/p/kept')
    const crowd = Array.from({ length: 30 }, (_, index) => {
      const begun = performance.now()
      return ask(`/p/${index}`).then((answer) => ({ ...answer, ms: performance.now() - begun }))
    })
    await pause(20)
    const begun = performance.now()
    expect((await ask('/p/kept')).headers['cache-status']).toBe('pagepress; hit')
    expect(performance.now() - begun).toBeLessThan(200)
    const answers = await Promise.all(crowd)
    const refused = answers.filter(({ status }) => status === 503)
    expect(refused).toHaveLength(20)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
    for (const { headers } of refused) {
      expect(headers['cache-control']).toContain('no-store')
      expect(headers['retry-after']).toMatch(/^\d+$/)
    }
  })
})

it('the bytes that memory counts are those that a recount finds, never above the bound, at every step of 100,000; no page takes a tenth [S134]', async () => {
  const maxBytes = 1_000_000
  const memory = createPageMemory({ maxBytes, notFoundEntries: 10 })
  const keys = Array.from({ length: 400 }, (_, index) => `/${index}`)
  const letters = ['x', 'é', '☃', '😀']
  const seen = { refused: 0, compressed: 0, evicted: 0 }
  for (let step = 0; step < 100_000; step += 1) {
    const key = keys[Math.floor(Math.random() * keys.length)]!
    const action = Math.random()
    if (action < 0.6) {
      const length = step % 500 === 0 ? 60_000 : Math.random() * 1_500
      const page = toCached(createPageEntry(letters[step % 4]!.repeat(length), step), '')
      memory.set(key, page)
      if (cachedSize(page) > maxBytes / 10) {
        expect(memory.peek(key)).toBeUndefined()
        seen.refused += 1
      }
    } else if (action < 0.8) memory.get(key)
    else if (action < 0.98) memory.delete(key)
    else {
      const page = memory.peek(key)
      if (page?.type === 'page') {
        await encodeBody(page.document, 'gzip', () => memory.resize(key, page))
        seen.compressed += 1
      }
    }
    if (memory.bytes > maxBytes) throw new Error(`${memory.bytes} bytes after step ${step}.`)
    if (step % 100 !== 0) continue
    let recount = 0
    for (const each of keys) {
      const page = memory.peek(each)
      if (page !== undefined) recount += cachedSize(page)
    }
    expect(memory.bytes).toBe(recount)
  }
  seen.evicted = memory.evictions
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(10)
}, 60_000)

describe('without', () => {
  it.each([
    ['memory', { maxBytes: 0 }, true],
    ['a store', { maxBytes: MIB }, false],
    ['either', { maxBytes: 0 }, false],
  ])('%s pages are served, and a crowd is one render [S135]', async (_what, cache, hasStore) => {
    const { ask, runs, settled } = await open({
      renderMs: 400,
      options: { cache },
      ...(hasStore && { store: createMemoryStore() }),
    })
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask('/p/a')))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(runs.get('a')).toBe(1)
    await settled()
    expect((await ask('/_data/p/a.json')).body).toBe('{"pageProps":{"id":"a"}}')
    expect((await ask('/p/none')).status).toBe(404)
  })
})
