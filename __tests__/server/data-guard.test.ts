import { jest } from '@jest/globals'
import express5, { type Express, type RequestHandler } from 'express'
import express4 from 'express4'
import http from 'node:http'
import request from 'supertest'
import { matchRoute } from '../../lib/routing/match.js'
import { createRouteTable } from '../../lib/routing/table.js'
import { guardData, type GuardedParts } from '../../lib/server/data-guard.js'
import { serve, stopServers } from '../support/serve.js'

afterEach(stopServers)

const routes = createRouteTable(
  ['/', '/admin', '/admin/users', '/isr/[slug]', '/index/x'].map((route) => ({
    route,
    file: '',
    value: route,
  })),
)

function isPageUrl(pagePath: string): boolean {
  return matchRoute(routes, pagePath)?.pathname === pagePath
}

/** A site of a few pages that answers with what it sees. */
function createSite(parts: Partial<GuardedParts> = {}): RequestHandler {
  return guardData({
    isPageUrl,
    serve(page, { req, res, next }) {
      if (!page || !isPageUrl(page.pathname)) return next()
      const { originalUrl, url, baseUrl, path } = req
      res.json({ secret: page.pathname, as: page.representation, originalUrl, url, baseUrl, path })
    },
    refuse: (_req, res) => void res.status(404).json({ notFound: true }),
    ...parts,
  })
}

const passOn: RequestHandler = (_req, _res, next) => next()

/** A guard that lets nobody pass and counts its calls. */
function createGuard() {
  const seen: string[] = []
  const guard: RequestHandler = (req, res) => {
    seen.push(req.originalUrl)
    res.status(401).json({ denied: true })
  }
  return { guard, seen }
}

