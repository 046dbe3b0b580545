/** @timed */
import request from 'supertest'
import { Router, type ErrorRequestHandler } from 'express'
import { createSiteCache } from '../../lib/cache/site-cache.js'
import { emptyStore } from '../../lib/cache/store.js'
import { resolveOptions } from '../../lib/options.js'
import { createPagesHandler, type PagesHandler, type SiteStarter } from '../../lib/pages.js'
import { createTestApp } from 'pagepress/testing'
import { expressVersions } from '../support/express.js'
import { failOnConsole } from '../support/console.js'
import { readPayload } from '../support/page-data.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const blank = () => null
const pages = {
  '/': { default: blank },
  '/server': { default: blank, getServerSideProps: () => ({ props: {} }) },
}
const settings = resolveOptions({ dev: false, onError: () => {} })

/** A handler whose site starts when a test says so. */
function createSlowSite() {
  let begin!: (start: 'ok' | Error) => void
  const started = new Promise<'ok' | Error>((resolve) => (begin = resolve))
  const start: SiteStarter = async () => {
    const outcome = await started
    if (outcome !== 'ok') throw outcome
    const cache = createSiteCache(settings, { store: emptyStore, now: Date.now, onError: () => {} })
    return {
      site: {
        answer: ({ request: { representation, pathname }, res }, next) =>
          pathname === '/missing' ? next() : void res.send(`${representation} of ${pathname}`),
        isPageUrl: (pathname) => pathname === '/server',
        revalidate: async () => {},
        explain: async (path) => ({ path, isCached: false, why: '' }),
        run: (work) => work(),
        notFound: async ({ res }) => void res.status(404).send('lost'),
        thrown: async ({ res }) => void res.status(500).send('sorry'),
      },
      cache,
      close: async () => {},
    }
  }
  return { site: createPagesHandler(start, settings), begin }
}

describe.each(expressVersions)('on %s', (_name, createApp) => {
  const mount = (site: PagesHandler) => {
    const app = createApp()
    app.use(site)
    app.use(site.notFound)
    app.use(
      ((error: Error, _req, res, _next) => void res.status(599).send(error.message)) as ErrorRequestHandler,
    )
    return app
  }

  it('requests before the start wait for it [21.05]', async () => {
    const { site, begin } = createSlowSite()
    const { ask } = await serve(mount(site))
    let answered = 0
    const waiting = ['/', '/server', '/missing', '/_data/server.json'].map(async (path) => {
      const { body } = await ask(path)
      answered += 1
      return body
    })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(answered).toBe(0)

    begin('ok')

    expect(await Promise.all(waiting)).toEqual([
      'document of /',
      'document of /server',
      'lost',
      'data of /server',
    ])
    await site.ready()
  })

  it('a start that fails reaches next(err) with its reason, and ready() rejects with it [21.05]', async () => {
    const { site, begin } = createSlowSite()
    const { ask } = await serve(mount(site))
    const waiting = [ask('/'), ask('/_data/index.json')]
    begin(new Error('no build here'))

    for (const answer of [...(await Promise.all(waiting)), await ask('/')])
      expect(answer).toMatchObject({ status: 599, body: 'no build here' })
    await expect(site.ready()).rejects.toThrow('no build here')
  })

  it('after close() requests get 503, and closing again is the same', async () => {
    const { app, site } = createTestApp({
      pages,
      createApp,
      after: (app) =>
        app.use(
          ((error: { status: number; code: string }, _req, res, _next) =>
            void res.status(error.status).send(error.code)) as ErrorRequestHandler,
        ),
    })
    await request(app).get('/').expect(200)

    await Promise.all([site.close(), site.close()])

    await request(app).get('/').expect(503, 'PAGES_CLOSED')
    await site.close()
  })
})

describe('close()', () => {
  it('waits for what runs behind requests', async () => {
    let finish = () => {}
    const { app, site } = createTestApp({
      pages: {
        '/': {
          default: blank,
          getStaticProps: async () => {
            await new Promise<void>((resolve) => (finish = resolve))
            return { props: {} }
          },
        },
      },
    })
    const asked = request(app)
      .get('/')
      .then(({ status }) => status)
    await new Promise((resolve) => setTimeout(resolve, 50))
    let isClosed = false
    const closing = site.close().then(() => (isClosed = true))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(isClosed).toBe(false)

    finish()
    await closing
    expect(await asked).toBe(200)
  })

  it('waits no longer than it is told to', async () => {
    const { app, site } = createTestApp({
      pages: { '/': { default: blank, getStaticProps: () => new Promise(() => {}) } },
      options: { limits: { timeoutMs: 500 } },
    })
    const asked = request(app)
      .get('/')
      .then(({ status }) => status)
    await new Promise((resolve) => setTimeout(resolve, 50))

    const start = Date.now()
    await site.close({ timeoutMs: 20 })

    expect(Date.now() - start).toBeLessThan(300)
    expect(await asked).toBe(504)
  })

  it('of a site that never started is done at once', async () => {
    const { site } = createTestApp({ pages, options: { dev: true } })

    await site.close()
  })
})

describe('several sites in one app', () => {
  it('share neither pages nor caches nor build id [21.06]', async () => {
    const make = (name: string) =>
      createTestApp({
        pages: { '/': { default: () => <p>{name}</p>, getStaticProps: () => ({ props: { name } }) } },
        buildId: `build-${name}`,
      })
    const [one, two] = [make('one'), make('two')]
    const { ask } = await serve(one.app)
    const router = Router()
    router.use('/two', two.site)
    one.app.use(router)

    for (const _time of [1, 2]) {
      const [first, second] = [await ask('/'), await ask('/two')]
      expect(readPayload(first.body)).toMatchObject({
        buildId: 'build-one',
        props: { pageProps: { name: 'one' } },
      })
      expect(readPayload(second.body)).toMatchObject({
        buildId: 'build-two',
        props: { pageProps: { name: 'two' } },
      })
      expect(first.headers['pagepress-build']).toBe('build-one')
      expect(second.headers['pagepress-build']).toBe('build-two')
    }
    expect(JSON.parse((await ask('/two/_data/index.json')).body)).toEqual({ pageProps: { name: 'two' } })
  })
})
