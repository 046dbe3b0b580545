import express from 'express'
import request from 'supertest'
import { createTestApp, type MemoryPages } from 'pagepress/testing'
import { failOnConsole, takeConsole } from '../support/console.js'
import { readPayload, readRoot } from '../support/page-data.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const DYN = 'private, no-cache, no-store, max-age=0, must-revalidate'
const blank = () => null
const broken = new Error('secret reason')

function fail(): never {
  throw broken
}

const failing: MemoryPages = {
  '/data': { default: blank, getServerSideProps: fail },
  '/static': { default: blank, getStaticProps: fail },
  '/render': { default: fail },
  '/initial': { default: Object.assign(() => null, { getInitialProps: fail }) },
}

describe('a page that fails', () => {
  it.each(Object.keys(failing))(
    'by %s answers with the 500 page, kept by nobody [7.05][13.05]',
    async (path) => {
      const { app, errors } = createTestApp({
        pages: { ...failing, '/500': { default: () => <h1>Sorry</h1> } },
      })

      const { text, headers } = await request(app).get(path).expect(500)

      expect(readRoot(text)).toBe('<h1>Sorry</h1>')
      expect(headers['cache-control']).toBe(DYN)
      expect(errors).toEqual([broken])
    },
  )

  it('says nothing of why, neither in the page nor in its data [8.06]', async () => {
    const Failed = Object.assign(
      ({ message }: { message?: string }) => <h1>{message === undefined ? 'no message' : 'a message'}</h1>,
      { getInitialProps: ({ err }: { err?: Error }) => (err ? { got: typeof err } : {}) },
    )
    for (const pages of [failing, { ...failing, '/_error': { default: Failed } }]) {
      const { app } = createTestApp({ pages })
      const { text } = await request(app).get('/data').expect(500)

      expect(text).not.toContain('secret')
      expect(text).not.toContain('error-page.test')
    }
    const { app } = createTestApp({ pages: { ...failing, '/_error': { default: Failed } } })
    expect(readPayload((await request(app).get('/data')).text)['err']).toEqual({
      name: 'Error',
      message: '500',
      statusCode: 500,
    })
  })

  it('is the built-in page where the project has none', async () => {
    const { app } = createTestApp({ pages: failing })

    const { text } = await request(app).get('/render').expect(500)

    expect(text).toContain('<h1>500</h1>')
    expect(text).toContain('Internal Server Error')
  })

  it('lets pages/500 win over pages/_error', async () => {
    const { app } = createTestApp({
      pages: {
        ...failing,
        '/500': { default: () => <h1>five hundred</h1> },
        '/_error': { default: () => <h1>error</h1> },
      },
    })

    expect(readRoot((await request(app).get('/data')).text)).toBe('<h1>five hundred</h1>')
  })

  it('answers with the bare status when its error page fails too [13.07]', async () => {
    const second = new Error('the page for errors is broken')
    const { app, errors } = createTestApp({
      pages: {
        ...failing,
        '/500': {
          default: () => {
            throw second
          },
        },
      },
    })

    const { text, headers } = await request(app).get('/data').expect(500)

    expect(text).toBe('500')
    expect(headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(errors).toEqual([broken, second])
  })

  it('is heard of with its phase, route, path and request', async () => {
    const infos: unknown[] = []
    const { app } = createTestApp({
      pages: { '/p/[id]': { default: blank, getServerSideProps: fail } },
      options: { onError: (error, info) => infos.push([error, info]) },
    })

    await request(app).get('/p/1').expect(500)

    expect(infos).toEqual([
      [
        broken,
        {
          phase: 'request',
          route: '/p/[id]',
          pathname: '/p/1',
          request: expect.objectContaining({ url: '/p/1' }),
        },
      ],
    ])
  })

  it('is answered even when onError fails, which is logged', async () => {
    const { app } = createTestApp({
      pages: failing,
      options: {
        onError() {
          throw new Error('the logger is down')
        },
      },
    })

    await request(app).get('/data').expect(500)
    expect(takeConsole().join()).toMatch(/`onError` itself failed.*the logger is down/s)
  })

  it('is logged by default, with its path', async () => {
    const { app } = createTestApp({ pages: failing, options: { onError: undefined as never } })

    await request(app).get('/data').expect(500)
    expect(takeConsole()).toEqual([
      expect.stringMatching(/^pagepress: request failed for "\/data":.*secret reason/s),
    ])
  })

  it.each([null, undefined, 'text', 5])(
    'is logged as what it is when it is %p, no error [13.15]',
    async (thrown) => {
      const { app } = createTestApp({
        pages: {
          '/': {
            default: () => {
              throw thrown
            },
          },
        },
        options: { onError: undefined as never },
      })

      await request(app).get('/').expect(500)
      expect(takeConsole()).toEqual([
        `pagepress: request failed for "/": what was thrown is no error, but this: ${thrown}`,
      ])
    },
  )

  it('after its head was sent cuts the connection instead of passing half a page off as a whole one', async () => {
    const { app, errors } = createTestApp({
      pages: {
        '/': {
          default: blank,
          getServerSideProps({ res }: { res: { write(text: string): void } }) {
            res.write('half')
            throw broken
          },
        },
      },
    })
    const { ask } = await serve(app)

    await expect(ask('/')).rejects.toThrow()
    expect(errors).toEqual([broken])
  })
})

describe('a malformed path', () => {
  it.each(['/%', '/blog/%DE~%C7%1fY/', '/blog/%ff', '/blog/%c0%af'])(
    '%s is a bad request with a page that says so [1.21]',
    async (path) => {
      const { app, errors } = createTestApp({
        pages: { '/[...all]': { default: blank, getServerSideProps: () => ({ props: {} }) } },
      })
      const { ask } = await serve(app)

      const { status, body } = await ask(path)

      expect(status).toBe(400)
      expect(body).toContain('Bad Request')
      expect((await ask('/fine')).status).toBe(200)
      expect(errors).toEqual([])
    },
  )

  it('that no page matches is a bad request, too, unless the app has the last word', async () => {
    for (const [fallthrough, status] of [
      [false, 400],
      [true, 418],
    ] as const) {
      const { app, errors } = createTestApp({
        pages: { '/': { default: blank } },
        options: { fallthrough },
        after: (app) => app.use((_req, res) => void res.status(418).end()),
      })
      const { ask } = await serve(app)

      for (const path of ['/%', '/a/%ff', '/a//%', '/_data/%.json'])
        expect((await ask(path)).status).toBe(status)
      expect(errors).toEqual([])
    }
  })
})

describe('errors', () => {
  it("'next' hands the original error to the app", async () => {
    const seen: unknown[] = []
    const { app, errors } = createTestApp({
      pages: failing,
      options: { errors: 'next' },
      after: (app) =>
        app.use(((error, _req, res, _next) => {
          seen.push(error)
          res.status(501).send('theirs')
        }) as import('express').ErrorRequestHandler),
    })

    for (const path of Object.keys(failing)) await request(app).get(path).expect(501, 'theirs')
    expect(seen).toEqual(Object.keys(failing).map(() => broken))
    expect(errors).toEqual(seen)
  })

  it('of the whole app can be answered with the 500 page, by site.errorHandler', async () => {
    const theirs = new Error('of a route')
    const { app, errors } = createTestApp({
      pages: { '/': { default: blank }, '/500': { default: () => <h1>Sorry</h1> } },
      after(app, site) {
        app.get('/route', () => {
          throw theirs
        })
        app.use(site.errorHandler)
      },
    })

    const { text } = await request(app).get('/route').expect(500)

    expect(readRoot(text)).toBe('<h1>Sorry</h1>')
    expect(errors).toEqual([theirs])
  })

  it('of the app keep the status that they carry', async () => {
    const { app, errors } = createTestApp({
      pages: { '/': { default: blank } },
      before: (app) => app.use(express.json()),
      after(app, site) {
        app.get('/status/:status', (req, _res, next) =>
          next(Object.assign(new Error('of a route'), { statusCode: Number(req.params.status) })),
        )
        app.use(site.errorHandler)
      },
    })

    const malformed = await request(app)
      .post('/')
      .set('Content-Type', 'application/json')
      .send('{')
      .expect(400)
    expect(malformed.text).toContain('Bad Request')
    await request(app).get('/status/403').expect(403)
    expect(errors).toEqual([])
    for (const odd of ['200', '99', '1000', 'NaN']) await request(app).get(`/status/${odd}`).expect(500)
    expect(errors).toHaveLength(4)
  })

  it("'next' and site.errorHandler together answer with the 500 page, and tell of an error once", async () => {
    const { app, errors } = createTestApp({
      pages: { ...failing, '/500': { default: () => <h1>Sorry</h1> } },
      options: { errors: 'next' },
      after: (app, site) => app.use(site.errorHandler),
    })

    expect(readRoot((await request(app).get('/data').expect(500)).text)).toBe('<h1>Sorry</h1>')
    expect(errors).toEqual([broken])
  })
})
