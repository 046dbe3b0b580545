import request from 'supertest'
import type { GetServerSidePropsContext } from 'pagepress'
import { createTestApp, type MemoryPages } from 'pagepress/testing'
import { createClock } from '../support/clock.js'
import { failOnConsole } from '../support/console.js'
import { readPayload } from '../support/page-data.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const JSON_TYPE = 'application/json; charset=utf-8'
const blank = () => null

const staticPage = {
  default: blank,
  getStaticProps: () => ({ props: { made: 'once' }, revalidate: 10 }),
}
const serverPage = {
  default: blank,
  getServerSideProps: ({ params, query, resolvedUrl }: GetServerSidePropsContext) => ({
    props: { params: params ?? null, query, resolvedUrl },
  }),
}
const blog = (fallback: boolean | 'blocking') => ({
  default: blank,
  getStaticPaths: () => ({ paths: ['/blog/a', { params: { slug: '/a' } }], fallback }),
  getStaticProps: ({ params }: { params: object }) => ({ props: { params } }),
})

const pages: MemoryPages = {
  '/': staticPage,
  '/index/index': staticPage,
  '/about': { default: blank },
  '/server': serverPage,
  '/user/[id]': serverPage,
  '/blog/[slug]': blog(false),
  '/api/hello': { default: (_req: unknown, res: { json(value: object): void }) => res.json({ hello: 1 }) },
}

describe('a data URL', () => {
  it('is the page path with .json; index for the root, and one index more for pages of that name [6.01]', async () => {
    const { app } = createTestApp({ pages })

    await request(app)
      .get('/_data/index.json')
      .expect(200, { pageProps: { made: 'once' } })
    await request(app).get('/_data/index/index/index.json').expect(200)
    await request(app).get('/_data/server.json').expect(200)
    await request(app).get('/_data/blog/a.json').expect(200)
  })

  it('of what is no page is not ours', async () => {
    const { app } = createTestApp({
      pages,
      after: (app) => app.use((req, res) => void res.status(418).send(req.url)),
    })

    for (const url of ['/_data', '/_data/', '/_data/missing.json', '/_data/server', '/_data/api/hello.json'])
      await request(app).get(url).expect(418, url)
  })

  it('of a page without data is a 404 other than that of a page that is missing', async () => {
    const { app } = createTestApp({ pages })

    const { headers, body } = await request(app).get('/_data/about.json').expect(404)

    expect(headers['content-type']).toBe(JSON_TYPE)
    expect(body).not.toEqual({ notFound: true })
  })

  it('of an unlisted path is a 404, and getStaticProps is not asked [4.23][6.06]', async () => {
    let calls = 0
    const getStaticProps = () => ({ props: { calls: ++calls } })
    const { app } = createTestApp({ pages: { '/blog/[slug]': { ...blog(false), getStaticProps } } })

    for (const _time of [1, 2]) {
      await request(app).get('/_data/blog/x.json').expect(404, { notFound: true })
      await request(app).get('/blog/x').expect(404)
    }
    expect(calls).toBe(0)
  })

  it('keeps its segments encoded and leads to the params of the page URL [6.07]', async () => {
    const { app } = createTestApp({ pages })

    await request(app)
      .get('/_data/blog/%2Fa.json')
      .expect(200, { pageProps: { params: { slug: '/a' } } })
    expect(readPayload((await request(app).get('/blog/%2Fa')).text).props.pageProps).toEqual({
      params: { slug: '/a' },
    })
  })

  it('may be that of a path that ends in .json itself; API routes keep theirs [6.08]', async () => {
    const { app } = createTestApp({
      pages: {
        '/[slug]': { ...blog('blocking'), getStaticPaths: () => ({ paths: [], fallback: 'blocking' }) },
        '/api/[name]': {
          default: (req: { query: object }, res: { json(value: object): void }) => res.json(req.query),
        },
      },
    })

    await request(app)
      .get('/_data/x.json.json')
      .expect(200, { pageProps: { params: { slug: 'x.json' } } })
    await request(app).get('/x.json').expect(200)
    await request(app).get('/api/hello.json').expect(200, { name: 'hello.json' })
  })

  it('has neither slashes to be redirected nor another form with trailingSlash [6.04]', async () => {
    const { app } = createTestApp({ pages, config: { trailingSlash: true } })

    await request(app).get('/_data/server.json').expect(200)
    await request(app).get('/_data/server/.json').expect(404)
    await request(app).get('/_data/server.json/').expect(404)
    await request(app).get('/server').expect(308)
  })

  it('of a needlessly encoded path is no second way to the page', async () => {
    const { app } = createTestApp({ pages })

    await request(app).get('/_data/blog/%61.json').expect(404)
    await request(app).get('/blog/%61').expect(308).expect('Location', '/blog/a')
  })
})

