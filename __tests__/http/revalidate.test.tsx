import request from 'supertest'
import { createTestApp, type TestAppOptions } from 'pagepress/testing'
import { useRouter } from 'pagepress/react'
import { createClock } from '../support/clock.js'
import { failOnConsole } from '../support/console.js'
import { readPayload, readRoot } from '../support/page-data.js'

failOnConsole()

const YEAR = 31_536_000

function Show(props: Record<string, unknown>) {
  return <p>{JSON.stringify(props)}</p>
}

/** An app with one page at `/`, on a clock of its own. `run` is what `getStaticProps` does at its n-th call. */
function createApp(
  run: (call: number, context: Record<string, unknown>) => unknown,
  more: Partial<TestAppOptions> = {},
) {
  const clock = createClock()
  let calls = 0
  const getStaticProps = (context: Record<string, unknown>) => run(++calls, context)
  const test = createTestApp({
    pages: { '/': { default: Show, getStaticProps } },
    now: clock.now,
    ...more,
  })
  return {
    ...test,
    clock,
    calls: () => calls,
    async get(path = '/') {
      const { status, headers, text } = await request(test.app).get(path).redirects(0)
      return { status, headers, text }
    },
  }
}

const countCalls = (revalidate: unknown) => (call: number) => ({ props: { call }, revalidate })

