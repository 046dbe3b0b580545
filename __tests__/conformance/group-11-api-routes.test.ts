import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { useConformanceSite } from '../support/conformance-site.js'
import { createControls } from '../support/controls.js'
import { readRoot } from '../support/page-data.js'

const OWN_404 = { fallthrough: false }
const site = useConformanceSite('api-routes', { options: OWN_404 })
const { write, held, release } = createControls(site)

const port = () => Number(new URL(site.url()).port)
const send = (path: string, init: RequestInit = {}) =>
  fetch(site.url() + path, { redirect: 'manual', ...init })
const post = (type: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  send('/api/echo', {
    method: 'POST',
    headers: { 'Content-Type': type, ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  })
const bodyOf = async (answer: Response) => ((await answer.json()) as { body: unknown }).body

describe('the request of an API route', () => {
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])(
    'may have the method %s [11.01][11.34]',
    async (method) => {
      const answer = await send('/api/echo', { method })

      expect([answer.status, answer.headers.get('x-method')]).toEqual([200, method])
      expect(answer.headers.get('allow')).toBeNull()
      const text = await answer.text()
      if (method === 'HEAD') expect(text).toBe('')
      else expect(JSON.parse(text)).toMatchObject({ method })
      await send('/api/called', { method })
      expect(site.calls('called')).toEqual([method])
    },
  )

  it('has search and route parameters in its query, of which the latter win [11.02]', async () => {
    const { body } = await site.get('/api/things/1/a/b%2Fc?id=2&x=1&x=2')
    expect(body).toMatchObject({ query: { id: '1', rest: ['a', 'b/c'], x: ['1', '2'] } })
    expect((await site.get('/api/echo')).body).toMatchObject({ query: {} })
  })

  it('has cookies, whatever is sent as such [11.03]', async () => {
    const cookiesOf = async (header: string) =>
      ((await site.get('/api/echo').set('Cookie', header).expect(200)).body as { cookies: object }).cookies

    expect((await site.get('/api/echo')).body).toMatchObject({ cookies: {} })
    expect(await cookiesOf('a=1; b=x%20y')).toEqual({ a: '1', b: 'x y' })
    expect(await cookiesOf('=; a; %; b=%')).toMatchObject({ b: '%' })
  })

  it('knows of no preview outside of it [11.04]', async () => {
    const { body } = await site.get('/api/echo?preview=1&draftMode=1')

    expect(body).toMatchObject({ preview: [null, null, null] })
  })

  it.each([
    ['application/json', '{"a":1}', { a: 1 }],
    ['application/ld+json', '[1]', [1]],
    ['application/json; charset=utf-8', '"text"', 'text'],
    ['application/json', '', {}],
    ['application/x-www-form-urlencoded', 'a=1&b=x+y&b=z', { a: '1', b: ['x y', 'z'] }],
    ['text/plain', 'plain', 'plain'],
    ['text/html', '<p>', '<p>'],
    ['nonsense', 'plain', 'plain'],
    ['text/plain; charset=latin1', Buffer.from('né', 'latin1'), 'né'],
    ['image/png', Buffer.from([1, 2]), { bytes: [1, 2] }],
  ])('has a body of %s read: %j [11.05][11.06][11.10]', async (type, sent, body) => {
    const answer = await post(type, sent)

    expect(answer.status).toBe(200)
    expect(await bodyOf(answer)).toEqual(body)
  })

  it('is refused with a body that cannot be read [11.06]', async () => {
    const json = await post('application/json', '{"a":')
    expect([json.status, await json.text()]).toEqual([400, 'Invalid JSON'])
    const gzip = await post('application/json', 'not gzip', { 'Content-Encoding': 'gzip' })
    expect([gzip.status, await gzip.text()]).toEqual([400, 'Invalid body'])
    const fine = await post('application/json', gzipSync('{"a":1}'), { 'Content-Encoding': 'gzip' })
    expect(await bodyOf(fine)).toEqual({ a: 1 })
  })

  it('never reaches the handler when the client leaves while it uploads [11.06]', async () => {
    const socket = connect(port(), '127.0.0.1')
    socket.write(
      'POST /api/called HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"a"',
    )
    await once(socket, 'connect')
    // The server has read what is there before it hears of the end.
    await site.get('/api/echo').expect(200)
    socket.destroy()
    await once(socket, 'close')
    await site.get('/api/echo').expect(200)

    expect(site.calls('called')).toEqual([])
  })

  it('has a limit for its body, which the route may set [11.07]', async () => {
    const sent = async (path: string, bytes: number) => {
      const answer = await send(path, { method: 'POST', body: 'x'.repeat(bytes) })
      return answer.status === 200 ? 200 : [answer.status, await answer.text()]
    }
    const MB = 1024 ** 2
    expect(await sent('/api/echo', MB)).toBe(200)
    expect(await sent('/api/echo', MB + 1)).toEqual([413, 'Body exceeded 1mb limit'])
    expect(await sent('/api/limits/small', 5)).toBe(200)
    expect(await sent('/api/limits/small', 6)).toEqual([413, 'Body exceeded 5b limit'])
    expect(await sent('/api/limits/large', MB + 1)).toBe(200)
    expect(await sent('/api/limits/large', 2 * MB + 1)).toEqual([413, 'Body exceeded 2mb limit'])
  })

  it('is a stream nobody has read, with bodyParser: false [11.08]', async () => {
    await site.post('/api/raw').send({ a: 1 }).expect(200, { seen: null, raw: '{"a":1}' })
  })

  it('keeps the body that a middleware of the app has read [11.09]', async () => {
    const { body } = await site.post('/api/parsed').send({ a: 1 }).expect(200)

    expect(body).toMatchObject({ body: { a: 'theirs' } })
  })

  it('has no body where none was sent, and waits for none [11.11]', async () => {
    for (const method of ['GET', 'OPTIONS', 'DELETE'])
      expect(await bodyOf(await send('/api/echo', { method }))).toBeNull()
  })

  it('is its own beside a hundred others [11.33]', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, id) =>
        site.post(`/api/beside?id=${id}`).set('Cookie', `id=${id}`).send({ id }),
      ),
    )
    answers.forEach(({ status, headers, body }, id) => {
      expect([status, headers['x-id']]).toEqual([200, String(id)])
      expect(body).toEqual({ isSame: true, cookie: String(id), body: { id } })
    })
  })

  it('may be an upload of 20 MB, sent no faster than it is read [11.35]', async () => {
    const MB = 1024 ** 2
    await write('upload', { held: true })
    const upload = httpRequest({ port: port(), host: '127.0.0.1', path: '/api/upload', method: 'POST' })
    const answered = once(upload, 'response')
    const chunk = Buffer.alloc(MB)
    const isFull = () =>
      Promise.race([
        once(upload, 'drain').then(() => false),
        new Promise<true>((resolve) => setTimeout(() => resolve(true), 300)),
      ])
    let written = 1
    while (written < 20 && (upload.write(chunk) || !(await isFull()))) written++
    // Nobody reads yet, so that all buffers on the way are full long before the end.
    expect(written).toBeLessThan(20)
    await held('upload')

    await release('upload')
    for (; written < 20; written++) if (!upload.write(chunk)) await once(upload, 'drain')
    upload.end()
    const [answer] = (await answered) as [IncomingMessage]
    let text = ''
    for await (const part of answer) text += String(part)
    expect(JSON.parse(text)).toEqual({ bytes: 20 * MB })
  })
})

