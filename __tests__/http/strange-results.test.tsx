import { createTestApp } from 'pagepress/testing'
import { createMemoryStore } from '../../lib/cache/memory-store.js'
import { createClock } from '../support/clock.js'
import { failOnConsole, takeConsole } from '../support/console.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

// oxlint-disable-next-line unicorn/no-thenable -- what is tested
const thenable = (value: unknown) => ({ then: (resolve: (value: unknown) => void) => resolve(value) })
const redirect = { destination: '/x', permanent: false }

/** A page whose data function gives this, in production; all that the site keeps and hears of. */
async function open(result: unknown, fn: 'getStaticProps' | 'getServerSideProps' = 'getStaticProps') {
  const clock = createClock()
  const kept: string[] = []
  const memory = createMemoryStore({ now: clock.now })
  let calls = 0
  const answer = { current: result }
  const test = createTestApp({
    now: clock.now,
    store: { ...memory, set: (key, entry) => (kept.push(key), memory.set(key, entry)) },
    pages: {
      '/p': {
        default: (props: object) => <p>{JSON.stringify(props)}</p>,
        [fn]: () => ((calls += 1), answer.current),
      },
    },
  })
  return { ...test, ...(await serve(test.app)), clock, kept, answer, calls: () => calls }
}

const strange: [what: string, result: unknown, problem: RegExp][] = [
  ['null', null, /did not return an object, but null/],
  ['nothing', undefined, /did not return an object, but undefined/],
  ['a list', [], /did not return an object, but an array/],
  ['a number', 42, /did not return an object, but 42/],
  ['a text', 'props', /did not return an object, but "props"/],
  ['a function', () => ({ props: {} }), /did not return an object, but a function/],
  ['an empty object', {}, /without any of `props`/],
  ['props that are null', { props: null }, /props that are null/],
  ['props that are a list', { props: [] }, /props that are an array/],
  ['both notFound and redirect', { props: {}, notFound: true, redirect }, /both `notFound` and `redirect`/],
  ['a thenable of null', thenable(null), /did not return an object, but null/],
  ['a thenable of an empty object', thenable({}), /without any of `props`/],
  ['another key', { props: {}, html: '' }, /additional keys: `html`/],
]

const strangeOfStatic: typeof strange = [
  ['props that are a promise', { props: Promise.resolve({ a: 1 }) }, /props that are a promise/],
  ['props that are a thenable', { props: thenable({ a: 1 }) }, /props that are a promise/],
  ['keep beside props', { keep: true, props: { n: 2 } }, /`keep: true` beside `props`/],
  ['a revalidate that is text, and no props', { revalidate: '1' }, /`revalidate: "1"` for `\/p`/],
  ['a revalidate that is text', { props: {}, revalidate: '1' }, /`revalidate: "1"` for `\/p`/],
]

describe('getStaticProps that gives', () => {
  it.each([...strange, ...strangeOfStatic])(
    '%s is an error that says so, and nothing is kept [S117]',
    async (_what, result, problem) => {
      const { ask, errors, kept, site, settled } = await open(result)
      for (const path of ['/p', '/_data/p.json']) {
        const { status, headers } = await ask(path)
        expect([path, status]).toEqual([path, 500])
        expect(headers['cache-control']).toContain('no-store')
      }
      await settled()
      for (const error of errors) {
        expect(error).toMatchObject({ code: 'PAGES_DATA_RESULT' })
        expect(String(error)).toMatch(/`getStaticProps` of `pages\/p\.tsx`/)
        expect(String(error)).toMatch(problem)
      }
      expect(errors).toHaveLength(2)
      // Only the page that shows the error.
      expect(kept.filter((key) => !key.startsWith('status:'))).toEqual([])
      expect(await site.explain('/p')).toMatchObject({ state: 'absent' })
    },
  )

  it.each([...strange, ...strangeOfStatic])(
    '%s while it is refreshed keeps the page [S117]',
    async (_what, result, problem) => {
      const { ask, answer, clock, errors, settled } = await open({ props: { n: 1 }, revalidate: 10 })
      await ask('/p')
      answer.current = result
      clock.advance(10_000)
      await ask('/p')
      await settled()
      expect(errors).toEqual([expect.objectContaining({ code: 'PAGES_DATA_RESULT' })])
      expect(String(errors[0])).toMatch(problem)
      expect((await ask('/p')).body).toContain('n&quot;:1')
    },
  )
})

