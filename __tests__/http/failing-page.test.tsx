import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { createTestApp } from 'pagepress/testing'
import { createClock } from '../support/clock.js'
import { failOnConsole } from '../support/console.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

async function open() {
  const clock = createClock()
  const state = { isAway: true, runs: 0, others: 0, goesOn: Promise.resolve() }
  const test = createTestApp({
    now: clock.now,
    pages: {
      '/p/[id]': {
        default: ({ run }: { run: number }) => <p>run {run}</p>,
        getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
        getStaticProps: async ({ params }: { params: { id: string } }) => {
          if (params.id === 'other') state.others += 1
          else state.runs += 1
          const run = state.runs
          await state.goesOn
          if (state.isAway) throw new Error(`away ${run}`)
          return { props: { run }, tags: ['t'] }
        },
      },
    },
  })
  return { ...test, ...(await serve(test.app)), clock, state }
}

describe('a page that cannot be produced for the first time', () => {
  it('is the same error for all who wait, is not kept, and is tried anew by the next [S115]', async () => {
    const { ask, server, state, errors, site } = await open()
    let goOn = () => {}
    state.goesOn = new Promise((resolve) => (goOn = resolve))
    const waiting = ['/p/a', '/p/a', '/_data/p/a.json', '/p/a'].map((path) => ask(path))
    // Until all four are here.
    for (let arrived = 0; arrived < 4; arrived += 1) await once(server, 'request')
    await pause(20)
    goOn()
    const answers = await Promise.all(waiting)
    for (const { status, headers } of answers) {
      expect(status).toBe(500)
      expect(headers['cache-control']).toContain('no-store')
      expect(headers).not.toHaveProperty('etag')
    }
    expect(state.runs).toBe(1)
    expect(errors.map(String)).toEqual(Array.from({ length: 4 }, () => 'Error: away 1'))
    expect(await site.explain('/p/a')).toMatchObject({ state: 'absent' })
    state.isAway = false
    expect((await ask('/p/a')).status).toBe(200)
    expect(state.runs).toBe(2)
  })

  it('is tried once a second while it goes on failing, however many ask, and shown when it works [S115]', async () => {
    const { ask, state, clock } = await open()
    for (let visit = 0; visit < 500; visit += 1) {
      expect((await ask('/p/a')).status).toBe(500)
      clock.advance(10)
    }
    // Five seconds: one each, and the second try at once.
    expect(state.runs).toBeGreaterThanOrEqual(5)
    expect(state.runs).toBeLessThanOrEqual(7)
    // Others do not wait for it.
    await ask('/p/other')
    await ask('/p/other')
    expect(state.others).toBe(2)

    state.isAway = false
    clock.advance(1_000)
    expect((await ask('/p/a')).status).toBe(200)
  })

  it('is tried at once when somebody says that it has changed', async () => {
    const { ask, state, site } = await open()
    const fail = async () => {
      state.isAway = true
      for (let visit = 0; visit < 3; visit += 1) expect((await ask('/p/a')).status).toBe(500)
      state.isAway = false
      expect((await ask('/p/a')).status).toBe(500)
    }
    for (const target of ['/p/a', { tag: 't' }, { route: '/p/[id]' }]) {
      await fail()
      await site.revalidate(target)
      expect((await ask('/p/a')).status).toBe(200)
      await site.revalidate({ tag: 't' })
    }
  })
})
