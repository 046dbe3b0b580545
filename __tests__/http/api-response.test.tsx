import { Readable } from 'node:stream'
import type { RequestHandler } from 'express'
import request from 'supertest'
import { ApiError, type ApiHandler, type PageConfig } from 'pagepress'
import { createTestApp, type TestAppOptions } from 'pagepress/testing'
import { expressVersions } from '../support/express.js'
import { failOnConsole, takeConsole } from '../support/console.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

/** The methods that handlers of the Pages Router know under the same names. */
const shared = ['status', 'json', 'send', 'redirect'] as const

describe.each(expressVersions)('the response of an API route on %s', (_name, createApp) => {
  const create = (handler: ApiHandler, more: Partial<TestAppOptions> & { config?: PageConfig } = {}) => {
    const { config, ...options } = more as { config?: PageConfig } & Partial<TestAppOptions>
    return createTestApp({
      pages: { '/api/x': { default: handler, ...(config && { config }) } },
      createApp,
      ...options,
    })
  }
  const ask = (handler: ApiHandler) => request(create(handler).app).get('/api/x')

  it.each([
    ['an object', { é: 1 }, '{"é":1}'],
    ['null', null, 'null'],
    ['a text', 's', '"s"'],
    ['a number', 5, '5'],
    ['nothing', undefined, ''],
  ])('json() of %s [11.12]', async (_what, value, text) => {
    const { status, headers, text: body } = await ask((_req, res) => res.status(201).json(value))

    expect([status, body]).toEqual([201, text])
    expect(headers['content-type']).toBe('application/json; charset=utf-8')
  })

  it('json() of what is no JSON is a 500 [11.12]', async () => {
    const { app, errors } = create((_req, res) => res.json({ big: 1n }))

    await request(app).get('/api/x').expect(500, 'Internal Server Error')
    expect(String(errors[0])).toMatch(/BigInt/)
  })

  it.each([
    ['a text', 'text', undefined, 'text'],
    ['an object', { a: [1] }, 'application/json; charset=utf-8', '{"a":[1]}'],
    ['a number', 7, 'application/json; charset=utf-8', '7'],
    ['a boolean', false, 'application/json; charset=utf-8', 'false'],
    ['bytes', Buffer.from('raw'), 'application/octet-stream', 'raw'],
    ['null', null, undefined, ''],
    ['nothing', undefined, undefined, ''],
  ])('send() of %s [11.13]', async (_what, body, type, sent) => {
    const { app } = create((_req, res) => res.send(body as string))
    const { ask } = await serve(app)

    const answer = await ask('/api/x')

    expect([answer.status, answer.headers['content-type'], answer.body]).toEqual([200, type, sent])
  })

  it('send() leaves a type alone that was set [11.13]', async () => {
    const { headers } = await ask((_req, res) => res.type('image/png').send(Buffer.from('raw')))

    expect(headers['content-type']).toBe('image/png')
  })

  it('send() of a stream pipes it [11.13]', async () => {
    const { app } = create((_req, res) => res.send(Readable.from(['one ', 'two']) as never))
    const { ask } = await serve(app)

    const { headers, body } = await ask('/api/x')

    expect([headers['content-type'], body]).toEqual(['application/octet-stream', 'one two'])
  })

  it('breaks off a stream that fails, instead of ending it as if it were whole', async () => {
    const broken = () =>
      new Readable({
        read() {
          this.push('half')
          setImmediate(() => this.destroy(new Error('disk')))
        },
      })
    const { app } = create((_req, res) => res.send(broken() as never))
    const { ask } = await serve(app)

    await expect(ask('/api/x')).rejects.toThrow(/aborted|hang up/)
  })

  it('carries an ETag and the length in bytes, and is a 304 for who has it [11.14]', async () => {
    const { app } = create((req, res) => (req.query['json'] ? res.json({ text: 'né' }) : res.send('né')))

    for (const path of ['/api/x', '/api/x?json=1']) {
      const { headers, text } = await request(app).get(path).expect(200)
      expect(Number(headers['content-length'])).toBe(Buffer.byteLength(text))
      const again = await request(app).get(path).set('If-None-Match', headers['etag']!).expect(304)
      expect(again.text).toBe('')
      expect(again.headers).not.toHaveProperty('content-type')
      await request(app).get(path).set('If-None-Match', '"other"').expect(200)
      // Only a request that reads can be told that nothing has changed.
      await request(app).post(path).set('If-None-Match', headers['etag']!).expect(200)
    }
  })

  it('has no ETag where the app has turned them off', async () => {
    const { app } = create((_req, res) => res.send('x'), { before: (app) => app.set('etag', false) })

    expect((await request(app).get('/api/x')).headers).not.toHaveProperty('etag')
  })

  it.each([204, 304])('with status %d has no body, whatever is sent [11.15]', async (status) => {
    const { app } = create((_req, res) => {
      res.setHeader('Content-Type', 'text/plain')
      res.setHeader('Content-Length', '4')
      res.status(status).send('body')
    })
    const { ask } = await serve(app)

    const { headers, body, status: got } = await ask('/api/x')

    expect([got, body]).toEqual([status, ''])
    for (const name of ['content-type', 'content-length', 'transfer-encoding'])
      expect(headers).not.toHaveProperty(name)
  })

  it('says in development that a 204 has no body [11.15]', async () => {
    const { app } = create((_req, res) => res.status(204).send('body'), { options: { dev: true } })

    await request(app).get('/api/x').expect(204)

    expect(takeConsole()).toEqual([expect.stringMatching(/`pages\/api\/x\.tsx` sent a body with status 204/)])
  })

  it('redirects with 307, or with the status that is given [11.16]', async () => {
    const to = (...args: [string] | [number, string]) =>
      ask((_req, res) => (res.redirect as (...args: unknown[]) => unknown)(...args)).redirects(0)

    const plain = await to('/there?a=b')
    expect([plain.status, plain.headers['location'], plain.text]).toEqual([307, '/there?a=b', '/there?a=b'])
    const moved = await to(301, 'https://example.com/é')
    expect([moved.status, moved.headers['location']]).toEqual([301, 'https://example.com/%C3%A9'])
  })

  it.each([[[]], [['301', '/there']], [[302]], [[{}]]])(
    'refuses to redirect with %j [11.16]',
    async (args) => {
      const { app, errors } = create((_req, res) =>
        (res.redirect as (...args: unknown[]) => unknown)(...args),
      )

      await request(app).get('/api/x').expect(500)
      expect(String(errors[0])).toMatch(/Invalid redirect arguments/)
    },
  )

  it("leaves Express's own methods as they were, also when the handler throws [11.18]", async () => {
    const seen: unknown[] = []
    const original: unknown[] = []
    const watch: RequestHandler = (req, res, next) => {
      original.push(...shared.map((name) => res[name]), req.query)
      res.once('finish', () => seen.push(...shared.map((name) => res[name]), req.query))
      next()
    }
    const { app } = create((req, res) => (req.query['fail'] ? Promise.reject(new Error('x')) : res.json(1)), {
      options: { errors: 'next' },
      before: (app) => app.use(watch),
      after: (app) => {
        app.use(((error, req, res, _next) => {
          seen.push(...shared.map((name) => res[name]), req.query)
          res.status(503).redirect('/elsewhere')
        }) as import('express').ErrorRequestHandler)
      },
    })

    await request(app).get('/api/x?a=1').expect(200)
    expect(seen).toEqual(original)
    seen.length = original.length = 0

    // Express's redirect without a status is 302.
    await request(app).get('/api/x?fail=1').redirects(0).expect(302)
    expect(seen).toEqual([...original, ...original])
  })

  it('keeps its methods until an answer that comes later is over [11.18]', async () => {
    const { app } = create((_req, res) => void setTimeout(() => res.redirect('/later'), 5), {
      config: { api: { externalResolver: true } },
    })

    await request(app).get('/api/x').redirects(0).expect(307)
  })

  it("uses what the app has put in the place of Express's methods [11.18]", async () => {
    const envelope: RequestHandler = (_req, res, next) => {
      const json = res.json.bind(res)
      res.json = (value) => json({ data: value as unknown })
      next()
    }
    const { app } = create((_req, res) => res.json({ a: 1 }), { before: (app) => app.use(envelope) })

    await request(app)
      .get('/api/x')
      .expect(200, { data: { a: 1 } })
  })

  it('may be written by hand, and is never held back [11.19]', async () => {
    let release: () => void = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const { app } = create(async (_req, res) => {
      res.writeHead(203, { 'Content-Type': 'text/event-stream', 'X-Own': 'yes' })
      res.write('data: 1\n\n')
      await released
      res.end('data: 2\n\n')
    })
    const { port } = await serve(app)

    const response = await fetch(`http://127.0.0.1:${port}/api/x`)
    const reader = response.body!.getReader()
    const first = Buffer.from((await reader.read()).value!).toString()
    // The second event is not even written yet.
    expect([response.status, response.headers.get('x-own'), first]).toEqual([203, 'yes', 'data: 1\n\n'])
    release()
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('data: 2\n\n')
    await reader.read()
  })

  it('is the status and the message of an ApiError [11.22]', async () => {
    const { app, errors } = create(() => {
      throw new ApiError(422, 'The quantity is missing')
    })

    const { text, headers } = await request(app).get('/api/x').expect(422)

    expect([text, headers['content-type']]).toEqual(['The quantity is missing', 'text/plain; charset=utf-8'])
    expect(errors).toEqual([])
    expect(() => new ApiError(200, 'fine')).toThrow(/from 400 to 599/)
  })

  it('is a bare 500 for any other error, whatever status that has [11.21]', async () => {
    const { app, errors } = create((_req, res) => {
      res.setHeader('Content-Encoding', 'gzip')
      throw Object.assign(new Error('secret'), { statusCode: 404, status: 404 })
    })

    const { text, headers } = await request(app).get('/api/x').expect(500)

    expect([text, headers['content-encoding'], headers['cache-control']]).toEqual([
      'Internal Server Error',
      undefined,
      'no-store',
    ])
    expect(errors).toHaveLength(1)
  })

  it('is watched for its size, which the route may set [11.25]', async () => {
    const MB = 1024 ** 2
    const warned = async (bytes: number, responseLimit?: number | string | false) => {
      const { app } = create((_req, res) => void res.write('x'.repeat(bytes - 1), () => res.end('x')), {
        config: { api: { externalResolver: true, ...(responseLimit !== undefined && { responseLimit }) } },
      })
      const { ask } = await serve(app)
      expect((await ask('/api/x')).body).toHaveLength(bytes)
      return takeConsole()
    }

    expect(await warned(4 * MB)).toEqual([])
    expect(await warned(4 * MB + 1)).toEqual([expect.stringMatching(/`pages\/api\/x\.tsx` exceeds 4MB/)])
    expect(await warned(4 * MB + 1, '8mb')).toEqual([])
    expect(await warned(4 * MB + 1, false)).toEqual([])
    expect(await warned(10, 9)).toEqual([expect.stringMatching(/exceeds 9 bytes/)])
  })

  it('refuses a limit that is none', async () => {
    const { app, errors } = create((_req, res) => res.end(), { config: { api: { responseLimit: 'much' } } })

    await request(app).get('/api/x').expect(500)
    expect(String(errors[0])).toMatch(/`pages\/api\/x\.tsx`: `config\.api\.responseLimit` is "much"/)
  })
})

