import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import request from 'supertest'
import type { ApiHandler } from 'pagepress'
import { createTestApp } from 'pagepress/testing'
import { emptyStore } from '../../lib/cache/store.js'
import { expressVersions } from '../support/express.js'
import { failOnConsole } from '../support/console.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const MB = 1024 ** 2

describe.each(expressVersions)('API routes on %s', (_name, createApp) => {
  it('have no data: their JSON URL is not theirs, and nothing of them is kept [S30]', async () => {
    let calls = 0
    const touched: string[] = []
    const handler: ApiHandler = (_req, res) => (calls++, res.json({}))
    const { app, settled } = createTestApp({
      createApp,
      pages: { '/api/echo': { default: handler }, '/api/[id]': { default: handler } },
      options: { fallthrough: false },
      store: {
        ...emptyStore,
        get: async (key) => (touched.push(key), undefined),
        set: async (key) => void touched.push(key),
      },
    })

    for (const path of ['/_data/api/echo.json', '/_data/api/7.json', '/_data/api.json'])
      for (const method of ['get', 'post', 'head'] as const) {
        const { status } = await request(app)[method](path)
        expect([path, method, status]).toEqual([path, method, 404])
      }
    expect(calls).toBe(0)

    const { headers } = await request(app).get('/api/echo').expect(200)
    expect(headers).not.toHaveProperty('cache-control')
    expect(headers).not.toHaveProperty('cache-status')
    await settled()
    expect(touched.filter((key) => key.includes('api'))).toEqual([])
  })

  it('read no more than their limit, however a body comes, and leave nothing behind [S93]', async () => {
    let called = 0
    const { app, errors } = createTestApp({
      createApp,
      pages: { '/api/x': { default: ((_req, res) => (called++, res.end())) as ApiHandler } },
    })
    const { port, server } = await serve(app)
    // Whoever writes temporary files writes them here.
    const folder = mkdtempSync(join(tmpdir(), 'pagepress-uploads-'))
    const { TMPDIR } = process.env
    process.env['TMPDIR'] = folder
    const post = async (chunks: readonly Buffer[], headers: Record<string, string>) => {
      const sent = httpRequest({ port, host: '127.0.0.1', path: '/api/x', method: 'POST', headers })
      // The answer comes before the body is read, so the rest of it may meet a closed socket.
      sent.on('error', () => {})
      const answered = once(sent, 'response') as Promise<[IncomingMessage]>
      for (const chunk of chunks) sent.write(chunk)
      sent.end()
      const [answer] = await answered
      let text = ''
      for await (const part of answer) text += String(part)
      sent.destroy()
      return [answer.statusCode, text]
    }
    const text = { 'Content-Type': 'text/plain' }
    const tooLarge = [413, 'Body exceeded 1mb limit']

    expect(await post([Buffer.alloc(MB + 1)], { ...text, 'Content-Length': String(MB + 1) })).toEqual(
      tooLarge,
    )
    // Without a length, in chunks.
    expect(await post([Buffer.alloc(MB), Buffer.alloc(1)], text)).toEqual(tooLarge)
    const bomb = gzipSync(Buffer.alloc(200 * MB))
    expect(bomb.length).toBeLessThan(MB)
    const before = process.memoryUsage().rss
    for (let round = 0; round < 10; round++)
      expect(await post([bomb], { ...text, 'Content-Encoding': 'gzip' })).toEqual(tooLarge)

    // Uploads that break off: a thousand, fifty at a time.
    let begun = 0
    let closed = 0
    server.on('request', () => begun++)
    server.on('connection', (socket) => socket.once('close', () => closed++))
    const until = async (isDone: () => boolean) => {
      while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    for (let round = 1; round <= 20; round++) {
      const sockets = Array.from({ length: 50 }, () => connect(port, '127.0.0.1'))
      for (const socket of sockets)
        socket.write(
          'POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 999999\r\n\r\n{"a":"',
        )
      await until(() => begun === 50 * round)
      for (const socket of sockets) socket.destroy()
      await until(() => closed === 50 * round)
    }

    expect([called, errors]).toEqual([0, []])
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * MB)
    expect(readdirSync(folder)).toEqual([])
    if (TMPDIR === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = TMPDIR
    rmSync(folder, { recursive: true })
    await request(app).post('/api/x').send({}).expect(200)
  })
})
