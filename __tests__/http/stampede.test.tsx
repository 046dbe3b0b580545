/** @timed */
import { setTimeout as pause } from 'node:timers/promises'
import { createTestApp, type TestAppOptions } from 'pagepress/testing'
import { createClock, type FakeClock } from '../support/clock.js'
import { serve, stopServers } from '../support/serve.js'

afterEach(stopServers)

type Result = object | (() => unknown)

/** A site with one page, `/p/[id]`, whose data function does what the test says. */
async function open(run: (call: number, id: string) => unknown, given: Partial<TestAppOptions> = {}) {
  const clock: FakeClock = createClock()
  let calls = 0
  const test = createTestApp({
    now: clock.now,
    ...given,
    pages: {
      '/p/[id]': {
        default: (props: object) => <p>{JSON.stringify(props)}</p>,
        getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
        getStaticProps: ({ params }: { params: { id: string } }) => run(++calls, params.id),
      },
    },
  })
  const { ask } = await serve(test.app)
  const time = async (path: string) => {
    const begun = performance.now()
    const answer = await ask(path)
    return { ...answer, ms: performance.now() - begun }
  }
  return { ...test, clock, ask, time, calls: () => calls }
}

const page = (n: number, more: object = {}): Result => ({ props: { n }, revalidate: 10, ...more })

describe('a crowd', () => {
  it('of 1,000 at a cold page is one render, and the same bytes for all [S105]', async () => {
    const { time, calls } = await open(async (call) => {
      await pause(300)
      return page(call)
    })
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => time('/p/a')))
    expect(calls()).toBe(1)
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1)
    expect(answers[0]!.status).toBe(200)
  })

  it('of 500 for HTML and 500 for JSON is one render, and each form right [S106]', async () => {
    const { ask, calls } = await open(async (call) => {
      await pause(300)
      return page(call)
    })
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => ask(index % 2 === 0 ? '/p/a' : '/_data/p/a.json')),
    )
    expect(calls()).toBe(1)
    answers.forEach(({ headers, body }, index) => {
      expect(headers['content-type']).toBe(
        index % 2 === 0 ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
      )
      expect(index % 2 === 0 ? body.startsWith('<!DOCTYPE html>') : body === '{"pageProps":{"n":1}}').toBe(
        true,
      )
    })
  })

  it('of 1,000 at a stale page is one render that nobody waits for [S107]', async () => {
    let finish = () => {}
    const { ask, calls, clock, settled } = await open(async (call) => {
      if (call > 1) await new Promise<void>((resolve) => (finish = resolve))
      return page(call)
    })
    await ask('/p/a')
    clock.advance(10_000)
    // All are answered while the refresh hangs.
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => ask('/p/a')))
    expect(calls()).toBe(2)
    for (const { body, headers } of answers) {
      expect(body).toContain('n&quot;:1')
      expect(headers['cache-status']).toBe('pagepress; hit; ttl=-1')
    }
    finish()
    await settled()
    expect((await ask('/p/a')).body).toContain('n&quot;:2')
  })
})

describe('a data source that', () => {
  it('is away for a minute is asked every 3 to 30 seconds, ever less often, and used when it is back [S114]', async () => {
    let isAway = false
    const times: number[] = []
    const { ask, clock, settled } = await open((call) => {
      times.push(clock.now())
      if (isAway) throw new Error('away')
      return page(call)
    })
    await ask('/p/a')
    isAway = true
    clock.advance(10_000)
    const outage = clock.now()
    for (let visit = 0; visit < 1_000; visit += 1) {
      expect((await ask('/p/a')).status).toBe(200)
      await settled()
      clock.advance(60)
    }
    const asked = times.filter((time) => time >= outage)
    expect(asked.length).toBeLessThanOrEqual(60 / 3 + 1)
    const waits = asked.slice(1).map((time, index) => time - asked[index]!)
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(3_000 * 2 ** Math.min(index, 3))
      expect(wait).toBeLessThanOrEqual(30_060)
    }
    isAway = false
    clock.advance(30_000)
    await ask('/p/a')
    await settled()
    expect((await ask('/p/a')).headers['cache-status']).toBe('pagepress; hit')
  })
})

