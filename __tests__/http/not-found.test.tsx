import request from 'supertest'
import { createTestApp, type MemoryPages } from 'pagepress/testing'
import { createClock } from '../support/clock.js'
import { failOnConsole } from '../support/console.js'
import { readPayload, readRoot } from '../support/page-data.js'

failOnConsole()

const DYN = 'private, no-cache, no-store, max-age=0, must-revalidate'
const blank = () => null
const Lost = () => <h1>Lost</h1>

describe('what matches no page', () => {
  it('goes to the next handler of the app by default [1.45]', async () => {
    const { app } = createTestApp({
      pages: { '/': { default: blank } },
      after: (app) => app.use((_req, res) => void res.status(418).send('theirs')),
    })

    await request(app).get('/missing').expect(418, 'theirs')
    await request(app).post('/missing').expect(418, 'theirs')
  })

  it('is the 404 page with fallthrough: false [1.45]', async () => {
    const { app } = createTestApp({
      pages: { '/': { default: blank }, '/404': { default: Lost } },
      options: { fallthrough: false },
    })

    const { text, headers } = await request(app).get('/missing').expect(404)

    expect(readRoot(text)).toBe('<h1>Lost</h1>')
    expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': DYN })
  })

  it('can be the 404 page at the end of the chain, by site.notFound [1.45]', async () => {
    const { app } = createTestApp({
      pages: { '/': { default: blank }, '/404': { default: Lost } },
      after(app, site) {
        app.get('/theirs', (_req, res) => void res.send('theirs'))
        app.use(site.notFound)
      },
    })

    await request(app).get('/theirs').expect(200, 'theirs')
    expect(readRoot((await request(app).get('/missing').expect(404)).text)).toBe('<h1>Lost</h1>')
    await request(app).post('/missing').expect(404)
  })

  it('is a 404 to POST too [1.47]', async () => {
    const { app } = createTestApp({
      pages: {
        '/server': { default: blank, getServerSideProps: () => ({ props: {} }) },
        '/initial': { default: Object.assign(() => null, { getInitialProps: () => ({ a: 1 }) }) },
      },
      options: { fallthrough: false },
    })

    await request(app).post('/server').expect(200)
    await request(app).post('/initial').expect(200)
    await request(app).post('/missing').expect(404)
  })
})

describe('reserved names', () => {
  const pages: MemoryPages = {
    '/': { default: blank },
    '/404': { default: Lost },
    '/500': { default: () => <h1>Broken</h1> },
    '/_error': { default: blank },
    '/_document': { default: blank },
    '/_app': { default: ({ Component }: { Component: typeof blank }) => <Component /> },
  }

  it('are no pages: a visitor who types them gets the 404 page [S29]', async () => {
    const { app } = createTestApp({
      pages: { ...pages, '/_document': undefined as never },
      options: { fallthrough: false },
    })

    for (const path of ['/_app', '/_document', '/_error', '/404', '/500']) {
      const { text, headers } = await request(app).get(path).expect(404)
      expect(readRoot(text)).toBe('<h1>Lost</h1>')
      expect(headers['cache-control']).toBe(DYN)
    }
    // And never kept under that name.
    await request(app).get('/500').expect(404)
    await request(app).get('/_data/404.json').expect(404)
  })
})

describe('the 404 page', () => {
  it('is built in where the project has none, and says so to people and robots', async () => {
    const { app } = createTestApp({ pages: { '/': { default: blank } }, options: { fallthrough: false } })

    const { text } = await request(app).get('/missing').expect(404)

    expect(text).toContain('<h1>404</h1>')
    expect(text).toContain('This page could not be found')
    expect(text).toContain('<meta name="robots" content="noindex"')
    expect(readPayload(text)).toMatchObject({ page: '/_error', props: { pageProps: { statusCode: 404 } } })
  })

  it('is pages/404, which wins over pages/_error', async () => {
    const { app } = createTestApp({
      pages: { '/404': { default: Lost }, '/_error': { default: () => <h1>Error</h1> } },
      options: { fallthrough: false },
    })

    expect(readRoot((await request(app).get('/x').expect(404)).text)).toBe('<h1>Lost</h1>')
  })

  it('is pages/_error without one, with the status in getInitialProps', async () => {
    const Failed = Object.assign(({ statusCode }: { statusCode: number }) => <h1>{statusCode}</h1>, {
      getInitialProps: ({ res }: { res?: { statusCode: number } }) => ({ statusCode: res?.statusCode }),
    })
    const { app } = createTestApp({
      pages: { '/_error': { default: Failed } },
      options: { fallthrough: false },
    })

    expect(readRoot((await request(app).get('/x').expect(404)).text)).toBe('<h1>404</h1>')
  })

  it('may have getStaticProps, which runs once for all who are lost', async () => {
    let calls = 0
    const { app } = createTestApp({
      pages: {
        '/404': {
          default: ({ call }: { call: number }) => <h1>{call}</h1>,
          getStaticProps: () => ({ props: { call: ++calls } }),
        },
      },
      options: { fallthrough: false },
    })

    await request(app).get('/x').expect(404)
    expect(readRoot((await request(app).get('/y').expect(404)).text)).toBe('<h1>1</h1>')
    expect(calls).toBe(1)
  })

  it('may not have getServerSideProps, which fails', async () => {
    const { app, errors } = createTestApp({
      pages: { '/404': { default: Lost, getServerSideProps: () => ({ props: {} }) } },
      options: { fallthrough: false },
    })

    await request(app).get('/x').expect(500)
    expect(String(errors[0])).toMatch(/`pages\/404\.tsx` has `getServerSideProps`.*404 and 500 can not use/)
  })

  it('is refreshed like any page when it says so', async () => {
    let calls = 0
    const clock = createClock()
    const { app, settled } = createTestApp({
      pages: {
        '/404': {
          default: ({ call }: { call: number }) => <h1>{call}</h1>,
          getStaticProps: () => ({ props: { call: ++calls }, revalidate: 1 }),
        },
      },
      options: { fallthrough: false },
      now: clock.now,
    })
    const shown = async () => readRoot((await request(app).get('/x').expect(404)).text)

    expect(await shown()).toBe('<h1>1</h1>')
    clock.advance(1_000)
    expect(await shown()).toBe('<h1>1</h1>')
    await settled()
    expect(await shown()).toBe('<h1>2</h1>')
  })

  it('of a page that is not found now is private to nobody: the caches outside hear how long it lasts', async () => {
    const { app } = createTestApp({
      pages: {
        '/gone': { default: blank, getStaticProps: () => ({ notFound: true, revalidate: 5 }) },
        '/404': { default: Lost },
      },
      now: createClock().now,
    })

    const { headers } = await request(app).get('/gone').expect(404)

    expect(headers['cache-control']).toBe(`s-maxage=5, stale-while-revalidate=${31_536_000 - 5}`)
    expect(headers['cache-status']).toBe('pagepress; fwd=uri-miss; stored')
  })
})
