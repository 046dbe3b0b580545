import http from 'node:http'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import compression from 'compression'
import cookieSession from 'cookie-session'
import cors from 'cors'
import type { ErrorRequestHandler, Express, Request, RequestHandler, Response } from 'express'
import rateLimit from 'express-rate-limit'
import session from 'express-session'
import helmet from 'helmet'
import { createProxyMiddleware } from 'http-proxy-middleware'
import morgan from 'morgan'
import { createTestApp, type MemoryPages } from 'pagepress/testing'
import { expressVersions } from '../support/express.js'
import { failOnConsole } from '../support/console.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const long = 'compress me, é and all. '.repeat(300)
const Long = () => <p>{long}</p>
const stream = (end: (controller: ReadableStreamDefaultController) => void) =>
  new Response(
    new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(long)),
      pull: end,
    }),
    { headers: { 'Content-Type': 'text/plain; charset=utf-8' } },
  )

const pages: MemoryPages = {
  '/plain': { default: Long },
  '/static': { default: Long, getStaticProps: () => ({ props: { long }, revalidate: 60 }) },
  '/server': { default: Long, getServerSideProps: () => ({ props: { long } }) },
  '/short': { default: () => <p>short</p> },
  '/kept': { GET: () => new Response(long, { headers: { 'Content-Type': 'text/css' } }), revalidate: 60 },
  '/stream': { GET: () => stream((controller) => controller.close()) },
  '/moved': {
    default: () => null,
    getStaticProps: () => ({ redirect: { destination: '/plain', permanent: false } }),
  },
  '/gone': { default: Long, getStaticProps: () => ({ notFound: true }) },
  '/fails': {
    default: Long,
    getServerSideProps: () => {
      throw new Error('data')
    },
  },
  '/breaks': { GET: () => stream((controller) => controller.error(new Error('half'))) },
}
const paths = [
  '/plain',
  '/static',
  '/_data/static.json',
  '/server',
  '/short',
  '/kept',
  '/stream',
  '/moved',
  '/gone',
]

interface Raw {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly bytes: Buffer
}

/** Asks as browsers do, for an answer in any coding; rejects where it is not what its head says. */
function ask(port: number, path: string, { method = 'GET', headers = {} } = {}): Promise<Raw> {
  const accepted = { 'Accept-Encoding': 'gzip, deflate, br', ...headers }
  return new Promise((resolve, reject) => {
    http
      .request({ port, host: '127.0.0.1', path, method, headers: accepted, agent: false }, (res) => {
        const chunks: Buffer[] = []
        res.on('data', (chunk: Buffer) => chunks.push(chunk))
        res.on('error', reject)
        res.on('end', () =>
          resolve({ status: res.statusCode!, headers: res.headers, bytes: Buffer.concat(chunks) }),
        )
      })
      .on('error', reject)
      .end()
  })
}

const decoders = { gzip: gunzipSync, br: brotliDecompressSync, deflate: inflateSync }

/** The text of an answer whose coding is one, or none, and whose length is that of its bytes. */
function read({ headers, bytes }: Raw): string {
  const coding = headers['content-encoding']
  if (headers['content-length'] !== undefined) expect(Number(headers['content-length'])).toBe(bytes.length)
  if (coding === undefined || bytes.length === 0) return bytes.toString()
  expect(Object.keys(decoders)).toContain(coding)
  expect(headers['vary']).toMatch(/accept-encoding/i)
  return decoders[coding as keyof typeof decoders](bytes).toString()
}

const options = { secret: 'secret', resave: false, saveUninitialized: true }
const visit: RequestHandler = (req, _res, next) => {
  const { session } = req as Request & { session: { visits?: number } }
  session.visits = (session.visits ?? 0) + 1
  next()
}
const middlewares: Readonly<Record<string, () => RequestHandler[]>> = {
  none: () => [],
  compression: () => [compression({ threshold: 0 })],
  helmet: () => [helmet()],
  'cookie-session': () => [cookieSession({ secret: 'secret' }) as RequestHandler, visit],
  'express-session': () => [session(options) as unknown as RequestHandler, visit],
  morgan: () => [morgan('tiny', { stream: { write: () => {} } })],
  cors: () => [cors({ origin: 'https://a.test', credentials: true })],
  'express-rate-limit': () => [rateLimit({ limit: 1_000, validate: false }) as unknown as RequestHandler],
}
const all = () => Object.values(middlewares).flatMap((create) => create())

/** What becomes of requests outside of everything else. */
function watch(app: Express): { late: string[] } {
  const seen = { late: [] as string[] }
  app.use((_req, res, next) => {
    for (const name of ['setHeader', 'appendHeader', 'removeHeader', 'writeHead'] as const) {
      const own = res[name].bind(res) as (...args: unknown[]) => unknown
      Object.assign(res, {
        [name]: (...args: unknown[]) => {
          if (res.headersSent) seen.late.push(`${name} ${String(args[0])}`)
          return own(...args)
        },
      })
    }
    next()
  })
  return seen
}