describe.each([
  ['Express 4', express4],
  ['Express 5', express5],
])('guardData on %s', (_, express) => {
  it('gives a data request to a guard of its page, under the page URL', async () => {
    const app = express()
    const seen: unknown[] = []
    app.use('/admin', (req, res) => {
      seen.push({
        originalUrl: req.originalUrl,
        url: req.url,
        baseUrl: req.baseUrl,
        path: req.path,
        query: { ...req.query },
      })
      res.status(401).end()
    })
    app.use(createSite())
    await request(app).get('/_data/admin/users.json?a=1').expect(401)
    await request(app).post('/_data/admin.json').expect(401)
    await request(app).head('/_data/admin.json').expect(401)
    expect(seen).toEqual([
      {
        originalUrl: '/admin/users?a=1',
        url: '/users?a=1',
        baseUrl: '/admin',
        path: '/users',
        query: { a: '1' },
      },
      { originalUrl: '/admin', url: '/', baseUrl: '/admin', path: '/', query: {} },
      { originalUrl: '/admin', url: '/', baseUrl: '/admin', path: '/', query: {} },
    ])
  })

  it.each<[string, (app: Express, guard: RequestHandler) => unknown]>([
    ['app.use(path)', (app, guard) => app.use('/admin', guard)],
    [
      'app.use() that reads req.path',
      (app, guard) => app.use((q, s, n) => (q.path.startsWith('/admin') ? guard(q, s, n) : n())),
    ],
    [
      'app.use() that reads req.url',
      (app, guard) => app.use((q, s, n) => (q.url.startsWith('/admin') ? guard(q, s, n) : n())),
    ],
    [
      'app.use() that reads req.originalUrl',
      (app, guard) => app.use((q, s, n) => (q.originalUrl.startsWith('/admin') ? guard(q, s, n) : n())),
    ],
    ['app.all(path)', (app, guard) => app.all('/admin', guard)],
    ['app.get(path)', (app, guard) => app.get('/admin', guard)],
    ['app.get(regular expression)', (app, guard) => app.get(/^\/admin/, guard)],
    ['a router', (app, guard) => app.use(express.Router().use('/admin', guard))],
    ['a mounted application', (app, guard) => app.use('/admin', express().use(guard))],
  ])('holds for a guard by %s', async (_name, mountGuard) => {
    const app = express()
    const { guard, seen } = createGuard()
    mountGuard(app, guard)
    app.use(createSite())
    await request(app).get('/_data/admin.json').expect(401)
    await request(app).get('/admin').expect(401)
    expect(seen).toEqual(['/admin', '/admin'])
    const open = await request(app).get('/_data/isr/a.json').expect(200)
    expect(open.body.secret).toBe('/isr/a')
  })

  it('shows its site what the client sent', async () => {
    const app = express().use('/shop', createSite()).use(createSite())
    const data = await request(app).get('/_data/admin.json?x=%20').expect(200)
    expect(data.body).toEqual({
      secret: '/admin',
      as: 'data',
      originalUrl: '/_data/admin.json?x=%20',
      url: '/_data/admin.json?x=%20',
      baseUrl: '',
      path: '/_data/admin.json',
    })
    const below = await request(app).get('/shop/_data/index.json?x').expect(200)
    expect(below.body).toMatchObject({
      secret: '/',
      as: 'data',
      originalUrl: '/shop/_data/index.json?x',
      url: '/_data/index.json?x',
      baseUrl: '/shop',
    })
  })

  it('leaves data URLs alone that belong to no page of ours', async () => {
    const app = express()
    const seen: string[] = []
    app.use((req, _res, next) => {
      seen.push(`${req.originalUrl} ${req.url}`)
      next()
    })
    app.use(createSite())
    app.use((req, res) => void res.send(`the app: ${req.url}`))
    for (const path of [
      '/_data/other.json',
      '/_data/admin',
      '/_data/%61dmin.json',
      '/_data//admin.json',
      '/x/_data/admin.json',
    ]) {
      const { text } = await request(app).get(path).expect(200)
      expect(text).toBe(`the app: ${path}`)
      expect(seen.pop()).toBe(`${path} ${path}`)
    }
  })

  it('gives back the URLs that the layers before it saw when it calls next()', async () => {
    const app = express()
    const seen: string[] = []
    const note: RequestHandler = (req, _res, next) => {
      seen.push([req.originalUrl, req.url, req.path, req.baseUrl].join(' '))
      next()
    }
    app.use(note)
    app.use('/shop', createSite({ serve: (_page, { next }) => next() }))
    app.use(note)
    for (const path of [
      '/shop',
      '/shop/admin',
      '/shop/_data/index.json?x',
      '/shop/_data/admin.json',
      '/admin?x=1',
    ]) {
      await request(app).get(path).expect(404)
      const [before, after] = seen.splice(0)
      expect(after).toBe(before)
    }
  })

  it('shows the true URL to what runs when the response ends', async () => {
    const app = express()
    const logged: string[] = []
    app.use((req, res, next) => {
      res.on('finish', () => logged.push(`${req.originalUrl} ${req.baseUrl}${req.url}`))
      next()
    })
    app.use('/admin', createGuard().guard)
    app.use(createSite())
    await request(app).get('/_data/admin/users.json?x').expect(401)
    await request(app).get('/_data/isr/a.json').expect(200)
    expect(logged).toEqual([
      '/_data/admin/users.json?x /_data/admin/users.json?x',
      '/_data/isr/a.json /_data/isr/a.json',
    ])
  })

  it('follows a page whose URL the app rewrites', async () => {
    const app = express()
    app.use((req, _res, next) => {
      if (req.path === '/admin') req.url = req.url.replace('/admin', '/isr/b')
      next()
    })
    app.use(createSite())
    const page = await request(app).get('/admin?x').expect(200)
    expect(page.body).toMatchObject({ secret: '/isr/b', as: 'document' })
    const data = await request(app).get('/_data/admin.json?x').expect(200)
    expect(data.body).toMatchObject({
      secret: '/isr/b',
      as: 'data',
      url: '/_data/isr/b.json?x',
      originalUrl: '/_data/admin.json?x',
    })
  })

  it('waits for a site that is not ready', async () => {
    const app = express()
    const { guard, seen } = createGuard()
    app.use('/admin', guard)
    app.use(createSite({ isPageUrl: async (path) => isPageUrl(path) }))
    await request(app).get('/_data/admin.json').expect(401)
    await request(app).get('/_data/other.json').expect(404)
    await request(app).get('/_data/isr/a.json').expect(200)
    expect(seen).toEqual(['/admin'])
  })

  it('takes a page that cannot be looked up for none of ours', async () => {
    const failures: (() => boolean | Promise<boolean>)[] = [
      () => {
        throw new Error('start failed')
      },
      () => Promise.reject(new Error('start failed')),
    ]
    for (const fail of failures) {
      const serve: GuardedParts['serve'] = (_page, { res }) => void res.status(503).end()
      await request(express().use(createSite({ isPageUrl: fail, serve })))
        .get('/_data/admin.json')
        .expect(503)
    }
  })

  describe('mounted', () => {
    type Mount = (app: Express, site: RequestHandler) => unknown

    it.each<[string, string, Mount]>([
      ['at a path', '/shop', (app, site) => app.use('/shop', site)],
      ['at a path with a slash', '/shop', (app, site) => app.use('/shop/', site)],
      ['at one of several paths', '/b', (app, site) => app.use(['/a', '/b'], site)],
      ['twice', '/b', (app, site) => app.use('/a', site).use('/b', site)],
      ['behind other handlers', '/shop', (app, site) => app.use('/shop', [passOn, site])],
      ['in an application', '/a/b', (app, site) => app.use('/a', express().use('/b', site))],
      [
        'in an application mounted before',
        '/a/b',
        (app, site) => {
          const inner = express()
          app.use('/a', inner)
          inner.use('/b', site)
        },
      ],
      [
        'three applications deep, from the inside out',
        '/a/b/c',
        (app, site) => {
          const [outer, inner] = [express(), express()]
          inner.use('/c', site)
          outer.use('/b', inner)
          app.use('/a', outer)
        },
      ],
      ['in a router', '/a/b', (app, site) => app.use('/a', express.Router().use('/b', site))],
      [
        'in routers in routers',
        '/a/b/c',
        (app, site) => app.use('/a', express.Router().use('/b', express.Router().use('/c', site))),
      ],
      [
        'in a router in an application',
        '/a/b',
        (app, site) => app.use('/a', express().use(express.Router().use('/b', site))),
      ],
      ['at a parameter', '/tenant-1', (app, site) => app.use('/:tenant', site)],
      [
        'at a parameter of a router',
        '/t/x',
        (app, site) => app.use('/t', express.Router().use('/:tenant', site)),
      ],
      ['at a regular expression', '/shop7', (app, site) => app.use(/^\/shop\d/, site)],
      ['in another case', '/SHOP', (app, site) => app.use('/shop', site)],
      [
        'in an application that Express is not told of',
        '',
        (app, site) => app.use(lazily(express().use(site))),
      ],
      ['in such a one, below a path', '/a', (app, site) => app.use('/a', lazily(express().use(site)))],
    ])('%s it is guarded from the first request on', async (name, mount, mountSite) => {
      const app = express()
      const { guard, seen } = createGuard()
      let rounds = 0
      app.use((_req, _res, next) => {
        rounds += 1
        next()
      })
      app.use(`${mount}/admin`, guard)
      mountSite(app, createSite())
      await request(app).get(`${mount}/_data/admin/users.json?x`).expect(401)
      expect(seen).toEqual([`${mount}/admin/users?x`])
      // A mount that no event told of costs the first data request a second round, and no later one.
      expect(rounds).toBe(/router|parameter|regular|another case|not told|such a one/.test(name) ? 2 : 1)
      rounds = 0
      const open = await request(app).get(`${mount}/_data/isr/a.json`).expect(200)
      expect(open.body).toMatchObject({
        secret: '/isr/a',
        as: 'data',
        baseUrl: mount,
        url: '/_data/isr/a.json',
      })
      expect(rounds).toBe(1)
      await request(app).get(`${mount}/isr/a`).expect(200)
      await request(app).get(`${mount}/admin`).expect(401)
      const root = await request(app).get(`${mount}/_data/index.json`).expect(200)
      expect(root.body).toMatchObject({ secret: '/', as: 'data' })
    })

    function lazily(inner: Express): RequestHandler {
      return (req, res, next) => inner(req, res, next)
    }

    it('keeps to its own mount', async () => {
      const app = express().use('/shop', createSite())
      app.use((req, res) => void res.send(req.url))
      for (const path of [
        '/_data/admin.json',
        '/shopx/_data/admin.json',
        '/x/shop/_data/admin.json',
        '/shop%2F_data/admin.json',
      ]) {
        expect((await request(app).get(path)).text).toBe(path)
      }
    })

    it('learns a mount in the middle of other requests without running a layer twice', async () => {
      const app = express()
      const counts: Record<string, number> = {}
      app.use((req, _res, next) => {
        counts[req.originalUrl] = (counts[req.originalUrl] ?? 0) + 1
        setTimeout(next, 5)
      })
      app.use('/:tenant', createSite())
      const paths = Array.from({ length: 20 }, (__, n) => `/t${n}/isr/${n}`)
      const bodies = await Promise.all(
        paths.map(async (path) => (await request(app).get(path).expect(200)).body),
      )
      expect(bodies.map((body, n) => body.secret === `/isr/${n}`)).not.toContain(false)
      expect(Object.values(counts)).toEqual(paths.map(() => 1))
    })

    it('forgets the oldest of very many learned mounts, and learns it again', async () => {
      const app = express()
      const { guard, seen } = createGuard()
      app.use('/:tenant/admin', guard)
      app.use('/:tenant', createSite())
      const { ask } = await serve(app)
      for (let n = 0; n < 1_100; n += 1) await ask(`/t${n}/isr/a`)
      for (const tenant of ['t0', 't1099', 't0'])
        expect((await ask(`/${tenant}/_data/admin.json`)).status).toBe(401)
      expect(seen).toHaveLength(3)
    })
  })

  describe('refuses a data request', () => {
    it('whose target no guard reads as the page', async () => {
      const app = express()
      const { guard } = createGuard()
      app.use('/admin', guard)
      app.use(createSite())
      const { ask } = await serve(app)
      for (const target of [
        'http://evil.test/_data/admin.json',
        '/_data/admin.json#x',
        'HTTP://evil/_data/admin/users.json?x',
      ]) {
        expect([target, (await ask(target)).status]).toEqual([target, 404])
      }
      expect((await ask('http://evil.test/admin')).status).toBe(401)
    })

    it('that came by another way than the application knows', async () => {
      const { guard } = createGuard()
      const app = express().use('/admin', guard).use(createSite())
      // Somebody in front has changed the URL: which one the guards should see nobody can tell.
      const server = http.createServer((req, res) => {
        Object.assign(req, { originalUrl: req.url, url: req.url?.replace('/front', '') })
        app(req as never, res as never)
      })
      const refused = await request(server).get('/front/_data/admin.json')
      expect(refused.status).toBe(404)
      expect(refused.body).toEqual({ notFound: true })
      await request(server).get('/front/admin').expect(401)
    })

    it('where no application is found', async () => {
      const site = createSite()
      const server = http.createServer(
        (req, res) => void site(withJson(req), withJson(res), () => res.end('next')),
      )
      expect((await request(server).get('/_data/admin.json')).status).toBe(404)
      expect((await request(server).get('/_data/other.json')).text).toBe('next')
    })

    function withJson(message: object): never {
      return Object.assign(message, {
        status: (code: number) => withJson(Object.assign(message, { statusCode: code })),
        json: (body: unknown) => (message as http.ServerResponse).end(JSON.stringify(body)),
      }) as never
    }
  })

  it('lets two sites share a mount', async () => {
    const app = express()
    const { guard, seen } = createGuard()
    app.use(createSite({ isPageUrl: (path) => path === '/isr/b', serve: onlyPage('/isr/b') }))
    app.use('/admin', guard)
    app.use(createSite())
    await request(app).get('/_data/admin.json').expect(401)
    expect(seen).toEqual(['/admin'])
    expect((await request(app).get('/_data/isr/a.json')).body).toMatchObject({ secret: '/isr/a', as: 'data' })
    expect((await request(app).get('/_data/isr/b.json')).body).toEqual({ first: '/isr/b', as: 'data' })
  })

  function onlyPage(path: string): GuardedParts['serve'] {
    return (page, { res, next }) => {
      if (page?.pathname !== path) return next()
      res.json({ first: path, as: page.representation })
    }
  }

  it('passes errors on, from either round', async () => {
    const app = express()
    app.use('/:tenant', createSite({ serve: (_page, { next }) => next(new Error('data failed')) }))
    const failed: string[] = []
    app.use(((error, req, res, _next) => {
      failed.push(`${error.message} ${req.originalUrl}`)
      res.status(500).end()
    }) as express5.ErrorRequestHandler)
    await request(app).get('/t/_data/admin.json').expect(500)
    await request(app).get('/t/admin').expect(500)
    expect(failed).toEqual(['data failed /t/admin', 'data failed /t/admin'])
  })

  it('looks no further into a path than its mounts are long', async () => {
    const app = express().use('/shop', createSite())
    const { ask } = await serve(app)
    const has = jest.spyOn(Set.prototype, 'has')
    const { status } = await ask(`/shop${'/_data/a'.repeat(1_500)}.json`)
    const looked = has.mock.calls.filter(([value]) => String(value).startsWith('/shop')).length
    has.mockRestore()
    expect(status).toBe(404)
    // The mount itself, in the rewriter and in the handler, in both of its sets.
    expect(looked).toBeLessThan(10)
  })
})
