import request from 'supertest'
import type { GetServerSidePropsContext } from 'pagepress'
import { createTestApp } from 'pagepress/testing'
import { expressVersions } from '../support/express.js'
import { createClock } from '../support/clock.js'
import { failOnConsole } from '../support/console.js'

failOnConsole()

const blank = () => null
const staticPage = {
  default: blank,
  getStaticProps: () => ({ props: { text: 'x'.repeat(2_000) }, revalidate: 5 }),
}

async function etagOf(app: Parameters<typeof request>[0], path = '/'): Promise<string> {
  return String((await request(app).get(path)).headers['etag'])
}

describe('a cached page', () => {
  it('has a validator, and is 304 without a body to those who have it [1.50][7.20]', async () => {
    const clock = createClock()
    const { app, settled } = createTestApp({ pages: { '/': staticPage }, now: clock.now })
    const etag = await etagOf(app)
    expect(await etagOf(app)).toBe(etag)

    const fresh = await request(app).get('/').set('If-None-Match', etag)
    clock.advance(5_000)
    const stale = await request(app).get('/').set('If-None-Match', etag)
    await settled()

    for (const [answer, status] of [
      [fresh, 'pagepress; hit'],
      [stale, 'pagepress; hit; ttl=-1'],
    ] as const) {
      expect(answer.status).toBe(304)
      expect(answer.text).toBe('')
      expect(answer.headers).toMatchObject({ etag, 'cache-status': status, vary: 'Accept-Encoding' })
      expect(answer.headers['cache-control']).toMatch(/^s-maxage=/)
      expect(answer.headers).not.toHaveProperty('content-type')
      expect(answer.headers).not.toHaveProperty('content-length')
    }
  })

  it.each([
    ['"other"', 200],
    ['W/"other", ETAG', 304],
    ['*', 304],
    ['STRONG', 304],
    ['', 200],
    [', , ETAG ,', 304],
  ])('compares If-None-Match %s weakly: %i', async (header, status) => {
    const { app } = createTestApp({ pages: { '/': staticPage } })
    const etag = await etagOf(app)
    const sent = header.replace('ETAG', etag).replace('STRONG', etag.slice(2))

    expect((await request(app).get('/').set('If-None-Match', sent)).status).toBe(status)
  })

  it('has different validators for HTML and data, and for different bodies', async () => {
    let calls = 0
    const clock = createClock()
    const { app, settled } = createTestApp({
      pages: {
        '/': { default: blank, getStaticProps: () => ({ props: { calls: ++calls }, revalidate: 5 }) },
      },
      now: clock.now,
    })
    const html = await etagOf(app)
    expect(await etagOf(app, '/_data/index.json')).not.toBe(html)

    clock.advance(5_000)
    await request(app).get('/')
    await settled()
    await request(app).get('/').set('If-None-Match', html).expect(200)
  })

  it('has none with generateEtags: false [1.50]', async () => {
    const { app } = createTestApp({ pages: { '/': staticPage }, config: { generateEtags: false } })

    const { headers } = await request(app).get('/')
    expect(headers).not.toHaveProperty('etag')
    await request(app).get('/').set('If-None-Match', '*').expect(200)
  })
})

describe.each(expressVersions)('on %s', (_name, createApp) => {
  it("adds neither a second ETag nor X-Powered-By to what the app's settings do [21.09]", async () => {
    for (const setting of [true, false]) {
      const { app } = createTestApp({
        pages: { '/': staticPage },
        createApp,
        before(app) {
          app.set('etag', setting ? 'strong' : false)
          app.set('x-powered-by', setting)
        },
      })

      const { headers } = await request(app).get('/').expect(200)

      expect(headers['etag']).toMatch(/^W\/"[\w-]+"$/)
      expect(headers['x-powered-by']).toBe(setting ? 'Express' : undefined)
    }
    const { app } = createTestApp({ pages: { '/': staticPage }, createApp, config: { generateEtags: false } })
    expect((await request(app).get('/')).headers).not.toHaveProperty('etag')
  })
})

describe('a server page', () => {
  it('has no validator while it is private, and one when it may be kept', async () => {
    const { app } = createTestApp({
      pages: {
        '/': {
          default: blank,
          getServerSideProps({ query, res }: GetServerSidePropsContext) {
            if (query['keep']) res.setHeader('Cache-Control', 'public, max-age=60')
            return { props: {} }
          },
        },
      },
    })

    expect((await request(app).get('/')).headers).not.toHaveProperty('etag')
    await request(app).get('/').set('If-None-Match', '*').expect(200)
    const { headers } = await request(app).get('/?keep=1')
    await request(app).get('/?keep=1').set('If-None-Match', String(headers['etag'])).expect(304)
  })
})

it('an error page is never 304', async () => {
  const { app } = createTestApp({ pages: { '/': staticPage }, options: { fallthrough: false } })

  await request(app).get('/missing').set('If-None-Match', '*').expect(404)
})
