import { createTestApp } from 'pagepress/testing'
import { serve, stopServers } from '../support/serve.js'

afterEach(stopServers)

const SECOND = 1_000
const HOUR = 3_600 * SECOND
const YEAR = 365 * 24 * HOUR
const REVALIDATE = 10

/** Pages that say when they were rendered, by a clock that nobody puts back; and the clock on the wall. */
async function open() {
  let wall = Date.UTC(2026, 0, 1)
  let elapsed = 0
  let isStuck = false
  let isAway = false
  const renders = new Map<string, number[]>()
  const { app, settled } = createTestApp({
    now: () => wall,
    elapsed: () => elapsed,
    pages: {
      '/p/[id]': {
        default: ({ at }: { at: number }) => <p>{at}</p>,
        getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
        getStaticProps({ params }: { params: { id: string } }) {
          renders.set(params.id, [...(renders.get(params.id) ?? []), elapsed])
          if (isAway) throw new Error('away')
          return { props: { at: elapsed }, revalidate: REVALIDATE }
        },
      },
    },
  })
  const { ask } = await serve(app)
  return {
    renders: (id: string) => renders.get(id) ?? [],
    pass(milliseconds: number) {
      elapsed += milliseconds
      if (!isStuck) wall += milliseconds
    },
    jump(milliseconds: number) {
      wall += milliseconds
    },
    stop: () => void (isStuck = true),
    break: () => void (isAway = true),
    async visit(id: string) {
      const { status, headers, body } = await ask(`/p/${id}`)
      await settled()
      expect(status).toBe(200)
      const age = elapsed - Number(/<p>(\d+)<\/p>/.exec(body)![1])
      const [, left, stale] = /^s-maxage=(\d+), stale-while-revalidate=(\d+)$/.exec(
        headers['cache-control']!,
      )!
      return {
        isFresh: headers['cache-status'] === 'pagepress; hit',
        age,
        left: Number(left),
        stale: Number(stale),
      }
    },
  }
}

describe.each([
  ['is put back by an hour', -HOUR],
  ['is put back by a few seconds', -5 * SECOND],
  ['is put ahead by an hour', HOUR],
  ['is put ahead by ten years', 10 * YEAR],
  ['stands still', 'stuck' as const],
])('a wall clock that %s', (_what, change) => {
  it('causes at most one refresh of each page, no page is fresh for longer than it says, and headers say what may be [S124]', async () => {
    const { visit, pass, jump, stop, renders } = await open()
    const ids = Array.from({ length: 10 }, (_, index) => `${index}`)
    for (const id of ids) await visit(id)
    pass(3 * SECOND)
    if (change === 'stuck') stop()
    else jump(change)

    for (let turn = 0; turn < 5; turn += 1) for (const id of ids) await visit(id)
    for (const id of ids) expect(renders(id).length).toBeLessThanOrEqual(2)

    // A minute of visits, by the clock that goes on.
    for (let second = 0; second < 60; second += 1) {
      pass(SECOND)
      const { isFresh, age, left, stale } = await visit('0')
      if (isFresh) expect(age).toBeLessThan(REVALIDATE * SECOND)
      expect(left).toBeGreaterThanOrEqual(1)
      expect(left).toBeLessThanOrEqual(REVALIDATE)
      expect(stale).toBeLessThanOrEqual(YEAR / SECOND)
    }
    const times = renders('0')
    expect(times.length).toBeGreaterThanOrEqual(6)
    expect(times.length).toBeLessThanOrEqual(2 + 6)
    const [, ...waits] = times.map((time, index) => time - (times[index - 1] ?? 0))
    // But for the one that the jump has caused.
    expect(waits.filter((wait) => wait < REVALIDATE * SECOND).length).toBeLessThanOrEqual(1)
  })

  it('neither ends nor hastens the waits after failures [S124]', async () => {
    const { visit, pass, jump, stop, renders, ...data } = await open()
    await visit('a')
    data.break()
    pass(REVALIDATE * SECOND)
    await visit('a')
    if (change === 'stuck') stop()
    else if (change < 10 * YEAR) jump(change)
    const begun = renders('a').length
    for (let second = 0; second < 60; second += 1) {
      pass(SECOND)
      await visit('a')
    }
    // 3, 6, 12 and 24 seconds, each reached before the first minute is over.
    expect(renders('a').length - begun).toBe(4)
  })
})
