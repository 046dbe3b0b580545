import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import express from 'express'
import request from 'supertest'
import type { ApiHandler, PageConfig } from 'pagepress'
import { createTestApp } from 'pagepress/testing'
import { expressVersions } from '../support/express.js'
import { failOnConsole } from '../support/console.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const echo: ApiHandler = ({ body }, res) => res.json({ body: (body as unknown) ?? null })
const unread: PageConfig = { api: { bodyParser: false } }

describe.each(expressVersions)('the request of an API route on %s', (_name, createApp) => {
  const create = (handler: ApiHandler, config?: PageConfig) =>
    createTestApp({ pages: { '/api/x': { default: handler, ...(config && { config }) } }, createApp })

  it('knows of no preview without its cookies [11.04]', async () => {
    const { app } = create((req, res) =>
      res.json([req.preview ?? null, req.previewData ?? null, req.draftMode ?? null]),
    )

    await request(app).get('/api/x?preview=1&draftMode=1').expect(200, [null, null, null])
  })

  it('has a body that was compressed on the way, and respects its charset [11.05]', async () => {
    const { app } = create(echo)
    const { port } = await serve(app)
    const post = async (type: string, body: Buffer, headers: Record<string, string> = {}) => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/x`, {
        method: 'POST',
        headers: { 'Content-Type': type, ...headers },
        body: new Uint8Array(body),
      })
      return [answer.status, await answer.text()]
    }
    const gzip = { 'Content-Encoding': 'gzip' }

    expect(await post('application/json', gzipSync('{"a":1}'), gzip)).toEqual([200, '{"body":{"a":1}}'])
    expect(await post('text/plain; charset=latin1', Buffer.from('né', 'latin1'))).toEqual([
      200,
      '{"body":"né"}',
    ])
    expect(await post('application/json', Buffer.from('not gzip'), gzip)).toEqual([400, 'Invalid body'])
  })

  it.each(['much', '-1mb', -1, NaN, {}])('is not read under a limit that is none: %p', async (sizeLimit) => {
    const { app, errors } = create(echo, { api: { bodyParser: { sizeLimit: sizeLimit as string } } })

    await request(app).post('/api/x').send({ a: 1 }).expect(500)
    expect(String(errors[0])).toMatch(/`pages\/api\/x\.tsx`: `config\.api\.bodyParser\.sizeLimit` is/)
  })

  it('is not answered for a client that leaves in the middle of its upload [11.06]', async () => {
    let called = false
    const { app, errors } = create(() => void (called = true))
    const { port, server } = await serve(app)
    const closed = once(server, 'connection').then(
      ([accepted]: Socket[]) => new Promise((resolve) => accepted!.once('close', resolve)),
    )
    const socket = connect(port, '127.0.0.1')
    socket.write(
      'POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"a"',
    )
    await once(server, 'request')
    socket.destroy()
    await closed

    expect([called, errors]).toEqual([false, []])
    // And the server goes on.
    await request(app).get('/nothing').expect(404)
  })

  it('can be read by a middleware inside the handler', async () => {
    const raw = express.raw({ type: 'application/octet-stream' })
    const handler: ApiHandler = async (req, res) => {
      await new Promise((resolve, reject) =>
        raw(req, res, (error) => (error ? reject(error as Error) : resolve(undefined))),
      )
      res.json({ isBuffer: Buffer.isBuffer(req.body), text: String(req.body) })
    }
    const { app } = create(handler, unread)

    await request(app)
      .post('/api/x')
      .set('Content-Type', 'application/octet-stream')
      .send('bytes')
      .expect(200, { isBuffer: true, text: 'bytes' })
  })

  it('and the response can be handed to another Express app', async () => {
    const inner = express().get('/api/x', (_req, res) => void res.redirect('/inner'))
    const { app } = create((req, res) => inner(req, res), {
      api: { bodyParser: false, externalResolver: true },
    })

    // Express's own default.
    await request(app).get('/api/x').redirects(0).expect(302)
  })

  it('stays apart from the requests beside it [11.33]', async () => {
    const { app } = create(async (req, res) => {
      const { id } = req.query
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10))
      res.setHeader('X-Id', String(req.query['id']))
      res.json({ same: id === req.query['id'], cookie: req.cookies['id'], body: req.body as unknown })
    })
    const { ask } = await serve(app)

    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, id) =>
        ask(`/api/x?id=${id}`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', Cookie: `id=${id}` },
          body: JSON.stringify({ id }),
        }),
      ),
    )

    answers.forEach(({ headers, body }, id) => {
      expect(headers['x-id']).toBe(String(id))
      expect(JSON.parse(body)).toEqual({ same: true, cookie: String(id), body: { id } })
    })
  })

  it('has HEAD and OPTIONS reach the handler, and answers neither by itself [11.34]', async () => {
    const methods: string[] = []
    const { app } = create((req, res) => {
      methods.push(req.method)
      res.setHeader('X-Method', req.method)
      res.status(202).send('body')
    })

    for (const method of ['HEAD', 'OPTIONS'] as const) {
      const { headers } = await request(app)[method === 'HEAD' ? 'head' : 'options']('/api/x').expect(202)
      expect(headers['x-method']).toBe(method)
      expect(headers).not.toHaveProperty('allow')
    }
    expect(methods).toEqual(['HEAD', 'OPTIONS'])
  })

  it('passes 20 MB through with bodyParser: false, no faster than they are read [11.35]', async () => {
    const MB = 1024 ** 2
    let begin = (): void => {}
    const mayRead = new Promise<void>((resolve) => (begin = resolve))
    const { app } = create(async (req, res) => {
      await mayRead
      let bytes = 0
      for await (const chunk of req) bytes += (chunk as Buffer).length
      res.json({ bytes })
    }, unread)
    const { port } = await serve(app)

    const upload = httpRequest({ port, host: '127.0.0.1', path: '/api/x', method: 'POST' })
    const answered = once(upload, 'response')
    const chunk = Buffer.alloc(MB)
    const isFull = () =>
      Promise.race([
        once(upload, 'drain').then(() => false),
        new Promise<true>((resolve) => setTimeout(() => resolve(true), 300)),
      ])
    let written = 1
    while (written < 20 && (upload.write(chunk) || !(await isFull()))) written++
    // Nobody reads, so the buffers on the way are full long before the end.
    expect(written).toBeLessThan(20)

    begin()
    for (; written < 20; written++) if (!upload.write(chunk)) await once(upload, 'drain')
    upload.end()
    const [response] = (await answered) as [NodeJS.ReadableStream]
    let text = ''
    for await (const part of response) text += String(part)
    expect(JSON.parse(text)).toEqual({ bytes: 20 * MB })
  })
})

describe('an API route below a mount', () => {
  it('is there, and nowhere else [11.31]', async () => {
    const { app } = createTestApp({ pages: { '/api/x': { default: echo } }, mount: '/docs' })

    await request(app).get('/docs/api/x').expect(200)
    await request(app).get('/api/x').expect(404)
  })
})