describe('a page with revalidate', () => {
  it('tells caches outside how long it stays fresh, and that it may be served stale after that [7.01]', async () => {
    const { get } = createApp(countCalls(2))

    const { headers } = await get()

    expect(headers['cache-control']).toBe(`s-maxage=2, stale-while-revalidate=${YEAR - 2}`)
    expect(headers).not.toHaveProperty('age')
  })

  it('says what is left of its freshness in whole seconds, rounded down', async () => {
    const { get, clock } = createApp(countCalls(10))
    await get()
    const sMaxAge = async () => /s-maxage=(\d+)/.exec((await get()).headers['cache-control']!)?.[1]

    expect(await sMaxAge()).toBe('10')
    clock.advance(1)
    expect(await sMaxAge()).toBe('9')
    clock.advance(4_999)
    expect(await sMaxAge()).toBe('5')
    clock.advance(4_999)
    expect(await sMaxAge()).toBe('1')
  })

  it('is fresh until the last millisecond, then served stale at once while it is refreshed once [7.03][7.06]', async () => {
    const { get, clock, settled, calls } = createApp(countCalls(2))
    const first = await get()
    expect(first.headers['cache-status']).toBe('pagepress; fwd=uri-miss; stored')

    clock.advance(1_999)
    const fresh = await get()
    expect(fresh.headers['cache-status']).toBe('pagepress; hit')
    await settled()
    expect(calls()).toBe(1)

    clock.advance(1)
    const stale = await get()
    expect(stale.headers['cache-status']).toBe('pagepress; hit; ttl=-1')
    expect(stale.headers['cache-control']).toMatch(/^s-maxage=1, /)
    expect(stale.text).toBe(first.text)
    await settled()
    expect(calls()).toBe(2)

    const renewed = await get()
    expect(renewed.headers['cache-status']).toBe('pagepress; hit')
    expect(readPayload(renewed.text).props.pageProps).toEqual({ call: 2 })
  })

  it('says how long it has been stale', async () => {
    const { get, clock } = createApp(countCalls(2))
    await get()
    clock.advance(2_000 + 2_500)

    expect((await get()).headers['cache-status']).toBe('pagepress; hit; ttl=-3')
  })

  it('answers at once however long its refresh takes [7.07]', async () => {
    let finish: (result: object) => void = () => {}
    const { get, clock, settled } = createApp((call) =>
      call === 1 ? { props: { call }, revalidate: 1 } : new Promise((resolve) => (finish = resolve)),
    )
    await get()
    clock.advance(1_000)

    expect((await get()).headers['cache-status']).toMatch(/ttl=-/)
    expect((await get()).headers['cache-status']).toMatch(/ttl=-/)
    finish({ props: { call: 2 }, revalidate: 1 })
    await settled()

    expect(readPayload((await get()).text).props.pageProps).toEqual({ call: 2 })
  })

  it('is not refreshed by time alone [7.10]', async () => {
    const { get, clock, settled, calls } = createApp(countCalls(1))
    await get()
    clock.advance(3_600_000)
    await settled()

    expect(calls()).toBe(1)
  })

  it('is not served any more once it has expired', async () => {
    const { get, clock } = createApp(countCalls(10))
    await get()

    clock.advance((YEAR - 1) * 1000 + 999)
    expect((await get()).headers['cache-status']).toMatch(/^pagepress; hit; ttl=/)
  })

  it('is produced anew for the visitor once it has expired', async () => {
    const { get, clock } = createApp(countCalls(10))
    await get()

    clock.advance(YEAR * 1000)
    const { headers, text } = await get()
    expect(headers['cache-status']).toBe('pagepress; fwd=uri-miss; stored')
    expect(readPayload(text).props.pageProps).toEqual({ call: 2 })
  })

  it('takes true for one second, and false for never [3.12]', async () => {
    for (const [revalidate, header] of [
      [true, `s-maxage=1, stale-while-revalidate=${YEAR - 1}`],
      [false, `s-maxage=${YEAR}`],
      [undefined, `s-maxage=${YEAR}`],
    ] as const) {
      const { get } = createApp((call) => ({
        props: { call },
        ...(revalidate !== undefined && { revalidate }),
      }))
      expect((await get()).headers['cache-control']).toBe(header)
    }
    for (const revalidate of ['1', null, {}]) {
      const { get, errors } = createApp(countCalls(revalidate))
      expect((await get()).status).toBe(500)
      const shown = revalidate === '1' ? '"1"' : revalidate === null ? 'null' : 'an object'
      expect(String(errors[0])).toContain(`revalidate: ${shown}`)
    }
  })

  it('changes its period with each run [7.15]', async () => {
    const periods = [1, 10, false]
    const { get, clock, settled } = createApp((call) => ({ props: { call }, revalidate: periods[call - 1] }))
    const refresh = async (milliseconds: number) => {
      clock.advance(milliseconds)
      await get()
      await settled()
      return (await get()).headers['cache-control']
    }

    expect((await get()).headers['cache-control']).toMatch(/^s-maxage=1,/)
    expect(await refresh(1_000)).toMatch(/^s-maxage=10,/)
    expect(await refresh(9_999)).toMatch(/^s-maxage=1,/)
    expect(await refresh(1)).toBe(`s-maxage=${YEAR}`)
    expect(await refresh(YEAR * 500)).toBe(`s-maxage=${YEAR}`)
  })

  it('renders under its own URL, whichever request refreshes it [7.21]', async () => {
    const clock = createClock()
    const Where = () => <p>{useRouter().asPath}</p>
    const { app, settled, site } = createTestApp({
      pages: { '/': { default: Where, getStaticProps: () => ({ props: {}, revalidate: 1 }) } },
      now: clock.now,
    })
    const asPath = async () => readRoot((await request(app).get('/')).text)

    await request(app).get('/_data/index.json?x=1')
    expect(await asPath()).toBe('<p>/</p>')
    clock.advance(1_000)
    await request(app).get('/_data/index.json?x=2')
    await settled()
    expect(await asPath()).toBe('<p>/</p>')
    await site.revalidate('/')
    expect(await asPath()).toBe('<p>/</p>')
  })
})