function createSite(createApp: () => Express, use: { before?: RequestHandler[]; after?: RequestHandler[] }) {
  const counts = { next: 0, errors: [] as string[] }
  let seen = { late: [] as string[] }
  const test = createTestApp({
    pages,
    createApp,
    options: { errors: 'next' },
    before(app) {
      seen = watch(app)
      for (const one of use.before ?? []) app.use(one)
    },
    after(app) {
      app.use((_req, _res, next) => ((counts.next += 1), next()))
      for (const one of use.after ?? []) app.use(one)
      app.get('/theirs', (_req, res) => void res.type('text').send(long))
      app.use(((error: Error, _req, res, _next) => {
        counts.errors.push(error.message)
        res.status(500).send('caught')
      }) as ErrorRequestHandler)
    },
  })
  return { ...test, counts, late: () => seen.late }
}

describe.each(expressVersions)('beside the middlewares of %s', (_name, createApp) => {
  const plain = new Map<string, { status: number; text: string }>()
  beforeAll(async () => {
    const { port } = await serve(createSite(createApp, {}).app)
    for (const path of [...paths, '/theirs'])
      plain.set(path, await ask(port, path).then((raw) => ({ status: raw.status, text: read(raw) })))
    await stopServers()
  })

  const each = [...Object.entries(middlewares), ['all of them', all] as const]
  const places = each.flatMap(([what, create]) => [
    [`${what} before the site`, () => ({ before: create() })] as const,
    [`${what} after the site`, () => ({ after: create() })] as const,
  ])
  const both = ['all of them before and after', () => ({ before: all(), after: all() })] as const

  it.each([...places, both])(
    '%s: one coding, right lengths, one next, nothing late [S150]',
    async (_what, use) => {
      const { app, counts, errors, late } = createSite(createApp, use())
      const { port } = await serve(app)
      // Cold and kept.
      for (const path of [...paths, ...paths]) {
        const answer = await ask(port, path)
        expect([path, { status: answer.status, text: read(answer) }]).toEqual([path, plain.get(path)])
        const head = await ask(port, path, { method: 'HEAD' })
        expect([path, head.status, head.bytes.length]).toEqual([path, answer.status, 0])
      }
      expect(counts).toEqual({ next: 0, errors: [] })

      const theirs = await ask(port, '/theirs')
      expect({ status: theirs.status, text: read(theirs) }).toEqual(plain.get('/theirs'))
      expect((await ask(port, '/nowhere')).status).toBe(404)
      expect(counts).toEqual({ next: 2, errors: [] })

      expect(read(await ask(port, '/fails'))).toBe('caught')
      expect(counts.errors).toEqual(['data'])
      // Half of this one has been sent: nobody can answer it any more.
      await expect(ask(port, '/breaks')).rejects.toThrow(/aborted|hang up/)
      expect([counts.next, counts.errors, errors.map(String)]).toEqual([
        2,
        ['data'],
        ['Error: data', 'Error: half'],
      ])
      expect(late()).toEqual([])
    },
  )

  it('cookies, preflights and limits of the app are its own [S150]', async () => {
    const limit = rateLimit({ limit: 3, validate: false }) as unknown as RequestHandler
    const { app } = createSite(createApp, {
      before: [...middlewares['cors']!(), ...middlewares['cookie-session']!(), limit],
    })
    const { port } = await serve(app)
    const preflight = await ask(port, '/static', {
      method: 'OPTIONS',
      headers: { Origin: 'https://a.test', 'Access-Control-Request-Method': 'GET' },
    })
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([
      204,
      'https://a.test',
    ])
    for (const visits of [1, 2, 3]) {
      const { status, headers } = await ask(port, '/static')
      expect([visits, status, headers['access-control-allow-origin']]).toEqual([
        visits,
        200,
        'https://a.test',
      ])
      // A session's cookie is one visitor's, and so is the page that carries it.
      expect(headers['set-cookie']).toHaveLength(2)
      expect(headers['cache-control']).toMatch(/^private/)
    }
    expect((await ask(port, '/static')).status).toBe(429)
    expect((await ask(port, '/_data/static.json')).status).toBe(429)
  })

  it('proxies in front, beside and behind change no byte [S150]', async () => {
    const upstream = await serve(createSite(createApp, { before: [compression()] }).app)
    const target = `http://127.0.0.1:${upstream.port}`
    const proxy = createProxyMiddleware<Request, Response>({ target, pathRewrite: { '^/up/': '/' } })
    const behind = proxy as unknown as RequestHandler
    const beside: RequestHandler = (req, res, next) =>
      req.url.startsWith('/up/') ? void behind(req, res, next) : next()
    const host = createTestApp({
      createApp,
      pages: { '/own': { default: Long } },
      before: (app) => void app.use(compression(), beside),
      after: (app) => void app.use(behind),
    })
    const { port } = await serve(host.app)
    for (const path of [...paths, '/theirs'])
      for (const at of [path, `/up${path}`]) {
        const answer = await ask(port, at)
        expect([at, { status: answer.status, text: read(answer) }]).toEqual([at, plain.get(path)])
      }
    expect(read(await ask(port, '/own'))).toContain(long)
    expect(host.errors).toEqual([])
  })
})