describe('a sequence of results', () => {
  const kinds = ['success', 'not found', 'error', 'redirect'] as const
  type Kind = (typeof kinds)[number]

  const sequences: Kind[][] = kinds.flatMap((a) => kinds.flatMap((b) => kinds.map((c) => [a, b, c])))

  it(`of each of ${sequences.length} ends as its last success, 404 or redirect says: an error replaces nothing [S119]`, async () => {
    for (const sequence of sequences) {
      const { ask, clock, settled } = await open((call) => {
        const kind = sequence[Math.min(call, sequence.length) - 1]!
        if (kind === 'error') throw new Error('away')
        if (kind === 'not found') return { notFound: true, revalidate: 10 }
        if (kind === 'redirect') return { redirect: { destination: '/x', permanent: false }, revalidate: 10 }
        return page(call)
      })
      const statusOf: Record<Kind, number> = { success: 200, 'not found': 404, redirect: 307, error: 500 }
      let expected = 500
      for (const kind of sequence) {
        await ask('/p/a')
        await settled()
        if (kind !== 'error') expected = statusOf[kind]
        clock.advance(40_000)
      }
      // The next visitor sees what the sequence has left, before the refresh behind them.
      const last = sequence.at(-1)
      const hasPage = sequence.some((kind) => kind !== 'error')
      expect([sequence, (await ask('/p/a')).status]).toEqual([sequence, hasPage ? expected : statusOf[last!]])
      await settled()
      await stopServers()
    }
  })
})

describe('entry and source: the sixteen cells [S127]', () => {
  const ages = { fresh: 0, stale: 10_000, 'nearly gone': 99_999, gone: 100_000 }
  const sources = ['healthy', 'failing', 'hanging', 'lately failed'] as const

  for (const [age, milliseconds] of Object.entries(ages))
    for (const source of sources)
      it(`${age}, ${source}`, async () => {
        let state: 'works' | 'fails' | 'hangs' = 'works'
        const { ask, clock, settled } = await open(
          (call) => {
            if (state === 'fails') throw new Error('away')
            if (state === 'hangs') return new Promise(() => {})
            return page(call, { expire: 100 })
          },
          { options: { limits: { timeoutMs: 150 } } },
        )
        await ask('/p/a')
        clock.advance(milliseconds)
        if (source === 'failing') state = 'fails'
        if (source === 'hanging') state = 'hangs'
        if (source === 'lately failed') {
          state = 'fails'
          if (milliseconds >= 10_000 && milliseconds < 100_000) await ask('/p/a').then(settled)
        }
        const begun = performance.now()
        const { status, headers, body } = await ask('/p/a')
        const waited = performance.now() - begun
        if (age !== 'gone') {
          const ttl = Math.floor((10_000 - milliseconds) / 1000)
          expect([status, headers['cache-status']]).toEqual([
            200,
            age === 'fresh' ? 'pagepress; hit' : `pagepress; hit; ttl=${Math.min(-1, ttl)}`,
          ])
          expect(body).toContain('n&quot;:1')
          expect(waited).toBeLessThan(140)
        } else if (source === 'healthy') {
          expect([status, headers['cache-status']]).toEqual([200, 'pagepress; fwd=uri-miss; stored'])
          expect(body).toContain('n&quot;:2')
        } else {
          expect(status).toBe(source === 'hanging' ? 504 : 500)
          expect(headers['cache-control']).toContain('no-store')
        }
        await settled()
      })
})

describe('the wall clock', () => {
  it.each([
    ['an hour back', -3_600_000],
    ['an hour ahead', 3_600_000],
    ['ten years ahead', 10 * 31_536_000_000],
    ['nowhere', 0],
  ])('that jumps %s causes at most one refresh, and headers that can be true [S124]', async (_what, jump) => {
    const { ask, clock, settled, calls } = await open((call) => page(call))
    await ask('/p/a')
    clock.advance(jump)
    const before = calls()
    for (let visit = 0; visit < 10; visit += 1) {
      const { headers, status } = await ask('/p/a')
      await settled()
      expect(status).toBe(200)
      const left = Number(/s-maxage=(\d+)/.exec(headers['cache-control']!)![1])
      expect(left).toBeGreaterThanOrEqual(0)
      expect(left).toBeLessThanOrEqual(10)
    }
    expect(calls() - before).toBeLessThanOrEqual(1)
  })
})

it('no page has a timer of its own [S123]', async () => {
  const { ask, site, settled } = await open((call) => page(call))
  await ask('/p/warm')
  await settled()
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timers()
  for (let index = 0; index < 300; index += 1) await ask(`/p/${index}`)
  await settled()
  expect(timers()).toBeLessThanOrEqual(before + 2)
  await site.close()
})