describe('getServerSideProps that gives', () => {
  it.each(strange)('%s is an error that says so [S117]', async (_what, result, problem) => {
    const { ask, errors, kept } = await open(result, 'getServerSideProps')
    for (const path of ['/p', '/_data/p.json']) {
      const { status, headers } = await ask(path)
      expect([path, status]).toEqual([path, 500])
      expect(headers['cache-control']).toContain('no-store')
    }
    expect(errors).toHaveLength(2)
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'PAGES_DATA_RESULT' })
      expect(String(error)).toMatch(/`getServerSideProps` of `pages\/p\.tsx`/)
      expect(String(error)).toMatch(problem)
    }
    expect(kept.filter((key) => !key.startsWith('status:'))).toEqual([])
  })
})

describe('revalidate', () => {
  const year = 31_536_000
  const values: [value: unknown, seconds: number | false | RegExp][] = [
    [0, /less than or equal to zero/],
    [-1, /less than or equal to zero/],
    [NaN, /natural number/],
    [Infinity, /natural number/],
    [-Infinity, /less than or equal to zero/],
    [1.5, /natural number/],
    [1e-9, /natural number/],
    ['10', /natural number/],
    [null, /natural number/],
    [{}, /natural number/],
    [[10], /natural number/],
    [10n, /natural number/],
    [2 ** 53, /longer than time goes on/],
    [Number.MAX_VALUE, /longer than time goes on/],
    [true, 1],
    [false, false],
    [undefined, false],
    [1, 1],
    [2 ** 31, 2 ** 31],
    [2 ** 31 * 1000, 2 ** 31 * 1000],
  ]
  const refused = values.filter(([, meaning]) => meaning instanceof RegExp) as [unknown, RegExp][]
  const taken = values.filter(([, meaning]) => !(meaning instanceof RegExp)) as [unknown, number | false][]

  it.each(refused)(
    '%p is an error that names the page, one for each visit [S122]',
    async (revalidate, problem) => {
      const { ask, errors, calls, clock, settled } = await open({ props: {}, revalidate })
      for (let visit = 0; visit < 3; visit += 1) {
        expect((await ask('/p')).status).toBe(500)
        clock.advance(1_000)
      }
      await settled()
      expect(calls()).toBe(3)
      for (const error of errors) {
        expect(error).toMatchObject({ code: 'PAGES_DATA_RESULT' })
        expect(String(error)).toMatch(/`pages\/p\.tsx` returned `revalidate: .*` for `\/p`/)
        expect(String(error)).toMatch(problem)
      }
    },
  )

  it.each(taken)(
    '%p is %p seconds: asked again then and not before, once [S122]',
    async (revalidate, seconds) => {
      const { ask, calls, clock, settled, errors } = await open({ props: {}, revalidate })
      const visit = async () => {
        const { status, headers } = await ask('/p')
        await settled()
        expect(status).toBe(200)
        return headers['cache-control']
      }
      const header = await visit()
      if (seconds === false) expect(header).toBe(`s-maxage=${year}`)
      else
        expect(header).toBe(
          seconds < year
            ? `s-maxage=${seconds}, stale-while-revalidate=${year - seconds}`
            : `s-maxage=${seconds}`,
        )
      const milliseconds = seconds === false ? 100 * year * 1000 : seconds * 1000
      clock.advance(milliseconds - 1)
      for (let turn = 0; turn < 5; turn += 1) await visit()
      expect(calls()).toBe(1)
      clock.advance(1)
      for (let turn = 0; turn < 5; turn += 1) await visit()
      expect(calls()).toBe(seconds === false ? 1 : 2)
      expect(errors).toEqual([])
      takeConsole()
    },
  )

  it.each([...refused.filter(([value]) => value !== undefined), [true, /whole number/] as [unknown, RegExp]])(
    '%p, exported as a constant, is an error that names the file [S122]',
    async (revalidate) => {
      const { app, errors } = createTestApp({ pages: { '/p': { default: () => null, revalidate } } })
      const { ask } = await serve(app)
      expect((await ask('/p')).status).toBe(500)
      expect(errors[0]).toMatchObject({ code: 'PAGES_PAGE_EXPORTS' })
      expect(String(errors[0])).toMatch(/`pages\/p\.tsx` exports `revalidate` as /)
    },
  )
})