describe('development of API routes', () => {
  const ask = async (handler: ApiHandler, config?: PageConfig) => {
    const { app } = createTestApp({
      pages: { '/api/x': { default: handler, ...(config && { config }) } },
      options: { dev: true },
    })
    const { port } = await serve(app)
    const left = new AbortController()
    const asked = fetch(`http://127.0.0.1:${port}/api/x`, { signal: left.signal }).catch(() => undefined)
    await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 200))])
    left.abort()
    return takeConsole()
  }
  const external = { api: { externalResolver: true } }

  it('tells of a handler that resolves without sending a response [11.23]', async () => {
    const warning = expect.stringMatching(/`pages\/api\/x\.tsx` resolved without sending a response/)

    expect(await ask(() => {})).toEqual([warning])
    expect(await ask(async () => {})).toEqual([warning])
    expect(await ask(() => {}, external)).toEqual([])
    expect(await ask((_req, res) => void res.end('x'))).toEqual([])
    expect(await ask((_req, res) => void res.writeHead(200))).toEqual([])
    expect(await ask((_req, res) => void Readable.from(['x']).pipe(res as never))).toEqual([])
  })

  it('tells of a returned value, but not of a returned response [11.24]', async () => {
    const returned = (type: string) => [
      expect.stringMatching(
        new RegExp(`\`pages/api/x\\.tsx\` should not return a value, but returned ${type}`),
      ),
    ]

    expect(await ask((_req, res) => (res.end(), 5))).toEqual(returned('a number'))
    expect(await ask(async (_req, res) => (res.end(), { a: 1 }))).toEqual(returned('an object'))
    expect(await ask((_req, res) => res.json({}))).toEqual([])
  })

  it('refuses a returned Response [11.24]', async () => {
    const { app, errors } = createTestApp({
      pages: { '/api/x': { default: () => new Response('hello') } },
    })

    await request(app).get('/api/x').expect(500)
    expect(String(errors[0])).toMatch(/`pages\/api\/x\.tsx` returned a `Response`.*Answer through `res`/)
  })
})
