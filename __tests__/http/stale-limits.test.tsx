import { createTestApp } from 'pagepress/testing'
import { createClock } from '../support/clock.js'
import { serve, stopServers } from '../support/serve.js'

afterEach(stopServers)

const SECOND = 1_000
const YEAR = 31_536_000

/** A page with this life, and what a visitor gets who asks a number of seconds after it was rendered. */
async function open(life: { revalidate: number; expire?: number }) {
  const clock = createClock()
  let isAway = false
  let calls = 0
  const { app, settled } = createTestApp({
    now: clock.now,
    pages: {
      '/p': {
        default: ({ call }: { call: number }) => <p>{call}</p>,
        getStaticProps() {
          calls += 1
          if (isAway) throw new Error('away')
          return { props: { call: calls }, ...life }
        },
      },
    },
  })
  const { ask } = await serve(app)
  const visit = async () => {
    const { status, headers, body } = await ask('/p')
    await settled()
    return [status, /<p>(\d+)<\/p>/.exec(body)?.[1], headers['cache-status']]
  }
  await visit()
  let age = 0
  return {
    goAway: () => void (isAway = true),
    header: async () => (await ask('/p')).headers['cache-control'],
    at(seconds: number) {
      clock.advance(seconds * SECOND - age)
      age = seconds * SECOND
      return visit()
    },
  }
}

const hit = 'pagepress; hit'
const stale = (ttl: number) => `pagepress; hit; ttl=${ttl}`
const miss = 'pagepress; fwd=uri-miss; stored'

describe('a page that may be stale for a while', () => {
  // https://www.rfc-editor.org/rfc/rfc5861#section-3.1: max-age=600, stale-while-revalidate=30
  const life = { revalidate: 600, expire: 630 }

  it('is fresh for 600 seconds, and says how long it may be stale [S126]', async () => {
    const { at, header } = await open(life)
    expect(await header()).toBe('s-maxage=600, stale-while-revalidate=30')
    expect(await at(599.999)).toEqual([200, '1', hit])
    expect(await header()).toBe('s-maxage=1, stale-while-revalidate=30')
  })

  it.each([600, 615, 629.999])('is served after %d seconds while it is refreshed [S126]', async (seconds) => {
    const { at } = await open(life)
    expect(await at(seconds)).toEqual([200, '1', stale(Math.min(-1, Math.floor(600 - seconds)))])
    expect(await at(seconds)).toEqual([200, '2', hit])
  })

  it.each([630, 700])('is produced in front of the visitor after %d seconds [S126]', async (seconds) => {
    const { at } = await open(life)
    expect(await at(seconds)).toEqual([200, '2', miss])
  })
})

describe('a page that may be stale while its source is away', () => {
  // https://www.rfc-editor.org/rfc/rfc5861#section-4.1: max-age=600, stale-if-error=1200
  const life = { revalidate: 600, expire: 1_800 }

  it('is served for 1,200 seconds more, and not a second longer [S126]', async () => {
    const { at, goAway } = await open(life)
    goAway()
    expect(await at(600)).toEqual([200, '1', stale(-1)])
    expect(await at(900)).toEqual([200, '1', stale(-300)])
    expect(await at(1_799.999)).toEqual([200, '1', stale(-1_200)])
    expect((await at(1_800))[0]).toBe(500)
    expect((await at(1_801))[0]).toBe(500)
  })
})

describe('a page that does not say how long it may be stale', () => {
  it('is served for a year, and produced in front of the visitor after that [S126]', async () => {
    const { at, header } = await open({ revalidate: 10 })
    expect(await header()).toBe(`s-maxage=10, stale-while-revalidate=${YEAR - 10}`)
    expect(await at(YEAR - 1)).toEqual([200, '1', stale(11 - YEAR)])
    const other = await open({ revalidate: 10 })
    expect(await other.at(YEAR)).toEqual([200, '2', miss])
    const away = await open({ revalidate: 10 })
    away.goAway()
    expect((await away.at(YEAR - 1))[0]).toBe(200)
    expect((await away.at(YEAR))[0]).toBe(500)
  })
})