describe('a data answer', () => {
  it('is an object with pageProps, as JSON that no browser takes for something else [6.11][6.12]', async () => {
    const { app } = createTestApp({
      pages: {
        ...pages,
        '/_app': {
          default: Object.assign(({ Component }: { Component: () => null }) => <Component />, {
            getInitialProps: () => ({ pageProps: {}, user: 'ann' }),
          }),
        },
      },
    })

    const { headers, body } = await request(app).get('/_data/index.json').expect(200)
    expect(body).toEqual({ pageProps: { made: 'once' }, user: 'ann' })
    expect(headers).toMatchObject({
      'content-type': JSON_TYPE,
      'x-content-type-options': 'nosniff',
      'pagepress-build': 'test-build',
    })
    expect(headers['etag']).toMatch(/^W\/"/)
    const again = await request(app).get('/_data/index.json').set('If-None-Match', headers['etag']!)
    expect(again.status).toBe(304)
    expect(again.text).toBe('')
  })

  it.each([
    ['/_data/index.json', 200],
    ['/_data/gone.json', 404],
    ['/_data/moved.json', 200],
    ['/_data/fails.json', 500],
    ['/_data/closed/b.json', 404],
    ['/_data/plain.json', 404],
  ])('at %s (%i) names its build: an open tab knows whether it still fits', async (path, status) => {
    const { app } = createTestApp({
      pages: {
        ...pages,
        '/plain': { default: blank },
        '/gone': { default: blank, getStaticProps: () => ({ notFound: true }) },
        '/moved': {
          default: blank,
          getServerSideProps: () => ({ redirect: { destination: '/', statusCode: 303 } }),
        },
        '/fails': { default: blank, getServerSideProps: () => Promise.reject(new Error('broken')) },
        '/closed/[id]': {
          default: blank,
          getStaticPaths: () => ({ paths: ['/closed/a'], fallback: false }),
          getStaticProps: () => ({ props: {} }),
        },
      },
    })
    const { headers } = await request(app).get(path).expect(status)
    expect(headers).toMatchObject({ 'content-type': JSON_TYPE, 'pagepress-build': 'test-build' })
  })

  it('has the Cache-Control of the page [6.13]', async () => {
    const { app } = createTestApp({ pages, now: createClock().now })
    const cacheControl = async (url: string) => (await request(app).get(url)).headers['cache-control']

    for (const [html, data] of [
      ['/', '/_data/index.json'],
      ['/server', '/_data/server.json'],
    ] as const)
      expect(await cacheControl(data)).toBe(await cacheControl(html))
  })

  it('of a server page has the query, in which the route parameters win [6.15]', async () => {
    const { app } = createTestApp({ pages })

    const { body } = await request(app).get('/_data/user/1.json?id=2&a=b').expect(200)

    expect(body).toEqual({
      pageProps: {
        params: { id: '1' },
        query: { id: '1', a: 'b' },
        resolvedUrl: '/user/1?id=2&a=b',
      },
    })
  })

  it('says 404 and exactly {"notFound":true}, or 200 and where to go [6.16]', async () => {
    const { app } = createTestApp({
      pages: {
        '/gone': { default: blank, getStaticProps: () => ({ notFound: true }) },
        '/moved': {
          default: blank,
          getStaticProps: () => ({ redirect: { destination: '/new', permanent: false } }),
        },
      },
    })

    const gone = await request(app).get('/_data/gone.json').expect(404)
    expect(gone.text).toBe('{"notFound":true}')
    expect(gone.headers['content-type']).toBe(JSON_TYPE)
    const moved = await request(app).get('/_data/moved.json').expect(200)
    expect(moved.text).toBe('{"redirect":{"destination":"/new","status":307}}')
  })

  it('of a page that fails is a 500 without a word of why [6.17]', async () => {
    const fail = () => {
      throw new Error('secret reason')
    }
    const { app, errors } = createTestApp({
      pages: {
        '/a': { default: blank, getStaticProps: fail },
        '/b': { default: blank, getServerSideProps: fail },
      },
    })

    for (const url of ['/_data/a.json', '/_data/b.json']) {
      const { text, headers } = await request(app).get(url).expect(500)
      expect(text).not.toMatch(/secret|Error:|at /)
      expect(headers).toMatchObject({ 'content-type': JSON_TYPE, 'x-content-type-options': 'nosniff' })
      expect(headers['cache-control']).toContain('no-store')
    }
    expect(errors).toHaveLength(2)
  })

  it('that is large is compressed for those who accept it [6.19]', async () => {
    const text = 'x'.repeat(5_000)
    const { app } = createTestApp({
      pages: { '/': { default: blank, getStaticProps: () => ({ props: { text } }) } },
    })

    const packed = await request(app).get('/_data/index.json').set('Accept-Encoding', 'gzip')
    const plain = await request(app).get('/_data/index.json').set('Accept-Encoding', 'identity')

    expect(packed.headers['content-encoding']).toBe('gzip')
    expect(Number(packed.headers['content-length'])).toBeLessThan(500)
    expect(packed.body).toEqual(plain.body)
  })

  it('carries the cookies of the visitor to the page [6.23]', async () => {
    const { app } = createTestApp({
      pages: {
        '/': {
          default: blank,
          getServerSideProps: ({ req }: GetServerSidePropsContext) => ({
            props: { sid: req.cookies['sid'] },
          }),
        },
      },
    })

    await request(app)
      .get('/_data/index.json')
      .set('Cookie', 'sid=7')
      .expect({ pageProps: { sid: '7' } })
  })

  it('to another method is 405 for a static page, and HEAD refreshes it like GET [6.09]', async () => {
    let calls = 0
    const clock = createClock()
    const { app, settled } = createTestApp({
      pages: {
        '/': { default: blank, getStaticProps: () => ({ props: { calls: ++calls }, revalidate: 1 }) },
      },
      options: { fallthrough: false },
      now: clock.now,
    })
    const { ask } = await serve(app)

    expect(await ask('/_data/index.json', { method: 'POST' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    })
    expect(calls).toBe(0)
    await ask('/_data/index.json')
    clock.advance(1_000)
    expect(await ask('/_data/index.json', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
    await settled()
    expect(calls).toBe(2)
  })

  it('does not change with any header of the request', async () => {
    const { app } = createTestApp({ pages })

    const plain = await request(app).get('/about').expect(200)
    const odd = await request(app).get('/about').set('x-nextjs-data', '1').set('purpose', 'prefetch')

    expect(odd.text).toBe(plain.text)
  })
})
