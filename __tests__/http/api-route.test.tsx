import express from 'express'
import request from 'supertest'
import type { ApiHandler, ApiRequest, ApiResponse } from 'pagepress'
import { createTestApp, type MemoryPages, type TestAppOptions } from 'pagepress/testing'
import { createClock } from '../support/clock.js'
import { expressVersions } from '../support/express.js'
import { failOnConsole } from '../support/console.js'
import { readPayload } from '../support/page-data.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const blank = () => null
const echo: ApiHandler = ({ method, query, body, cookies }, res) => res.json({ method, query, body, cookies })
const named = (name: string) => ({ default: ((_req, res) => res.send(name)) as ApiHandler })

describe.each(expressVersions)('an API route on %s', (_name, createApp) => {
  const create = (pages: MemoryPages, more: Partial<TestAppOptions> = {}) =>
    createTestApp({ pages, createApp, ...more })

  it('is called for every method [11.01]', async () => {
    const { app } = create({ '/api/echo': { default: echo } })
    const { ask } = await serve(app)

    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const { status, body } = await ask('/api/echo', { method })
      expect([status, (JSON.parse(body) as { method: string }).method]).toEqual([200, method])
    }
    expect(await ask('/api/echo', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
  })

  it('has search and route parameters in the query, the latter winning [11.02]', async () => {
    const { app } = create({ '/api/[id]/[...rest]': { default: echo }, '/api/echo': { default: echo } })

    expect((await request(app).get('/api/1/a/b%2Fc?id=2&x=1&x=2')).body.query).toEqual({
      id: '1',
      rest: ['a', 'b/c'],
      x: ['1', '2'],
    })
    expect((await request(app).get('/api/echo')).body.query).toEqual({})
  })

  it('has cookies, whatever a client sends as such [11.03]', async () => {
    const { app } = create({ '/api/echo': { default: echo } })
    const cookiesOf = async (header: string) =>
      (await request(app).get('/api/echo').set('Cookie', header)).body.cookies

    expect((await request(app).get('/api/echo')).body.cookies).toEqual({})
    expect(await cookiesOf('a=1; b=2')).toEqual({ a: '1', b: '2' })
    expect(await cookiesOf('=; a; %; b=%')).toEqual(expect.objectContaining({ b: '%' }))
  })

  it.each([
    ['application/json', '{"a":1}', { a: 1 }],
    ['application/ld+json', '[1]', [1]],
    ['application/json; charset=utf-8', '"text"', 'text'],
    ['application/json', '', {}],
    ['application/x-www-form-urlencoded', 'a=1&b=x+y', { a: '1', b: 'x y' }],
    ['text/plain', 'plain', 'plain'],
    ['nonsense', 'plain', 'plain'],
  ])('reads a body of %s %j [11.05][11.06][11.10]', async (type, sent, body) => {
    const { app } = create({ '/api/echo': { default: echo } })

    const answer = await request(app).post('/api/echo').set('Content-Type', type).send(sent)

    expect(answer.status).toBe(200)
    expect(answer.body.body).toEqual(body)
  })

  it('reads other bodies as bytes [11.05]', async () => {
    let body: unknown
    const { app } = create({
      '/api/x': { default: ((req, res) => ((body = req.body), res.end())) as ApiHandler },
    })

    await request(app)
      .post('/api/x')
      .set('Content-Type', 'image/png')
      .send(Buffer.from([1, 2]))

    expect(body).toEqual(Buffer.from([1, 2]))
  })

  it('refuses JSON that is none [11.06]', async () => {
    const { app, errors } = create({ '/api/echo': { default: echo } })

    await request(app)
      .post('/api/echo')
      .set('Content-Type', 'application/json')
      .send('{"a":')
      .expect(400, 'Invalid JSON')
    expect(errors).toEqual([])
  })

  it('refuses a body above its limit, and says which [11.07]', async () => {
    const { app } = create({
      '/api/echo': { default: echo },
      '/api/small': { default: echo, config: { api: { bodyParser: { sizeLimit: '5b' } } } },
      '/api/large': { default: echo, config: { api: { bodyParser: { sizeLimit: '2mb' } } } },
    })
    const post = (path: string, bytes: number) =>
      request(app).post(path).set('Content-Type', 'text/plain').send('x'.repeat(bytes))

    await post('/api/echo', 1024 * 1024 + 1).expect(413, 'Body exceeded 1mb limit')
    await post('/api/echo', 1024 * 1024).expect(200)
    await post('/api/small', 6).expect(413, 'Body exceeded 5b limit')
    await post('/api/large', 1024 * 1024 + 1).expect(200)
  })

  it('reads its body itself with bodyParser: false [11.08]', async () => {
    const handler: ApiHandler = async (req, res) => {
      const seen: unknown = req.body
      const chunks: Buffer[] = []
      for await (const chunk of req) chunks.push(chunk as Buffer)
      res.json({ seen: seen ?? null, raw: Buffer.concat(chunks).toString() })
    }
    const { app } = create({ '/api/raw': { default: handler, config: { api: { bodyParser: false } } } })

    await request(app).post('/api/raw').send({ a: 1 }).expect(200, { seen: null, raw: '{"a":1}' })
  })

  it('keeps a body that the app has read [11.09]', async () => {
    const { app } = create(
      { '/api/echo': { default: echo } },
      {
        before: (app) =>
          app.use(express.json({ reviver: (_key, value) => (value === 1 ? 'theirs' : value) })),
      },
    )

    expect((await request(app).post('/api/echo').send({ a: 1 })).body.body).toEqual({ a: 'theirs' })
  })

  it('has no body where none was sent [11.11]', async () => {
    const { app } = create({ '/api/echo': { default: echo } })

    expect((await request(app).get('/api/echo')).body).not.toHaveProperty('body.length')
    await request(app).get('/api/echo').expect(200)
  })

  it("has Express's own response [11.12][11.20]", async () => {
    const { app } = create({
      '/api/json': { default: ((_req, res) => res.status(201).json({ é: 1 })) as ApiHandler },
    })

    const { status, headers, body } = await request(app).get('/api/json')

    expect([status, body]).toEqual([201, { é: 1 }])
    expect(headers['content-type']).toBe('application/json; charset=utf-8')
    expect(headers).not.toHaveProperty('cache-control')
  })

  it('that fails is a 500, and the server goes on [11.21]', async () => {
    const { app, errors } = create({
      '/api/fail': {
        default: (async () => {
          throw new Error('secret')
        }) as ApiHandler,
      },
      '/api/ok': named('ok'),
    })

    const { text } = await request(app).get('/api/fail').expect(500)

    expect(text).toContain('Internal Server Error')
    expect(text).not.toContain('secret')
    expect(errors).toEqual([new Error('secret')])
    await request(app).get('/api/ok').expect(200)
  })

  it('without a function to call says so [11.26]', async () => {
    const { app, errors } = create({ '/api/none': { handler: echo } })

    await request(app).get('/api/none').expect(500)
    expect(String(errors[0])).toMatch(
      /`pages\/api\/none\.tsx` does not export a handler.*Resolver is not a function/,
    )
  })

  it('is found by the rules of pages [11.27][11.28]', async () => {
    const { app } = create(
      {
        '/api': named('root'),
        '/api/users': named('users'),
        '/api/[id]': named('id'),
        '/api/deep/[...all]': named('all'),
        '/api/deep/one': named('one'),
        '/api/blog/[post]': named('post'),
        '/api/opt/[[...rest]]': named('rest'),
      },
      { options: { fallthrough: false } },
    )

    for (const [path, name] of [
      ['/api', 'root'],
      ['/api/users', 'users'],
      ['/api/7', 'id'],
      ['/api/deep/x/y', 'all'],
      ['/api/deep/one', 'one'],
      ['/api/blog/543', 'post'],
      ['/api/opt', 'rest'],
      ['/api/opt/a/b', 'rest'],
    ] as const)
      await request(app).get(path).expect(200, name)
    await request(app).get('/api/blog/543/comment').expect(404)
  })

  it('is the only thing below /api: names that begin like it are pages [1.09]', async () => {
    const { app } = create({
      '/api-docs/x': { default: () => <h1>docs</h1> },
      '/api-conflict': { default: () => <h1>conflict</h1> },
      '/api/x': named('api'),
    })

    for (const path of ['/api-docs/x', '/api-conflict']) {
      const { text } = await request(app).get(path).expect(200)
      expect(readPayload(text).page).toBe(path)
    }
    await request(app).get('/api/x').expect(200, 'api')
  })
})

describe('res.revalidate', () => {
  const start = (run: (call: number, context: object) => unknown, more: MemoryPages = {}) => {
    let calls = 0
    const clock = createClock()
    const handler = async (req: ApiRequest, res: ApiResponse) => {
      await res.revalidate(String(req.query['path']))
      res.json({ done: true })
    }
    const test = createTestApp({
      pages: {
        '/p': { default: blank, getStaticProps: (context: object) => run(++calls, context) },
        '/api/refresh': { default: handler },
        ...more,
      },
      now: clock.now,
    })
    const refresh = (path = '/p') => request(test.app).get(`/api/refresh?path=${encodeURIComponent(path)}`)
    const props = async () =>
      readPayload((await request(test.app).get('/p').expect(200)).text).props.pageProps
    return { ...test, refresh, props, clock }
  }

  it('has the new page in place when it resolves [7.27][11.17]', async () => {
    const { app, refresh, props } = start((call) => ({ props: { call } }))
    expect(await props()).toEqual({ call: 1 })

    await refresh().expect(200)

    expect(await props()).toEqual({ call: 2 })
    expect((await request(app).get('/p')).headers['cache-status']).toBe('pagepress; hit')
  })

  it('tells getStaticProps why, and nothing of a preview [7.31]', async () => {
    const contexts: object[] = []
    const { refresh, props } = start((_call, context) => (contexts.push(context), { props: {} }))
    await props()
    await refresh().set('Cookie', '__pagepress_draft=x; __pagepress_preview=y')

    expect(contexts).toEqual([{ revalidateReason: 'stale' }, { revalidateReason: 'on-demand' }])
  })

  it('makes the page a 404, or leaves it and rejects when it fails [7.32]', async () => {
    const { app, refresh, props, errors } = start((call) => {
      if (call === 2) throw new Error('source down')
      return call === 3 ? { notFound: true } : { props: { call } }
    })
    await props()

    await refresh().expect(500)
    expect(errors).toEqual([new Error('source down')])
    expect(await props()).toEqual({ call: 1 })

    await refresh().expect(200)
    const { headers } = await request(app).get('/p').expect(404)
    expect(headers['cache-status']).toBe('pagepress; hit')
  })
})
