import http2 from 'node:http2'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import compression from 'compression'
import cookieParser from 'cookie-parser'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import session from 'express-session'
import helmet from 'helmet'
import morgan from 'morgan'
import request from 'supertest'
import type { GetServerSidePropsContext } from 'pagepress'
import { createTestApp, type TestAppOptions } from 'pagepress/testing'
import { createCertificate } from '../support/certificate.js'
import { expressVersions } from '../support/express.js'
import { failOnConsole } from '../support/console.js'
import { readPayload } from '../support/page-data.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const blank = () => null

describe.each(expressVersions)('a guest in %s', (_name, createApp) => {
  const create = (
    getServerSideProps: (context: GetServerSidePropsContext) => unknown,
    more: Partial<TestAppOptions>,
  ) =>
    createTestApp({
      pages: {
        '/': { default: blank, getServerSideProps },
        '/static': { default: blank, getStaticProps: () => ({ props: {} }) },
      },
      createApp,
      ...more,
    })

  it('sees the very request and response that the middlewares saw [21.01]', async () => {
    const seen: unknown[] = []
    const { app } = create(
      ({ req, res }) => {
        seen.push(req, res)
        const { user } = req as unknown as { user: string }
        return { props: { user, tenant: res.locals['tenant'] } }
      },
      {
        before: (app) =>
          app.use((req, res, next) => {
            seen.push(req, res)
            Object.assign(req, { user: 'ann' })
            res.locals['tenant'] = 'acme'
            next()
          }),
      },
    )

    const { body } = await request(app).get('/_data/index.json').expect(200)

    expect(body).toEqual({ pageProps: { user: 'ann', tenant: 'acme' } })
    expect(seen).toHaveLength(4)
    expect(seen[2]).toBe(seen[0])
    expect(seen[3]).toBe(seen[1])
  })

  it('has the session, and can write to it [21.01]', async () => {
    type WithSession = { session: { visits?: number } }
    const { app } = create(
      ({ req }) => {
        const { session } = req as unknown as WithSession
        session.visits = (session.visits ?? 0) + 1
        return { props: { visits: session.visits } }
      },
      {
        before: (app) =>
          app.use(
            session({ secret: 'test', resave: false, saveUninitialized: false }) as unknown as RequestHandler,
          ),
      },
    )
    const agent = request.agent(app)

    for (const visits of [1, 2, 3])
      expect(readPayload((await agent.get('/').expect(200)).text).props.pageProps).toEqual({ visits })
  })

  it('lives with the usual middlewares in front of it [21.02]', async () => {
    const lines: string[] = []
    const nonces: unknown[] = []
    const { app } = create(
      ({ req, res }) => {
        nonces.push(res.locals['nonce'])
        return {
          props: { body: (req.body as object) ?? null, cookies: { ...req.cookies }, long: 'x'.repeat(5_000) },
        }
      },
      {
        before(app) {
          app.use(morgan(':method :url :status', { stream: { write: (line) => lines.push(line.trim()) } }))
          app.use((_req, res, next) => ((res.locals['nonce'] = 'n1'), next()))
          app.use(
            helmet({
              contentSecurityPolicy: {
                directives: {
                  'script-src': [
                    "'self'",
                    (_req, res) => `'nonce-${(res as { locals?: { nonce?: string } }).locals?.nonce}'`,
                  ],
                },
              },
            }),
          )
          app.use(compression())
          app.use(cookieParser() as RequestHandler)
          app.use(express.json())
          app.use(express.urlencoded({ extended: false }))
        },
      },
    )
    const { ask } = await serve(app)

    const posted = await ask('/', {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: 'a=1' },
      body: '{"b":2}',
    })
    expect(readPayload(posted.body).props.pageProps).toMatchObject({ body: { b: 2 }, cookies: { a: '1' } })
    expect(posted.headers['content-security-policy']).toContain("'nonce-n1'")
    expect(nonces).toEqual(['n1'])

    const packed = await request(app).get('/').set('Accept-Encoding', 'gzip').expect(200)
    expect(packed.headers['content-encoding']).toBe('gzip')
    expect(readPayload(packed.text).props.pageProps).toHaveProperty('long')
    for (const _time of [1, 2]) {
      const { headers } = await request(app).get('/static').expect(200)
      expect(headers['content-security-policy']).toContain("script-src 'self'")
    }
    await request(app).get('/_data/static.json').expect(200, { pageProps: {} })
    expect(lines).toEqual([
      'POST / 200',
      'GET / 200',
      'GET /static 200',
      'GET /static 200',
      'GET /_data/static.json 200',
    ])
  })

  it('comes after the routes before it, and before those after it [21.03]', async () => {
    const { app } = create(() => ({ props: {} }), {
      before: (app) => app.get('/static', (_req, res) => void res.send('earlier')),
      after(app) {
        app.get('/', (_req, res) => void res.send('never reached'))
        app.get('/later/:id', (req, res) => void res.send(`later ${req.params['id']}`))
      },
    })

    await request(app).get('/static').expect(200, 'earlier')
    expect((await request(app).get('/')).text).toMatch(/^<!DOCTYPE/)
    await request(app).get('/later/1').expect(200, 'later 1')
  })

  it('never brings the process down, whatever fails in it [21.07]', async () => {
    const failures: Record<string, () => unknown> = {
      throws: () => {
        throw new Error('sync')
      },
      rejects: () => Promise.reject(new Error('async')),
      later: async () => {
        await new Promise((resolve) => setImmediate(resolve))
        throw null
      },
      route: () => Promise.reject('route'),
    }
    const caught: unknown[] = []
    for (const errors of ['render', 'next'] as const) {
      const { app } = createTestApp({
        pages: {
          '/[name]': {
            default: blank,
            getServerSideProps: ({ params }: { params: { name: string } }) =>
              failures[params.name]?.() ?? { props: {} },
          },
        },
        createApp,
        options: { errors },
        after: (app) =>
          app.use(((error, _req, res, _next) => {
            caught.push(error)
            res.status(500).send('caught')
          }) as ErrorRequestHandler),
      })
      for (const name of Object.keys(failures)) await request(app).get(`/${name}`).expect(500)
      await request(app).get('/fine').expect(200)
    }
    expect(caught).toEqual([
      new Error('sync'),
      new Error('async'),
      new Error('A page threw null.'),
      new Error('A page threw "route".'),
    ])
  })

  it('knows the protocol and the host that Express trusts [21.04]', async () => {
    const protocolOf = async (trust: boolean) => {
      const { app } = create(({ req }) => ({ props: { origin: `${req.protocol}://${req.hostname}` } }), {
        before: (app) => void app.set('trust proxy', trust),
      })
      const { body } = await request(app)
        .get('/_data/index.json')
        .set('X-Forwarded-Proto', 'https')
        .set('X-Forwarded-Host', 'example.com')
      return (body as { pageProps: { origin: string } }).pageProps.origin
    }

    expect(await protocolOf(true)).toBe('https://example.com')
    expect(await protocolOf(false)).toBe('http://127.0.0.1')
  })

  it('works on an HTTPS server, and on an HTTP/2 server that speaks HTTP/1 with Express [21.04]', async () => {
    const { app } = create(({ req }) => ({ props: { protocol: req.protocol } }), {})
    const certificate = createCertificate()

    for (const server of [
      https.createServer(certificate, app),
      http2.createSecureServer({ ...certificate, allowHTTP1: true }, app as never),
    ]) {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const get = (path: string) =>
        new Promise<string>((resolve, reject) => {
          https
            .get({ port, host: '127.0.0.1', path, rejectUnauthorized: false, agent: false }, (res) => {
              let text = ''
              res.on('data', (chunk) => (text += chunk))
              res.on('end', () => resolve(`${res.statusCode} ${text}`))
            })
            .on('error', reject)
        })
      expect(await get('/_data/index.json')).toBe('200 {"pageProps":{"protocol":"https"}}')
      expect(await get('/static')).toMatch(/^200 <!DOCTYPE/)
      server.close()
    }
  })
})

it('serves HTTP/2 streams where the host hands them over without Express', async () => {
  const { site } = createTestApp({
    pages: { '/': { default: () => <h1>two</h1>, getStaticProps: () => ({ props: {} }) } },
  })
  const server = http2.createServer((req, res) =>
    site(req as never, res as never, (error) => res.end(String(error))),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  try {
    const stream = client.request({ ':path': '/' })
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    let text = ''
    for await (const chunk of stream) text += chunk
    expect(headers[':status']).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(text).toContain('<h1>two</h1>')
  } finally {
    client.close()
    server.close()
  }
})
