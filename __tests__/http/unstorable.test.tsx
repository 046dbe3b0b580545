import { setTimeout as pause } from 'node:timers/promises'
import { createTestApp, type TestAppOptions } from 'pagepress/testing'
import { createMemoryStore } from '../../lib/cache/memory-store.js'
import { failOnConsole } from '../support/console.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

/** Longer than it takes to ask a hundred times, so that all ask while the first waits. */
const RENDER = 400

async function open(more: Partial<TestAppOptions> = {}) {
  const runs = { all: 0, now: 0, most: 0 }
  const run = async <T,>(result: T): Promise<T> => {
    runs.all += 1
    runs.most = Math.max(runs.most, ++runs.now)
    await pause(RENDER)
    runs.now -= 1
    return result
  }
  const test = createTestApp({
    pages: {
      '/large': {
        default: ({ text }: { text: string }) => <p>{text}</p>,
        getStaticProps: () => run({ props: { text: 'x'.repeat(20_000) }, revalidate: 60 }),
      },
      '/handler/[id]': {
        revalidate: 60,
        GET: async (request: Request) => run(new Response(new URL(request.url).search)),
      },
    },
    ...more,
    options: { limits: { entryBytes: 10_000 }, ...more.options },
  })
  const { ask } = await serve(test.app)
  const askAll = async (pathOf: (index: number) => string) => {
    const begun = performance.now()
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => ask(pathOf(index))))
    return { answers, ms: performance.now() - begun }
  }
  return { ...test, askAll, runs }
}

describe('a hundred visitors who wait for a page that turns out too large to be kept', () => {
  it('share it, and so do the next hundred: nobody waits for another render to end [S120]', async () => {
    const { askAll, runs } = await open()
    for (const round of [1, 2]) {
      const { answers, ms } = await askAll(() => '/large')
      for (const { status, body, headers } of answers) {
        expect([status, body.length > 20_000]).toEqual([200, true])
        expect(headers['cache-status']).toMatch(/^pagepress; fwd=uri-miss(; collapsed)?$/)
      }
      expect(runs.all).toBe(round)
      expect(ms).toBeLessThan(10 * RENDER)
    }
  })

  it('are not served one after another where machines share a store and its leases [S120]', async () => {
    const store = createMemoryStore()
    const machines = [await open({ store }), await open({ store })]
    const rounds = await Promise.all(machines.map(({ askAll }) => askAll(() => '/large')))
    for (const { answers, ms } of rounds) {
      expect(answers.every(({ status }) => status === 200)).toBe(true)
      expect(ms).toBeLessThan(10 * RENDER)
    }
    for (const { runs } of machines) expect(runs.all).toBe(1)
  })
})

describe('a hundred visitors of a route handler that was to be kept and reads its request', () => {
  it('get an answer each, all at the same time [S120]', async () => {
    const { askAll, runs } = await open()
    for (const round of [1, 2]) {
      runs.most = 0
      const { answers, ms } = await askAll((index) => `/handler/a?visitor=${round}-${index}`)
      expect(answers.map(({ body }) => body)).toEqual(
        Array.from({ length: 100 }, (_, index) => `?visitor=${round}-${index}`),
      )
      expect(runs.most).toBeGreaterThan(50)
      expect(ms).toBeLessThan(10 * RENDER)
    }
  })
})