describe('a refresh that fails', () => {
  it('leaves the page as it is and is not tried again for three seconds [7.11]', async () => {
    let isBroken = true
    const { get, clock, settled, calls, errors } = createApp((call) => {
      if (call > 1 && isBroken) throw new Error('the source is down')
      return { props: { call }, revalidate: 1 }
    })
    const first = await get()
    clock.advance(1_000)

    for (let visit = 0; visit < 5; visit += 1) {
      const kept = await get()
      expect(kept.status).toBe(200)
      expect(kept.text).toBe(first.text)
      await settled()
    }
    expect(calls()).toBe(2)
    expect(errors).toHaveLength(1)

    clock.advance(2_999)
    await get()
    await settled()
    expect(calls()).toBe(2)

    clock.advance(1)
    isBroken = false
    await get()
    await settled()
    expect(readPayload((await get()).text).props.pageProps).toEqual({ call: 3 })
  })

  it('is tried again ever less often, at least every thirty seconds', async () => {
    const attempts: number[] = []
    const clock = createClock(0)
    const { app, settled } = createTestApp({
      pages: {
        '/': {
          default: Show,
          getStaticProps() {
            attempts.push(clock.now())
            if (attempts.length > 1) throw new Error('the source is down')
            return { props: {}, revalidate: 1 }
          },
        },
      },
      now: clock.now,
    })
    for (let second = 0; second < 130; second += 1) {
      await request(app).get('/').expect(200)
      await settled()
      clock.advance(1_000)
    }

    const waits = attempts.slice(2).map((time, index) => time - attempts[index + 1]!)
    expect(waits).toEqual([3_000, 6_000, 12_000, 24_000, 30_000, 30_000])
  })

  it('tells onError of the phase and the page', async () => {
    const infos: unknown[] = []
    const { get, clock, settled } = createApp(
      (call) => {
        if (call > 1) throw new Error('the source is down')
        return { props: {}, revalidate: 1 }
      },
      { options: { onError: (error, info) => infos.push([String(error), info]) } },
    )
    await get()
    clock.advance(1_000)
    await get()
    await settled()

    expect(infos).toEqual([['Error: the source is down', { phase: 'refresh', pathname: '/' }]])
  })
})

describe('a refresh that leads elsewhere', () => {
  it('makes the page a 404 for as long as it says, and a page again later [3.14][7.12][7.14]', async () => {
    const results: unknown[] = [
      { props: {}, revalidate: 1 },
      { notFound: true, revalidate: 5 },
      { props: {}, revalidate: 1 },
    ]
    const { get, clock, settled, calls } = createApp((call) => results[call - 1])
    await get()
    clock.advance(1_000)
    expect((await get()).status).toBe(200)
    await settled()

    const gone = await get()
    expect(gone.status).toBe(404)
    clock.advance(4_999)
    expect((await get()).status).toBe(404)
    expect(calls()).toBe(2)
    clock.advance(1)
    expect((await get()).status).toBe(404)
    await settled()
    expect((await get()).status).toBe(200)
  })

  it('keeps a 404 without a period for a minute', async () => {
    const { get, clock, settled, calls } = createApp((call) =>
      call === 1 ? { notFound: true } : { props: {} },
    )
    expect((await get()).status).toBe(404)
    clock.advance(59_999)
    expect((await get()).headers['cache-status']).toBe('pagepress; hit')
    expect(calls()).toBe(1)
    clock.advance(1)
    expect((await get()).status).toBe(404)
    await settled()
    expect((await get()).status).toBe(200)
  })

  it('makes the page a redirect, in HTML and in data [7.13]', async () => {
    const { get, clock, settled } = createApp((call) =>
      call === 1
        ? { props: {}, revalidate: 1 }
        : { redirect: { destination: '/new', permanent: true }, revalidate: 1 },
    )
    await get()
    clock.advance(1_000)
    await get()
    await settled()

    const document = await get()
    expect(document.status).toBe(308)
    expect(document.headers).toMatchObject({
      location: '/new',
      'cache-control': `s-maxage=1, stale-while-revalidate=${YEAR - 1}`,
    })
    const data = await get('/_data/index.json')
    expect(data.status).toBe(200)
    expect(JSON.parse(data.text)).toEqual({ redirect: { destination: '/new', status: 308 } })
  })
})
