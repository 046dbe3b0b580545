import { OutgoingMessage } from 'node:http'
import type { RequestHandler } from 'express'
import session from 'express-session'
import morgan from 'morgan'
import type { GetServerSidePropsContext } from 'pagepress'
import { expressVersions } from '../support/express.js'
import { failOnConsole } from '../support/console.js'
import { serveSecuritySite, toText, type SecuritySiteOptions } from '../support/security-site.js'
import { stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const PRIVATE = 'private, no-cache, no-store, max-age=0, must-revalidate'

const rolling = session({
  secret: 'test',
  resave: false,
  saveUninitialized: true,
  rolling: true,
}) as unknown as RequestHandler

/** Sets a cookie when the head is written, past whatever a response has of its own, as some session packages do. */
const atTheEnd: RequestHandler = (_req, res, next) => {
  const { writeHead } = res
  res.writeHead = function writeHeadWithCookie(...given: unknown[]) {
    OutgoingMessage.prototype.setHeader.call(res, 'Set-Cookie', ['late=1'])
    return Reflect.apply(writeHead, res, given) as typeof res
  } as typeof res.writeHead
  next()
}

/** Reads the headers that it is given as older packages do: as an object, or as pairs. */
const inPairs: RequestHandler = (_req, res, next) => {
  const { writeHead } = res
  res.writeHead = function writeHeadOfPairs(status: number, headers: unknown) {
    const pairs = Array.isArray(headers) ? (headers as string[][]) : Object.entries(headers ?? {})
    for (const [name, value] of pairs) res.setHeader(name!, value as string)
    return Reflect.apply(writeHead, res, [status]) as typeof res
  } as typeof res.writeHead
  next()
}

const feed = {
  GET: () => new Response('<feed/>', { headers: { 'Content-Type': 'application/xml' } }),
  dynamic: 'force-static',
}

/** Says that everybody may keep it, or that only its visitor may. */
const spoken = {
  default: () => null,
  getServerSideProps: ({ res, query }: GetServerSidePropsContext) => {
    res.setHeader('Cache-Control', `${query['own'] as string}, max-age=60`)
    if (query['cookie'] !== undefined) res.setHeader('Set-Cookie', 'early=1')
    return { props: {} }
  },
}

const spokenHandler = {
  GET: (request: Request) => {
    const { searchParams } = new URL(request.url)
    const headers = new Headers({ 'Cache-Control': `${searchParams.get('own')}, max-age=60` })
    if (searchParams.has('cookie')) headers.set('Set-Cookie', 'early=1')
    return new Response('answer', { statusText: 'Fine', headers })
  },
}

const answers = [
  ['a document', '/isr/a'],
  ['data', '/_data/isr/a.json'],
  ['a redirect', '/redir'],
  ['a "not found"', '/nf'],
  ['a kept route handler', '/feed'],
] as const

describe.each(expressVersions)('cookies that are set when the head is written, in %s', (_name, createApp) => {
  const start = (before: RequestHandler, more: Partial<SecuritySiteOptions> = {}) =>
    serveSecuritySite({
      createApp,
      pages: { '/feed': feed, '/spoken': spoken, '/handler': spokenHandler },
      before: (app) => app.use(before),
      ...more,
    })

  it.each(answers)('keep %s out of shared caches, and out of ours [S35]', async (_what, path) => {
    const { ask, stored } = await start(rolling)

    const ann = await ask(path)
    const ben = await ask(path)

    for (const { headers } of [ann, ben]) {
      expect(headers['set-cookie']).toEqual([expect.stringMatching(/^connect\.sid=/)])
      expect(headers['cache-control']).toBe(PRIVATE)
    }
    expect(ann.headers['set-cookie']).not.toEqual(ben.headers['set-cookie'])
    expect(ben.headers['cache-status']).toMatch(/^pagepress; hit/)
    expect(toText(stored)).not.toMatch(/connect\.sid|set-cookie/i)
  })

  it.each([
    ['a page says', '/spoken'],
    ['a route handler says', '/handler'],
  ])('are for nobody else, though %s that everybody may keep its answer', async (_who, path) => {
    const { ask } = await start(rolling)
    const plain = await start((_req, _res, next) => next())

    expect((await ask(`${path}?own=public`)).headers['cache-control']).toBe(PRIVATE)
    expect((await plain.ask(`${path}?own=public&cookie`)).headers['cache-control']).toBe(PRIVATE)
    expect((await ask(`${path}?own=private`)).headers['cache-control']).toBe('private, max-age=60')
    expect((await plain.ask(`${path}?own=public`)).headers['cache-control']).toBe('public, max-age=60')
  })

  it('keep an answer private however they are set, and a 304 too', async () => {
    const { ask } = await start(atTheEnd)
    const { headers } = await ask('/isr/a')

    const again = await ask('/isr/a', { headers: { 'If-None-Match': headers.etag! } })

    expect(headers).toMatchObject({ 'set-cookie': ['late=1'], 'cache-control': PRIVATE })
    expect(again.status).toBe(304)
    expect(again.headers).toMatchObject({ 'set-cookie': ['late=1'], 'cache-control': PRIVATE })
  })

  it('are nothing that every hook sets: without a cookie an answer may be kept by all', async () => {
    const { ask } = await start(morgan('combined', { stream: { write() {} } }))

    const { headers } = await ask('/isr/a')

    expect(headers['cache-control']).toBe('s-maxage=1, stale-while-revalidate=31535999')
  })

  it('leave the head whole for hooks that read headers in pairs alone', async () => {
    const { ask } = await start(inPairs)

    const document = await ask('/isr/a')
    const missing = await ask('/nf')

    expect(document.status).toBe(200)
    expect(document.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(Buffer.byteLength(document.body)),
      'cache-status': 'pagepress; fwd=uri-miss; stored',
      etag: expect.stringMatching(/^W\//),
    })
    expect(document.headers).not.toHaveProperty('c')
    expect([missing.status, missing.headers['content-length']]).toEqual([
      404,
      String(Buffer.byteLength(missing.body)),
    ])
  })
})
