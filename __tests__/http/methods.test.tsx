import request from 'supertest'
import { createTestApp, type MemoryPages } from 'pagepress/testing'
import { failOnConsole } from '../support/console.js'
import { readPayload } from '../support/page-data.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const blank = () => null
const pages: MemoryPages = {
  '/plain': { default: blank },
  '/static': { default: blank, getStaticProps: () => ({ props: {} }) },
  '/server': { default: blank, getServerSideProps: () => ({ props: {} }) },
  '/initial': { default: Object.assign(() => null, { getInitialProps: () => ({ a: 1 }) }) },
}
const writes = ['POST', 'PUT', 'PATCH', 'DELETE']

describe.each([
  ['production', false],
  ['development', true],
])('a static page in %s', (_mode, dev) => {
  it('takes no other methods than GET and HEAD with fallthrough: false', async () => {
    const { app } = createTestApp({ pages, options: { fallthrough: false, dev } })
    const { ask } = await serve(app)

    for (const path of ['/plain', '/static'])
      for (const method of [...writes, 'OPTIONS']) {
        const { status, headers, body } = await ask(path, { method })
        expect([path, method, status]).toEqual([path, method, 405])
        expect(headers['allow']).toBe('GET, HEAD')
        expect(body).toContain('Method Not Allowed')
      }
  })

  it('leaves other methods to the app by default', async () => {
    const { app } = createTestApp({
      pages,
      options: { dev },
      after: (app) => app.post('/static', (_req, res) => void res.send('theirs')),
    })

    await request(app).post('/static').expect(200, 'theirs')
    await request(app).post('/plain').expect(404)
  })
})

it('a page rendered per request takes writes like reads [1.47]', async () => {
  const { app } = createTestApp({ pages, options: { fallthrough: false } })
  const { ask } = await serve(app)

  for (const path of ['/server', '/initial'])
    for (const method of writes) {
      const { status, body } = await ask(path, { method })
      expect([path, method, status]).toEqual([path, method, 200])
      expect(readPayload(body).page).toBe(path)
    }
  expect((await ask('/missing', { method: 'POST' })).status).toBe(404)
})

it('a page rendered per request refuses methods that no form has', async () => {
  const { app } = createTestApp({ pages, options: { fallthrough: false } })
  const { ask } = await serve(app)

  expect((await ask('/server', { method: 'OPTIONS' })).status).toBe(405)
  expect((await ask('/server', { method: 'PROPFIND' })).status).toBe(405)
})

describe('HEAD', () => {
  it('has status and headers of GET and no body, for every kind of page [1.48]', async () => {
    const { app } = createTestApp({
      pages: {
        ...pages,
        '/moved': {
          default: blank,
          getStaticProps: () => ({ redirect: { destination: '/new', permanent: true } }),
        },
        '/gone': { default: blank, getStaticProps: () => ({ notFound: true }) },
      },
    })
    const { ask } = await serve(app)

    for (const path of [
      '/plain',
      '/static',
      '/server',
      '/initial',
      '/moved',
      '/gone',
      '/_data/static.json',
    ]) {
      // The first visit of a static page is a miss, for either method.
      await ask(path)
      const { date: _then, ...headers } = (await ask(path)).headers
      const head = await ask(path, { method: 'HEAD' })
      const { date: _now, ...headHeaders } = head.headers
      expect(head.body).toBe('')
      expect(headHeaders).toEqual(headers)
      expect(Number(headHeaders['content-length'])).toBeGreaterThan(0)
    }
  })

  it('fills the cache like GET', async () => {
    let calls = 0
    const { app } = createTestApp({
      pages: { '/': { default: blank, getStaticProps: () => ({ props: { calls: ++calls } }) } },
    })

    await request(app).head('/').expect(200)
    await request(app).get('/').expect('Cache-Status', 'pagepress; hit')
    expect(calls).toBe(1)
  })
})