describe('an API route', () => {
  it.each([
    ['/api', 'root'],
    ['/api/tree/users', 'users'],
    ['/api/tree/7', 'id'],
    ['/api/tree/7/8', 'all'],
    ['/api/opt/one', 'one'],
    ['/api/opt/two', 'id'],
    ['/api/opt', 'rest'],
    ['/api/opt/two/three', 'rest'],
    ['/api/blog/543', 'post'],
  ])('answers %s: that of %s [11.27][11.28]', async (path, text) => {
    await site.get(path).expect(200, text)
  })

  it('that is not there is the 404 page [11.27][11.28]', async () => {
    for (const path of ['/api/zzz', '/api/blog/543/comment', '/api/blog'])
      expect(readRoot((await site.get(path).expect(404)).text)).toContain('This page could not be found')
  })

  it('is no part of browser code, and of use to pages on the server [11.30]', async () => {
    const { text } = await site.get('/').expect(200)
    expect(readRoot(text)).toBe('<h1>MARK_OF_THE_API for page</h1>')
    const assets = [...text.matchAll(/(?:src|href)="(\/_assets\/[^"]+)"/g)].map(([, url]) => url!)
    expect(assets.length).toBeGreaterThan(1)
    for (const asset of assets)
      expect((await site.get(asset).expect(200)).text).not.toContain('MARK_OF_THE_API')
    await site.get('/api/shared').expect(200, 'MARK_OF_THE_API for api')
  })

  it('that fails is a bare 500, of which onError hears, and the server goes on [11.21]', async () => {
    for (const path of ['/api/fails', '/api/fails?as=with-status']) {
      const { headers } = await site.get(path).expect(500, 'Internal Server Error')
      expect(headers['cache-control']).toBe('no-store')
    }
    expect(site.takeErrors()).toEqual(['Error: a secret', 'Error: a secret'])
    await site.get('/api/echo').expect(200)
  })

  it('that throws an ApiError answers with its status and message [11.22]', async () => {
    const { headers } = await site.get('/api/fails?as=api-error').expect(422, 'The quantity is missing')

    expect(headers['content-type']).toBe('text/plain; charset=utf-8')
  })

  it('that returns a Response says what to do instead [11.24]', async () => {
    await site.get('/api/returns').expect(500)

    expect(site.takeErrors()).toEqual([
      expect.stringMatching(/`pages\/api\/returns\.js` returned a `Response`.*Answer through `res`/),
    ])
  })

  it('that answers with more than 4 MB, or its own limit, is warned of [11.25]', async () => {
    const MB = 1024 ** 2
    const get = async (name: string, bytes: number) =>
      expect((await send(`/api/sized/${name}?bytes=${bytes}`)).headers.get('content-length')).toBeNull()
    for (const [name, bytes] of [
      ['four', 4 * MB],
      ['eight', 4 * MB + 1],
      ['none', 4 * MB + 1],
      ['few', 9],
    ] as const)
      await get(name, bytes)
    await get('few', 10)
    await site.printed(/`pages\/api\/sized\/few\.js` exceeds 9 bytes/)
    await get('four', 4 * MB + 1)
    const output = await site.printed(/`pages\/api\/sized\/four\.js` exceeds 4MB/)
    // One for each of the last two, and none before.
    expect(output.match(/exceeds/g)).toHaveLength(2)
  })

  it('is below the mount, and nowhere else [11.31]', async () => {
    await site.restart({ mount: '/docs', options: OWN_404 })
    await site.get('/api/echo').expect(200)
    expect((await send('/api/echo')).status).toBe(404)
    await site.restart()
  })
})
