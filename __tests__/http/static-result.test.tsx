import { runInNewContext } from 'node:vm'
import request from 'supertest'
import { createTestApp } from 'pagepress/testing'
import { failOnConsole } from '../support/console.js'

failOnConsole()

const blank = () => null

/** A page whose `getStaticProps` gives this, in development, where props are looked at. */
function createApp(result: unknown) {
  return createTestApp({
    pages: { '/p': { default: blank, getStaticProps: () => result } },
    options: { dev: true },
  })
}

/** What `onError` heard when the page failed. */
async function messageOf(result: unknown): Promise<string> {
  const { app, errors } = createApp(result)
  await request(app).get('/p').expect(500)
  expect(errors).toHaveLength(1)
  return String(errors[0])
}

describe('the result of getStaticProps', () => {
  it('with a key that is not known names it, and what is [3.08]', async () => {
    const message = await messageOf({ world: 1, props: {} })

    expect(message).toMatch(/`getStaticProps` of `pages\/p\.tsx`.*additional keys.*`world`/)
    expect(message).toContain('`props`, `revalidate`, `redirect`, `notFound`')
    expect(await messageOf({ unstable_revalidate: 1, props: {} })).toContain('Rename it to `revalidate`')
  })

  it.each([undefined, null, 1, []])('%p is no object, and says so [3.09]', async (result) => {
    expect(await messageOf(result)).toMatch(/`getStaticProps` of `pages\/p\.tsx` did not return an object/)
  })

  it('without any of the known keys is an error', async () => {
    expect(await messageOf({})).toMatch(/without any of `props`/)
  })

  it.each([
    [1.1, /`\/p`.*natural number.*Mixed numbers.*`2`.*ceil/],
    [0, /`\/p`.*can not be less than or equal to zero/],
    [-1, /`\/p`.*can not be less than or equal to zero/],
    [NaN, /natural number/],
    [Infinity, /natural number/],
    [Number.MAX_VALUE, /longer than time goes on/],
    [2 ** 53, /longer than time goes on/],
  ])('with revalidate: %p names the page and the value [3.11]', async (revalidate, problem) => {
    const message = await messageOf({ props: {}, revalidate })

    expect(message).toContain(`revalidate: ${revalidate}`)
    expect(message).toMatch(problem)
  })

  it.each([
    [[], 'Array'],
    [new Date(), 'Date'],
    [null, 'Null'],
    [1, 'Number'],
  ])('with props that are %p says that they must be a plain object [3.20]', async (props, tag) => {
    const message = await messageOf({ props })

    expect(message).toMatch(/must be returned as a plain object from getStaticProps: `\{ props: \{...\} \}`/)
    expect(message).toContain(`[object ${tag}]`)
  })

  it.each([
    [{ a: undefined }, /`\.a`.*`undefined` cannot be serialized.*`null`, or leave the key out/],
    [{ a: [1, { b: undefined }] }, /`\.a\[1\]\.b`.*undefined/],
  ])('with undefined in %o names where [3.21][3.25]', async (props, problem) => {
    expect(await messageOf({ props })).toMatch(problem)
  })

  it.each([
    [{ a: new Date(0) }, /`\.a`.*`object` \("\[object Date\]"\).*JSON types only/],
    [{ 'odd-key': new Map() }, /`\["odd-key"\]`.*\[object Map\]/],
    [{ a: () => 1 }, /`function`/],
    [{ a: Symbol('s') }, /`symbol`/],
    [{ a: 1n }, /`bigint`/],
  ])('with %o names its type [3.22][3.25]', async (props, problem) => {
    expect(await messageOf({ props })).toMatch(problem)
  })

  it('with a circle names both ends of it [3.23]', async () => {
    const a: Record<string, unknown> = { b: {} }
    ;(a['b'] as Record<string, unknown>)['back'] = a
    const self: Record<string, unknown> = {}
    self['me'] = self

    expect(await messageOf({ props: { a } })).toMatch(/`\.a\.b\.back`.*Circular references.*`\.a`/)
    expect(await messageOf({ props: self })).toMatch(/`\.me`.*Circular references.*`\(self\)`/)
  })

  it('may hold the same object twice, and everything that JSON knows [3.24][3.26]', async () => {
    const twice = { a: 1 }
    const bare: Record<string, unknown> = Object.assign(Object.create(null), { ok: true })
    const foreign: unknown = runInNewContext('({ a: [1] })')
    const props = { one: twice, two: twice, bare, foreign, list: ['', 0, false, null, { deep: [] }] }
    const { app } = createApp({ props })

    await request(app).get('/p').expect(200)
    await request(app)
      .get('/_data/p.json')
      .expect(200, { pageProps: JSON.parse(JSON.stringify(props)) })
  })

  it('may hold NaN, which is null in data [3.27]', async () => {
    const { app } = createApp({ props: { a: NaN, b: Infinity } })

    await request(app)
      .get('/_data/p.json')
      .expect(200, { pageProps: { a: null, b: null } })
  })

  it('is not looked at when it is notFound', async () => {
    const { app } = createApp({ notFound: true, props: { a: undefined } })

    await request(app).get('/_data/p.json').expect(404, { notFound: true })
  })

  it('that was thrown away by a failure is asked for again [3.19]', async () => {
    let calls = 0
    const { app, errors } = createTestApp({
      pages: {
        '/[id]': {
          default: blank,
          getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
          getStaticProps() {
            calls += 1
            if (calls === 1) throw new Error('not yet')
            return { props: {} }
          },
        },
      },
    })

    const failed = await request(app).get('/a').expect(500)
    expect(failed.headers['cache-control']).toContain('no-store')
    await request(app).get('/a').expect(200)
    expect(errors).toEqual([new Error('not yet')])
  })
})
