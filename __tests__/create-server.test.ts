import http, { IncomingMessage, ServerResponse, type RequestListener } from 'node:http'
import https from 'node:https'
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import compression from 'compression'
import cookieParser from 'cookie-parser'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import session from 'express-session'
import { createServer } from 'pagepress'
import { createCertificate } from './support/certificate.js'
import { expressVersions } from './support/express.js'
import { failOnConsole } from './support/console.js'
import { serve, stopServers } from './support/serve.js'

failOnConsole()
afterEach(stopServers)

describe.each(expressVersions)('createServer on %s', (_name, createApp) => {
  const start = (app: Express) => serve(createServer(app))

  it("makes requests and responses with the application's own prototypes", async () => {
    const app = createApp()
    const before: unknown[] = []
    const handle = app as unknown as RequestListener
    const server = createServer(
      Object.assign(
        ((req, res) => {
          before.push(Object.getPrototypeOf(req), Object.getPrototypeOf(res))
          handle(req, res)
        }) as RequestListener,
        { request: app.request, response: app.response },
      ),
    )
    app.get('/', (req, res) => {
      before.push(Object.getPrototypeOf(req), Object.getPrototypeOf(res))
      expect(req).toBeInstanceOf(IncomingMessage)
      expect(res).toBeInstanceOf(ServerResponse)
      res.send('ok')
    })
    const { ask } = await serve(server)

    expect((await ask('/')).body).toBe('ok')
    expect(before).toHaveLength(4)
    expect(before[0]).toBe(app.request)
    expect(before[1]).toBe(app.response)
    expect(before[2]).toBe(app.request)
    expect(before[3]).toBe(app.response)
  })

  it('answers as app.listen does, with the usual middlewares', async () => {
    const app = createApp()
    app.use(session({ secret: 'test', resave: false, saveUninitialized: true }) as unknown as RequestHandler)
    app.use(express.json(), express.urlencoded({ extended: false }))
    app.use(cookieParser() as RequestHandler)
    app.use(compression({ threshold: 0 }))
    const inner = createApp()
    inner.get('/deep', (req, res) => void res.json({ baseUrl: req.baseUrl, same: req.app === inner }))
    app.use('/inner', inner)
    app.all('/echo', (req, res) => {
      res.cookie('seen', '1').json({
        method: req.method,
        body: (req.body as unknown) ?? null,
        cookies: req.cookies as unknown,
        query: req.query,
        session: 'session' in req,
        xhr: req.xhr,
      })
    })
    app.get('/fail', () => {
      throw new Error('of a route')
    })
    app.get('/stream', (_req, res) => {
      res.write('a')
      setImmediate(() => res.end('b'))
    })
    app.get('/file', (_req, res) => res.sendFile('package.json', { root: process.cwd() }))
    app.use(
      ((error: Error, _req, res, _next) => void res.status(500).send(error.message)) as ErrorRequestHandler,
    )
    const [fast, plain] = [await start(app), await serve(app)]
    const json = { 'content-type': 'application/json', cookie: 'b=2' }

    for (const [path, options] of [
      ['/echo?a=1&a=2', {}],
      ['/echo', { method: 'POST', headers: json, body: '{"a":1}' }],
      [
        '/echo',
        {
          method: 'POST',
          headers: { ...json, 'content-type': 'application/x-www-form-urlencoded' },
          body: 'a=1',
        },
      ],
      ['/echo', { method: 'POST', headers: json, body: '{' }],
      ['/inner/deep', {}],
      ['/fail', {}],
      ['/missing', {}],
      ['/stream', {}],
      ['/file', {}],
      ['/echo', { method: 'HEAD' }],
      ['/file', { method: 'HEAD' }],
      ['/file', { headers: { range: 'bytes=0-3' } }],
    ] as const) {
      const [mine, theirs] = [await fast.ask(path, options), await plain.ask(path, options)]
      const comparable = ({
        status,
        headers: { date: _date, 'set-cookie': cookies, ...headers },
        body,
      }: typeof mine) => ({
        status,
        headers,
        cookies: cookies?.length,
        body,
      })
      expect(comparable(mine)).toEqual(comparable(theirs))
    }
    expect((await fast.ask('/fail')).status).toBe(500)
    expect((await fast.ask('/echo', { method: 'HEAD' })).body).toBe('')
  })

  it('serves HTTPS when it is given a key', async () => {
    const app = createApp()
    app.get('/', (req, res) => {
      expect(Object.getPrototypeOf(req)).toBe(app.request)
      res.json({ protocol: req.protocol, secure: req.secure })
    })
    const server = createServer(app, createCertificate())
    expect(server).toBeInstanceOf(https.Server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const [response] = (await once(
      https.get({ port, host: '127.0.0.1', rejectUnauthorized: false, agent: false }),
      'response',
    )) as [http.IncomingMessage]
    let text = ''
    for await (const chunk of response) text += chunk
    server.close()

    expect(JSON.parse(text)).toEqual({ protocol: 'https', secure: true })
  })

  it('takes the options of node:http', () => {
    const server = createServer(createApp(), { keepAliveTimeout: 1234, maxHeaderSize: 9_000 })

    expect(server).toBeInstanceOf(http.Server)
    expect(server.keepAliveTimeout).toBe(1234)
  })

  it('leaves upgrades to whoever listens for them', async () => {
    const app = createApp()
    app.get('/', (_req, res) => void res.send('ok'))
    const { port, server } = await start(app)
    expect(server.listenerCount('upgrade')).toBe(0)
    server.on('upgrade', (req, socket) => {
      expect(req.url).toBe('/socket')
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: test\r\nConnection: Upgrade\r\n\r\nhello')
    })
    const socket = connect(port, '127.0.0.1')
    socket.write('GET /socket HTTP/1.1\r\nHost: x\r\nUpgrade: test\r\nConnection: Upgrade\r\n\r\n')
    let text = ''
    for await (const chunk of socket) text += chunk

    expect(text).toMatch(/^HTTP\/1.1 101 .*hello$/s)
  })

  it('refuses a request that is none, like any server', async () => {
    const { port } = await start(createApp())
    const socket = connect(port, '127.0.0.1')
    socket.write('nonsense\r\n\r\n')
    let text = ''
    for await (const chunk of socket) text += chunk

    expect(text).toMatch(/^HTTP\/1.1 400 /)
  })

  it('serves several requests on one connection, and those of other servers of the same app', async () => {
    const app = createApp()
    let count = 0
    app.get('/', (_req, res) => void res.send(String(++count)))
    const { port } = await start(app)
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const get = () =>
      new Promise<string>((resolve, reject) => {
        http
          .get({ port, host: '127.0.0.1', agent }, (res) => {
            let text = ''
            res.on('data', (chunk) => (text += chunk))
            res.on('end', () => resolve(text))
          })
          .on('error', reject)
      })

    expect([await get(), await get(), await get()]).toEqual(['1', '2', '3'])
    agent.destroy()
    expect((await (await serve(app)).ask('/')).body).toBe('4')
  })
})

it.each([undefined, null, () => {}, {}, 'app'])('createServer refuses %p, and says what it takes', (app) => {
  expect(() => createServer(app as never)).toThrow(
    /createServer\(\) takes an Express application: `createServer\(express\(\)\)`/,
  )
})
