import type { ErrorRequestHandler, Request, RequestHandler } from 'express'
import request from 'supertest'
import type { ApiHandler } from 'pagepress'
import { createTestApp, type MemoryPages, type TestAppOptions } from 'pagepress/testing'
import { expressVersions } from '../support/express.js'
import { failOnConsole } from '../support/console.js'
import { readRoot } from '../support/page-data.js'

failOnConsole()

const DYN = 'private, no-cache, no-store, max-age=0, must-revalidate'
const SECRET = 'the secret of the house'

const Show = (props: object) => <p>{JSON.stringify(props)}</p>

/** Lets only those through who bring a header. */
const requireUser: RequestHandler = (req, res, next) =>
  req.get('X-User') ? next() : void res.status(401).type('text').send('who are you?')

const props = () => ({ props: { secret: SECRET } })

describe.each(expressVersions)('export const middleware on %s', (_name, createApp) => {
  const create = (pages: MemoryPages, more: Partial<TestAppOptions> = {}) =>
    createTestApp({ pages, createApp, ...more })
  const ask = ({ app }: { app: Parameters<typeof request>[0] }, path: string, user?: string) =>
    request(app)
      .get(path)
      .set(user === undefined ? {} : { 'X-User': user })

  const guarded: MemoryPages = {
    '/server': { default: Show, getServerSideProps: props, middleware: [requireUser] },
    '/static': { default: Show, getStaticProps: props, middleware: [requireUser] },
    '/isr': { default: Show, getStaticProps: () => ({ ...props(), revalidate: 1 }), middleware: requireUser },
    '/plain': { default: () => <p>{SECRET}</p>, middleware: requireUser },
    '/blog/[slug]': {
      default: Show,
      getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
      getStaticProps: props,
      middleware: [[requireUser]],
    },
    '/shell/[slug]': {
      default: Show,
      getStaticPaths: () => ({ paths: [], fallback: true }),
      getStaticProps: props,
      middleware: [requireUser],
    },
    '/all/[[...rest]]': { default: () => <p>{SECRET}</p>, middleware: [requireUser] },
  }

  it.each([
    ['/server'],
    ['/static'],
    ['/isr'],
    ['/plain'],
    ['/blog/a'],
    ['/shell/a'],
    ['/all'],
    ['/all/a/b'],
  ])('stands in front of %s and its data, cold and from memory', async (path) => {
    const test = create(guarded)

    for (const round of ['cold', 'warm']) {
      for (const url of [path, `/_data${path}.json`]) {
        const refused = await ask(test, url)
        expect([round, url, refused.status, refused.text]).toEqual([round, url, 401, 'who are you?'])
        expect((await request(test.app).head(url)).status).toBe(401)
      }
      const { status, headers } = await ask(test, path, 'me')
      expect(status).toBe(200)
      // A cache on the way would let everybody in.
      expect(headers['cache-control']).toBe(DYN)
      await ask(test, `/_data${path}.json`, 'me')
    }
  })

  it('leaves what is kept in place: a hit runs the chain and nothing else', async () => {
    let calls = 0
    let passed = 0
    const count: RequestHandler = (_req, _res, next) => (passed++, next())
    const test = create({
      '/p': { default: Show, getStaticProps: () => ({ props: { calls: ++calls } }), middleware: [count] },
    })

    await ask(test, '/p').expect(200)
    const { headers } = await ask(test, '/p').expect(200)

    expect([calls, passed, headers['cache-status']]).toEqual([1, 2, 'pagepress; hit'])
  })

  it('runs for its page alone, even where another route would match', async () => {
    const test = create({
      ...guarded,
      '/all/open': { default: () => <p>open</p> },
      '/open': { default: () => <p>open</p> },
    })

    for (const path of ['/open', '/all/open', '/open', '/all/open']) {
      const { headers, text } = await ask(test, path).expect(200)
      expect(readRoot(text)).toBe('<p>open</p>')
      expect(headers['cache-control']).toBe('s-maxage=31536000')
    }
  })

  it('shows the page to its middlewares, whether document or data is asked for, and only to them', async () => {
    const seen: unknown[] = []
    const before: unknown[] = []
    const look = (req: Request) => [req.url, req.originalUrl, req.path, req.baseUrl, req.params]
    const test = create(
      {
        '/blog/[slug]': {
          default: Show,
          getServerSideProps: ({ req }: { req: Request }) => (before.push(req.originalUrl), { props: {} }),
          middleware: [
            (req, _res, next) => (seen.push(look(req)), next()),
            (req, res, next) => (req.query['stop'] ? res.end() : next()),
          ] satisfies RequestHandler[],
        },
      },
      {
        mount: '/shop',
        before: (app) =>
          app.use((req, res, next) => {
            res.once('finish', () => before.push(req.originalUrl))
            next()
          }),
      },
    )

    await ask(test, '/shop/blog/a%2Fb?x=1').expect(200)
    await ask(test, '/shop/_data/blog/a%2Fb.json?x=1').expect(200)
    await ask(test, '/shop/_data/blog/a%2Fb.json?stop=1').expect(200)

    const page = (search: string) => [
      `/blog/a%2Fb${search}`,
      `/shop/blog/a%2Fb${search}`,
      '/blog/a%2Fb',
      '/shop',
      { slug: 'a/b' },
    ]
    expect(seen).toEqual([page('?x=1'), page('?x=1'), page('?stop=1')])
    expect(before).toEqual([
      ...['/shop/blog/a%2Fb?x=1', '/shop/blog/a%2Fb?x=1'],
      ...['/shop/_data/blog/a%2Fb.json?x=1', '/shop/_data/blog/a%2Fb.json?x=1'],
      '/shop/_data/blog/a%2Fb.json?stop=1',
    ])
  })

  it('shares the request with the data function, as middlewares of the app do', async () => {
    const test = create({
      '/p': {
        default: Show,
        getServerSideProps: ({ res }: { res: { locals: { user: string } } }) => ({
          props: { user: res.locals.user },
        }),
        middleware: [
          async (_req, res, next) => {
            await null
            res.locals['user'] = 'Ada'
            next()
          },
        ] satisfies RequestHandler[],
      },
    })

    expect(readRoot((await ask(test, '/p')).text)).toContain('Ada')
  })

  it("next('route') and next('router') pass the page by", async () => {
    const skip =
      (how: string): RequestHandler =>
      (_req, _res, next) =>
        next(how)
    const pages: MemoryPages = {
      '/route': { default: Show, middleware: [skip('route'), requireUser] },
      '/router': { default: Show, middleware: [skip('router')] },
    }
    const after: TestAppOptions['after'] = (app) =>
      app.use((req, res) => void res.status(202).send(`theirs: ${req.originalUrl}`))

    for (const path of ['/route', '/router'])
      await ask(create(pages, { after }), path).expect(202, `theirs: ${path}`)
    // What guards the page stands behind it, too: data that goes on has the page's URL.
    await ask(create(pages, { after }), '/_data/route.json').expect(202, 'theirs: /route')
    await ask(create(pages, { options: { fallthrough: false } }), '/route').expect(404)
  })

  it('hands its errors to the app, unless one of its own handlers takes them', async () => {
    const fail: RequestHandler = () => {
      throw Object.assign(new Error('not today'), { status: 418 })
    }
    const take: ErrorRequestHandler = (error: Error, _req, res, _next) =>
      void res.status(409).send(`taken: ${error.message}`)
    const test = create(
      {
        '/sync': { default: Show, middleware: [fail, requireUser] },
        '/async': { default: Show, middleware: [async () => Promise.reject(new Error('later'))] },
        '/next': { default: Show, middleware: [(_req, _res, next) => next('text')] as RequestHandler[] },
        '/taken': { default: Show, middleware: [fail, requireUser, take] },
        '/unused': { default: Show, middleware: [take] },
      },
      {
        after: (app) => {
          app.use(((error: { message?: string; status?: number }, _req, res, _next) => {
            res.status(error.status ?? 500).send(`app: ${error.message ?? String(error)}`)
          }) as ErrorRequestHandler)
        },
      },
    )

    await ask(test, '/sync').expect(418, 'app: not today')
    await ask(test, '/_data/sync.json').expect(418, 'app: not today')
    await ask(test, '/async').expect(500, 'app: later')
    await ask(test, '/next').expect(500, 'app: text')
    await ask(test, '/taken').expect(409, 'taken: not today')
    await ask(test, '/unused').expect(200)
    expect(test.errors).toEqual([])
  })

  it('that answers and calls next all the same, or twice, or fails after it, harms nobody', async () => {
    let calls = 0
    const test = create({
      '/both': {
        default: Show,
        getServerSideProps: () => ({ props: { calls: ++calls } }),
        middleware: [(_req, res, next) => (res.end('mine'), next())] satisfies RequestHandler[],
      },
      '/twice': {
        default: Show,
        getServerSideProps: () => ({ props: { calls: ++calls } }),
        middleware: [(_req, _res, next) => (next(), next())] satisfies RequestHandler[],
      },
      '/late': {
        default: Show,
        middleware: [
          async (_req, _res, next) => {
            next()
            throw new Error('too late')
          },
        ] satisfies RequestHandler[],
      },
    })

    await ask(test, '/both').expect(200, 'mine')
    expect(calls).toBe(0)
    await ask(test, '/twice').expect(200)
    expect(calls).toBe(1)
    await ask(test, '/late').expect(200)
    expect(test.errors).toEqual([new Error('too late')])
  })

  it('stands in front of an API route, before its body is read', async () => {
    let isRead = true
    const test = create({
      '/api/x': {
        default: (({ body }, res) => res.json(body)) as ApiHandler,
        middleware: [
          (req, _res, next) => ((isRead = req.body !== undefined && req.readableEnded), next()),
          requireUser,
        ] satisfies RequestHandler[],
      },
    })

    await request(test.app).post('/api/x').send({ a: 1 }).expect(401)
    await request(test.app).post('/api/x').set('X-User', 'me').send({ a: 1 }).expect(200, { a: 1 })
    expect(isRead).toBe(false)
  })

  it('stands in front of a route handler whose answer is kept, and makes that private', async () => {
    let calls = 0
    const test = create({
      '/feed': {
        GET: () => new Response(`feed ${++calls}`, { headers: { 'Cache-Control': 'public, max-age=60' } }),
        dynamic: 'force-static',
        middleware: [requireUser],
      },
    })

    for (let round = 0; round < 2; round++) {
      await ask(test, '/feed').expect(401, 'who are you?')
      const { headers } = await ask(test, '/feed', 'me').expect(200, 'feed 1')
      expect(headers['cache-control']).toBe(DYN)
    }
  })

  it.each([
    ['/p', 'text', /`pages\/p\.tsx` exports `middleware` with "text" in it/],
    ['/p', [requireUser, undefined], /`middleware` with undefined in it/],
    ['/404', [requireUser], /`pages\/404\.tsx` exports `middleware`, which never runs/],
  ])(
    'refuses what is no middleware, and pages that have no visitors of their own',
    async (route, middleware, message) => {
      const test = create({ [route]: { default: Show, middleware } }, { options: { fallthrough: false } })

      await ask(test, route).expect(500)
      expect(String(test.errors[0])).toMatch(message)
    },
  )
})
