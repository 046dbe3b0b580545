import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate as tick } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import compression from 'compression'
import expressFive, { type Express, type Request as ExpressRequest, type RequestHandler } from 'express'
import { notFound, permanentRedirect, redirect, type RouteContext } from 'pagepress'
import { createTestApp, type MemoryPages, type TestAppOptions } from 'pagepress/testing'
import { failOnConsole } from '../support/console.js'
import { expressVersions } from '../support/express.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const text = (value: unknown) => new Response(JSON.stringify(value))

describe.each(expressVersions)('a route handler on %s', (_name, createApp) => {
  async function start(pages: MemoryPages, options: Omit<TestAppOptions, 'pages'> = {}) {
    const test = createTestApp({ pages, createApp, ...options })
    const server = await serve(test.app)
    const url = `http://127.0.0.1:${server.port}`
    const ask = (path: string, init: RequestInit = {}) => fetch(url + path, { redirect: 'manual', ...init })
    return { ...test, port: server.port, url, ask, askRaw: server.ask }
  }

  it('answers each method with the export of its name, called with a request and its params [12.01]', async () => {
    const seen: unknown[] = []
    const answer = (name: string) => async (request: Request, context: RouteContext<'/x/[id]/[...rest]'>) => {
      const { params } = context
      seen.push([name, request.method, params instanceof Promise, await params, params.id, params.rest])
      return new Response(name)
    }
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']
    const { ask } = await start({
      '/x/[id]/[...rest]': Object.fromEntries(methods.map((name) => [name, answer(name)])),
      '/plain': { GET: async (_request: Request, { params }: RouteContext) => text(await params) },
    })

    for (const method of methods) {
      const response = await ask('/x/a%20b/c/d', { method })
      expect(response.status).toBe(200)
      expect(await response.text()).toBe(method === 'HEAD' ? '' : method)
    }
    const params = { id: 'a b', rest: ['c', 'd'] }
    expect(seen).toEqual(methods.map((name) => [name, name, true, params, 'a b', ['c', 'd']]))
    expect(await (await ask('/plain')).json()).toEqual({})
  })

  it('gets a standard request: absolute URL with search, headers, body in every form [12.02]', async () => {
    const { ask, url } = await start({
      '/echo': {
        async POST(request: Request) {
          const kind = new URL(request.url).searchParams.get('as')
          const copy = request.clone()
          const body =
            kind === 'json'
              ? await request.json()
              : kind === 'form'
                ? [...(await request.formData())]
                : await request.text()
          const isRequest = request instanceof Request
          return Response.json({
            isRequest,
            url: request.url,
            header: request.headers.get('x-a'),
            body,
            copy: (await copy.text()).length,
          })
        },
        GET: (request: Request) => Response.json({ url: request.url, body: request.body }),
      },
    })
    const json = await ask('/echo?as=json&q=%C3%A9', {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'x-a': 'b' },
    })
    expect(await json.json()).toEqual({
      isRequest: true,
      url: `${url}/echo?as=json&q=%C3%A9`,
      header: 'b',
      body: { a: 1 },
      copy: 7,
    })
    const form = new FormData()
    form.set('name', 'Ada')
    const posted = await ask('/echo?as=form', { method: 'POST', body: form })
    expect(((await posted.json()) as { body: unknown }).body).toEqual([['name', 'Ada']])
    expect(await (await ask('/echo')).json()).toEqual({ url: `${url}/echo`, body: null })
  })

  it('believes a proxy of protocol and host where the app does', async () => {
    const pages = { '/u': { GET: (request: Request) => new Response(request.url) } }
    const headers = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'shop.example, inner' }
    const trusting = await start(pages, { before: (app) => void app.set('trust proxy', true), mount: '/m' })
    expect((await trusting.ask('/m/u?a=1', { headers })).ok).toBe(true)
    expect(await (await trusting.ask('/m/u?a=1', { headers })).text()).toBe('https://shop.example/m/u?a=1')
    const wary = await start(pages)
    expect(await (await wary.ask('/u', { headers })).text()).toBe(`${wary.url}/u`)
    const { status, body } = await wary.askRaw('/u', { headers: { Host: 'a b' } })
    expect([status, body]).toEqual([400, ''])
  })

  it('streams a request body, piece by piece as the client sends it [12.02]', async () => {
    let gotFirst = () => {}
    const first = new Promise<void>((resolve) => (gotFirst = resolve))
    const { ask } = await start({
      '/up': {
        async POST(request: Request) {
          const sizes: number[] = []
          for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
            sizes.push(chunk.length)
            gotFirst()
          }
          return Response.json(sizes)
        },
      },
    })
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(new Uint8Array(10))
        await first
        controller.enqueue(new Uint8Array(20))
        controller.close()
      },
    })
    const response = await ask('/up', { method: 'POST', body, duplex: 'half' } as RequestInit)
    expect(await response.json()).toEqual([10, 20])
  })

  it('lets a body go that nobody reads, so that the connection serves the next request', async () => {
    const { port } = await start({
      '/deaf': { POST: () => new Response('no'), GET: () => new Response('next') },
    })
    const size = 4_000_000
    const socket = connect(port, '127.0.0.1')
    let received = ''
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()))
    socket.write(`POST /deaf HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`)
    socket.write(Buffer.alloc(size, 97))
    socket.write('GET /deaf HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    await once(socket, 'close')
    expect(received).toMatch(/200 OK[^]*no[^]*200 OK[^]*next/)
  })

  it('aborts the signal of its request when the client leaves [12.02]', async () => {
    let heard = (_signal: AbortSignal) => {}
    const aborted = new Promise<AbortSignal>((resolve) => (heard = resolve))
    const { ask, errors } = await start({
      '/slow': {
        GET: (request: Request) =>
          new Promise<Response>((resolve) => {
            request.signal.addEventListener('abort', () => {
              heard(request.signal)
              resolve(new Response('too late'))
            })
          }),
      },
      '/quick': { GET: (request: Request) => text(request.signal.aborted) },
    })
    const controller = new AbortController()
    const asked = ask('/slow', { signal: controller.signal }).catch((error: Error) => error.name)
    await tick()
    setTimeout(() => controller.abort(), 50)
    expect((await aborted).aborted).toBe(true)
    expect(await asked).toBe('AbortError')
    expect(await (await ask('/quick')).text()).toBe('false')
    expect(errors).toEqual([])
  })

  it('answers HEAD with what GET answers, without its body [12.03]', async () => {
    let cancelled = 0
    const { ask } = await start({
      '/h': {
        GET: () =>
          new Response(new ReadableStream({ cancel: () => void cancelled++ }), {
            status: 203,
            headers: { 'X-Own': 'yes' },
          }),
      },
    })
    const response = await ask('/h', { method: 'HEAD' })
    expect([response.status, response.headers.get('x-own'), await response.text()]).toEqual([203, 'yes', ''])
    expect(cancelled).toBe(1)
  })

  it('answers OPTIONS with its methods in alphabetical order, unless it has its own [12.04]', async () => {
    const ok = () => new Response('ok')
    const { ask } = await start({
      '/a': { POST: ok, GET: ok },
      '/b': { DELETE: ok },
      '/c': { OPTIONS: () => new Response('mine', { headers: { Allow: 'X' } }) },
    })
    const a = await ask('/a', { method: 'OPTIONS' })
    expect([a.status, a.headers.get('allow'), await a.text()]).toEqual([204, 'GET, HEAD, OPTIONS, POST', ''])
    expect((await ask('/b', { method: 'OPTIONS' })).headers.get('allow')).toBe('DELETE, OPTIONS')
    const c = await ask('/c', { method: 'OPTIONS' })
    expect([c.status, c.headers.get('allow'), await c.text()]).toEqual([200, 'X', 'mine'])
  })

  it('answers 405 to methods that it does not have, and 400 to what it takes for none [12.05]', async () => {
    const { ask } = await start({ '/a': { GET: () => new Response('ok') } })
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const response = await ask('/a', { method })
      expect([response.status, await response.text()]).toEqual([405, ''])
      expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
    }
    const unknown = await ask('/a', { method: 'PROPFIND' })
    expect([unknown.status, await unknown.text()]).toEqual([400, ''])
  })

  it('that throws is a 500 with nothing in it, and onError hears of it [12.06]', async () => {
    const failure = new Error('secret')
    const { ask, errors } = await start({
      '/a': { GET: () => Promise.reject(failure) },
      '/b': {
        GET() {
          throw failure
        },
      },
    })
    for (const path of ['/a', '/b']) {
      const response = await ask(path)
      expect([response.status, await response.text()]).toEqual([500, ''])
    }
    expect(errors).toEqual([failure, failure])
  })

  it('hands what it throws to the app where the site is told to', async () => {
    const heard: unknown[] = []
    const failure = new Error('mine')
    const { ask } = await start(
      { '/a': { GET: () => Promise.reject(failure) } },
      {
        options: { errors: 'next' },
        after: (app) =>
          void app.use(
            (
              error: unknown,
              _req: unknown,
              res: { status(code: number): { end(): void } },
              _next: unknown,
            ) => {
              heard.push(error)
              res.status(418).end()
            },
          ),
      },
    )
    expect((await ask('/a')).status).toBe(418)
    expect(heard).toEqual([failure])
  })

  it('that returns no response is a 500, and the message names the file [12.07]', async () => {
    const { ask, errors } = await start({
      '/a': { GET: () => undefined },
      '/b': { POST: () => ({ status: 200 }) },
    })
    const response = await ask('/a')
    expect([response.status, await response.text()]).toEqual([500, ''])
    expect((await ask('/b', { method: 'POST' })).status).toBe(500)
    expect(errors.map(String)).toEqual([
      expect.stringMatching(
        /No response is returned from the route handler `pages\/a\.tsx`: `GET` returned undefined/,
      ),
      expect.stringMatching(/`pages\/b\.tsx`: `POST` returned an object/),
    ])
    expect(errors[0]).toMatchObject({ code: 'PAGES_HANDLER' })
  })

  it('ends with redirect, permanentRedirect and notFound [12.08]', async () => {
    const { ask, errors } = await start(
      {
        '/r': { GET: () => redirect('/x?y=1'), POST: async () => redirect('https://other.example/z') },
        '/p': { GET: async () => permanentRedirect('/new') },
        '/n': {
          GET() {
            notFound()
          },
        },
        '/evil': { GET: () => redirect('javascript:alert(1)') },
      },
      { mount: '/m' },
    )
    const seen = async (path: string, method = 'GET') => {
      const response = await ask(path, { method })
      return [response.status, response.headers.get('location'), await response.text()]
    }
    expect(await seen('/m/r')).toEqual([307, '/m/x?y=1', ''])
    expect(await seen('/m/r', 'POST')).toEqual([307, 'https://other.example/z', ''])
    expect(await seen('/m/p')).toEqual([308, '/m/new', ''])
    expect(await seen('/m/n')).toEqual([404, null, ''])
    expect(errors).toEqual([])
    expect(await seen('/m/evil')).toEqual([500, null, ''])
  })

  it('may answer JSON, and several cookies that stay several [12.09]', async () => {
    const { ask } = await start(
      {
        '/j': {
          GET() {
            const response = Response.json({ a: 1 }, { status: 201 })
            response.headers.append('Set-Cookie', 'a=1; Path=/')
            response.headers.append('Set-Cookie', 'b=2, 3')
            return response
          },
        },
      },
      {
        before: (app) =>
          void app.use((_req, res, next) => {
            res.setHeader('Set-Cookie', 'session=s')
            next()
          }),
      },
    )
    const response = await ask('/j')
    expect([response.status, response.headers.get('content-type')]).toEqual([201, 'application/json'])
    expect(await response.json()).toEqual({ a: 1 })
    expect(response.headers.getSetCookie()).toEqual(['session=s', 'a=1; Path=/', 'b=2, 3'])
  })

  it('streams its answer chunk by chunk [12.09]', async () => {
    let more = () => {}
    const read = new Promise<void>((resolve) => (more = resolve))
    const { ask } = await start({
      '/s': {
        GET: () =>
          new Response(
            new ReadableStream({
              async start(controller) {
                controller.enqueue(new TextEncoder().encode('one '))
                await read
                controller.enqueue(new TextEncoder().encode('two'))
                controller.close()
              },
            }),
          ),
      },
    })
    const reader = (await ask('/s')).body!.getReader()
    const decoder = new TextDecoder()
    // The second is made only after the first has arrived here.
    expect(decoder.decode((await reader.read()).value)).toBe('one ')
    more()
    expect(decoder.decode((await reader.read()).value)).toBe('two')
    expect((await reader.read()).done).toBe(true)
  })

  it('streams through a compressing middleware without delay', async () => {
    let more = () => {}
    const read = new Promise<void>((resolve) => (more = resolve))
    const { ask } = await start(
      {
        '/events': {
          GET: () =>
            new Response(
              new ReadableStream({
                async start(controller) {
                  controller.enqueue(new TextEncoder().encode('data: 1\n\n'))
                  await read
                  controller.enqueue(new TextEncoder().encode('data: 2\n\n'))
                  controller.close()
                },
              }),
              { headers: { 'Content-Type': 'text/plain' } },
            ),
        },
      },
      { before: (app) => void app.use(compression()) },
    )
    const response = await ask('/events', { headers: { 'Accept-Encoding': 'gzip' } })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    const reader = response.body!.getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 1\n\n')
    more()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 2\n\n')
  })

  it('hands on what it has fetched, whose body is no longer compressed as its headers say', async () => {
    const text = 'hello '.repeat(500)
    const upstream = await serve((_req, res) => {
      res.setHeader('Content-Encoding', 'gzip')
      res.setHeader('X-From', 'upstream')
      res.end(gzipSync(text))
    })
    const url = `http://127.0.0.1:${upstream.port}/`
    const { ask } = await start({
      '/proxy': { GET: () => fetch(url) },
      '/kept': { GET: () => fetch(url), dynamic: 'force-static' },
      '/own': {
        GET: () => new Response(gzipSync(text), { headers: { 'Content-Encoding': 'gzip' } }),
      },
    })
    for (const path of ['/proxy', '/kept', '/kept', '/own']) expect(await (await ask(path)).text()).toBe(text)
    expect((await ask('/proxy')).headers.get('x-from')).toBe('upstream')
  })

  it('makes no more of a stream than the client takes, and cancels it when the client leaves', async () => {
    let made = 0
    let heard = () => {}
    const cancelled = new Promise<void>((resolve) => (heard = resolve))
    const { port, errors } = await start({
      '/endless': {
        GET: () =>
          new Response(
            new ReadableStream({
              pull(controller) {
                made++
                controller.enqueue(new Uint8Array(64 * 1024))
              },
              cancel: () => heard(),
            }),
          ),
      },
    })
    const socket = connect(port, '127.0.0.1')
    socket.pause()
    socket.write('GET /endless HTTP/1.1\r\nHost: a\r\n\r\n')
    let before = -1
    while (made !== before || made === 0) {
      before = made
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    // What the system's buffers hold, and no more: without backpressure it would never come to rest.
    expect(made).toBeGreaterThan(0)
    socket.destroy()
    await cancelled
    expect(errors).toEqual([])
  })

  it('whose stream fails on the way is cut off, not ended, and onError hears of it', async () => {
    const { ask, errors } = await start({
      '/s': {
        GET: () =>
          new Response(
            new ReadableStream({
              start: (controller) => controller.enqueue(new TextEncoder().encode('half')),
              pull: (controller) => controller.error(new Error('broken')),
            }),
          ),
      },
    })
    const response = await ask('/s')
    await expect(response.text()).rejects.toThrow()
    expect(errors.map(String)).toEqual(['Error: broken'])
  })

  describe('behind a parser that has read the body', () => {
    const pages: MemoryPages = {
      '/body': {
        async POST(request: Request) {
          const type = request.headers.get('content-type') ?? ''
          if (type.includes('json')) return text(await request.json())
          if (type.includes('urlencoded')) return text([...(await request.formData())])
          return text(Buffer.from(await request.arrayBuffer()).toString('hex'))
        },
        PUT: () => new Response('not read'),
      },
    }
    const { json, urlencoded, raw } = expressFive
    const parsing = (...parsers: RequestHandler[]) => ({
      before: (app: Express) => parsers.forEach((parser) => app.use(parser)),
    })

    it.each([
      ['application/json', '{"a":[1,"é"]}', '{"a":[1,"é"]}'],
      ['application/vnd.api+json', '{"b":2}', '{"b":2}'],
      ['application/x-www-form-urlencoded', 'a=1&a=2&b[c]=%C3%A9', '[["a","1"],["a","2"],["b[c]","é"]]'],
      ['application/octet-stream', 'abc', '"616263"'],
    ])('a body is rebuilt from req.body: %s [12.15]', async (type, body, expected) => {
      const { ask } = await start(
        pages,
        parsing(json({ type: ['json', '+json'] }), urlencoded({ extended: true }), raw()),
      )
      const response = await ask('/body', { method: 'POST', body, headers: { 'content-type': type } })
      expect([response.status, await response.text()]).toEqual([200, expected])
    })

    it('what cannot be rebuilt is an error for whoever reads it, never a hang [12.15]', async () => {
      const drain = (req: ExpressRequest, _res: unknown, next: () => void) => {
        req.resume()
        req.once('end', next)
      }
      const { ask, errors } = await start(pages, { before: (app) => void app.use(drain as never) })
      const form = new FormData()
      form.set('a', '1')
      const response = await ask('/body', { method: 'POST', body: form })
      expect([response.status, await response.text()]).toEqual([500, ''])
      expect(errors.map(String)).toEqual([
        expect.stringMatching(
          /`pages\/body\.tsx` reads a body \(multipart\/form-data.*middleware of the app has read/,
        ),
      ])
      expect(await (await ask('/body', { method: 'PUT', body: form })).text()).toBe('not read')
    })
  })

  it('runs after the middlewares that it exports, and behind the guards of the app', async () => {
    const order: string[] = []
    const { ask } = await start(
      {
        '/admin/x': {
          middleware: [(_req: unknown, _res: unknown, next: () => void) => (order.push('own'), next())],
          GET: () => (order.push('handler'), new Response('in')),
        },
      },
      {
        before: (app) =>
          void app.use('/admin', (req, res, next) =>
            req.headers['x-key'] ? next() : void res.status(401).end(),
          ),
      },
    )
    expect((await ask('/admin/x')).status).toBe(401)
    expect((await ask('/_data/admin/x.json', { headers: { 'x-key': '1' } })).status).toBe(404)
    expect(order).toEqual([])
    expect(await (await ask('/admin/x', { headers: { 'x-key': '1' } })).text()).toBe('in')
    expect(order).toEqual(['own', 'handler'])
  })

  it('stands under pages/api beside API routes', async () => {
    const { ask } = await start({
      '/api/new/[id]': {
        GET: (_request: Request, { params }: RouteContext<'/api/new/[id]'>) => text(params.id),
      },
      '/api/old': { default: (_req: unknown, res: { json(value: unknown): void }) => res.json('old') },
    })
    expect(await (await ask('/api/new/7')).text()).toBe('"7"')
    expect(await (await ask('/api/old')).text()).toBe('"old"')
  })

  it('with other exports than methods says what is wrong with them', async () => {
    const GET = () => new Response('ok')
    const messageOf = async (module: MemoryPages[string], route = '/m') => {
      const { ask, errors } = await start({ [route]: module })
      await ask(route.replace('[id]', '1'))
      return String(errors[0])
    }
    expect(await messageOf({ GET, default: () => null })).toMatch(
      /`pages\/m\.tsx`.*`GET`.*Detected default export/,
    )
    expect(await messageOf({ get: GET })).toMatch(
      /`pages\/m\.tsx`.*No HTTP methods exported.*Detected lowercase method `get`/,
    )
    expect(await messageOf({ GET: 'text' })).toMatch(/`GET`, but it is no function/)
    expect(await messageOf({ GET, getStaticProps: GET })).toMatch(/`getStaticProps`, which is never called/)
    expect(await messageOf({ GET, generateStaticParams: () => [] })).toMatch(/its route has no parameters/)
    expect(await messageOf({ GET, POST: GET, dynamic: 'force-static' })).toMatch(
      /'force-static'.*other methods than `GET`/,
    )
    expect(await messageOf({ GET, dynamic: 'always' })).toMatch(/`dynamic` as "always"/)
    expect(await messageOf({ GET, revalidate: 1.5 })).toMatch(/`revalidate` as 1.5/)
    expect(await messageOf({ GET, revalidate: 0 })).toMatch(/`revalidate` as 0.*force-dynamic/)
    expect(await messageOf({ GET, dynamicParams: 'no' }, '/[id]')).toMatch(/`dynamicParams` as "no"/)
    expect(await messageOf({ GET, dynamicParams: false }, '/[id]')).toMatch(
      /`dynamicParams = false`, but nothing lists/,
    )
  })
})

describe('a static route handler', () => {
  async function start(pages: MemoryPages, options: Omit<TestAppOptions, 'pages'> = {}) {
    const test = createTestApp({ pages, ...options })
    const { port } = await serve(test.app)
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init })
    return { ...test, ask }
  }

  it('runs once for everybody, and its status, headers and bytes are the same each time [12.13]', async () => {
    const png = randomBytes(5000)
    let runs = 0
    const { ask } = await start({
      '/icon/[name]': {
        dynamic: 'force-static',
        GET(_request: Request, { params }: RouteContext<'/icon/[name]'>) {
          runs++
          const headers = {
            'Content-Type': 'image/png',
            'X-Name': params.name,
            'Content-Disposition': 'inline',
          }
          return new Response(png, { status: 203, headers })
        },
      },
    })
    for (const outcome of [/uri-miss/, /hit/, /hit/]) {
      const response = await ask('/icon/logo.png')
      const bytes = Buffer.from(await response.arrayBuffer())
      expect(bytes.equals(png)).toBe(true)
      expect(response.status).toBe(203)
      expect(response.headers.get('x-name')).toBe('logo.png')
      expect(response.headers.get('content-type')).toBe('image/png')
      expect(response.headers.get('content-encoding')).toBeNull()
      expect(response.headers.get('cache-status')).toMatch(outcome)
      expect(response.headers.get('cache-control')).toBe('s-maxage=31536000')
    }
    const head = await ask('/icon/logo.png', { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([203, '5000', ''])
    expect(runs).toBe(1)
  })

  it('gets a request whose headers, cookies and search are empty with force-static [12.12]', async () => {
    const { ask } = await start({
      '/s': {
        dynamic: 'force-static',
        GET: (request: Request) =>
          text([new URL(request.url).search, [...request.headers], new URL(request.url).pathname]),
      },
    })
    const response = await ask('/s?a=1', { headers: { Cookie: 'a=b', 'X-Y': 'z' } })
    expect(await response.json()).toEqual(['', [], '/s'])
  })

  it('runs for each request with force-dynamic, whatever else it exports [12.12]', async () => {
    let runs = 0
    const { ask } = await start({
      '/d/[id]': {
        dynamic: 'force-dynamic',
        generateStaticParams: () => [{ id: '1' }],
        GET: (request: Request) => text([++runs, new URL(request.url).search]),
      },
    })
    expect(await (await ask('/d/1?a=1')).json()).toEqual([1, '?a=1'])
    expect(await (await ask('/d/1?a=2')).json()).toEqual([2, '?a=2'])
  })

  it('that exports another method runs for each request', async () => {
    let runs = 0
    const GET = () => text(++runs)
    const { ask } = await start({
      '/kept': { GET, revalidate: false },
      '/free': { GET, revalidate: false, POST: GET },
      '/plain': { GET },
    })
    const twice = async (path: string) => [await (await ask(path)).json(), await (await ask(path)).json()]
    expect(await twice('/kept')).toEqual([1, 1])
    expect(await twice('/free')).toEqual([2, 3])
    expect(await twice('/plain')).toEqual([4, 5])
    expect((await ask('/kept', { method: 'POST' })).status).toBe(405)
  })

  it('is due again after revalidate: stale first, then fresh; unlisted paths come with their first visitor [5.20]', async () => {
    let runs = 0
    let time = 1_000_000
    const { ask, settled } = await start(
      {
        '/feed/[name]': {
          revalidate: 10,
          generateStaticParams: () => [{ name: 'a' }],
          GET: (_request: Request, { params }: RouteContext<'/feed/[name]'>) => text([params.name, ++runs]),
        },
      },
      { now: () => time },
    )
    const seen = async (path: string) => {
      const response = await ask(path)
      await settled()
      return [await response.json(), response.headers.get('cache-status')]
    }
    expect(await seen('/feed/b')).toEqual([['b', 1], 'pagepress; fwd=uri-miss; stored'])
    expect(await seen('/feed/b')).toEqual([['b', 1], 'pagepress; hit'])
    time += 11_000
    expect(await seen('/feed/b')).toEqual([['b', 1], 'pagepress; hit; ttl=-1'])
    expect(await seen('/feed/b')).toEqual([['b', 2], 'pagepress; hit'])
  })

  it('is revalidated on demand', async () => {
    let runs = 0
    const { ask, site } = await start({
      '/s': { revalidate: false, GET: () => text(++runs) },
      '/d': { GET: () => text(0) },
    })
    expect(await (await ask('/s')).json()).toBe(1)
    await site.revalidate('/s')
    expect(await (await ask('/s')).json()).toBe(2)
    await expect(site.revalidate('/d')).rejects.toThrow(/`\/d`.*not kept/)
  })

  it('answers 404 to paths that it does not list with dynamicParams = false', async () => {
    let runs = 0
    const { ask } = await start({
      '/only/[id]': {
        dynamicParams: false,
        generateStaticParams: () => [{ id: 'a' }],
        GET: () => text(++runs),
      },
    })
    expect((await ask('/only/a')).status).toBe(200)
    expect((await ask('/only/b')).status).toBe(404)
    expect(runs).toBe(1)
  })

  it.each([
    ['headers', (request: Request) => request.headers.get('x-a')],
    ['url', (request: Request) => new URL(request.url).searchParams.get('a')],
  ])('that reads %s of the request runs for each after all [5.21]', async (_part, read) => {
    const GET = (request: Request) => text(read(request))
    const module = { generateStaticParams: () => [{ id: '1' }], GET }
    const { ask, errors } = await start({
      '/r/[id]': module,
      '/forced/[id]': { ...module, dynamic: 'force-static' },
    })
    expect(await (await ask('/r/1?a=one', { headers: { 'x-a': 'one' } })).json()).toBe('one')
    expect(await (await ask('/r/1?a=two', { headers: { 'x-a': 'two' } })).json()).toBe('two')
    expect(await (await ask('/forced/1?a=one', { headers: { 'x-a': 'one' } })).json()).toBeNull()
    expect(errors).toEqual([])
  })

  it('keeps no failure: the answer is the visitor’s alone, and the old one stays', async () => {
    let status = 503
    let time = 1_000_000
    const { ask, errors, settled } = await start(
      { '/s': { revalidate: 10, GET: () => new Response(String(status), { status }) } },
      { now: () => time },
    )
    expect((await ask('/s')).status).toBe(503)
    status = 200
    expect((await ask('/s')).status).toBe(200)
    status = 500
    time += 11_000
    expect((await ask('/s')).status).toBe(200)
    await settled()
    expect((await ask('/s')).status).toBe(200)
    await settled()
    expect(errors.map(String)).toEqual([expect.stringMatching(/`pages\/s\.tsx` answered with status 500/)])
  })

  it('may set no cookie, for it would be everybody’s', async () => {
    const GET = () => new Response('x', { headers: { 'Set-Cookie': 'user=1' } })
    const { ask, errors } = await start({ '/s': { revalidate: false, GET } })
    const response = await ask('/s')
    expect([response.status, response.headers.get('set-cookie')]).toEqual([500, null])
    expect(errors.map(String)).toEqual([
      expect.stringMatching(/`pages\/s\.tsx` sets a cookie.*kept for everybody/),
    ])
  })

  it('is told of by validators, compressed when it is text, and private beside a cookie of the app', async () => {
    const { ask } = await start(
      {
        '/s': {
          revalidate: false,
          GET: () => new Response('a'.repeat(5000), { headers: { 'Content-Type': 'text/plain', Vary: 'X' } }),
        },
        '/own': {
          revalidate: false,
          GET: () => new Response('b', { headers: { ETag: '"mine"', 'Cache-Control': 'max-age=5' } }),
        },
      },
      {
        before: (app) =>
          void app.use((req, res, next) => {
            if (req.headers['x-login']) res.setHeader('Set-Cookie', 's=1')
            next()
          }),
      },
    )
    const first = await ask('/s', { headers: { 'Accept-Encoding': 'gzip' } })
    expect([first.headers.get('content-encoding'), first.headers.get('vary')]).toEqual([
      'gzip',
      'X, Accept-Encoding',
    ])
    expect(
      createHash('md5')
        .update(await first.text())
        .digest('hex'),
    ).toBe(createHash('md5').update('a'.repeat(5000)).digest('hex'))
    const again = await ask('/s', { headers: { 'If-None-Match': first.headers.get('etag')! } })
    expect([again.status, await again.text()]).toEqual([304, ''])
    const own = await ask('/own')
    expect([own.headers.get('etag'), own.headers.get('cache-control')]).toEqual(['"mine"', 'max-age=5'])
    const login = await ask('/own', { headers: { 'x-login': '1' } })
    expect(login.headers.get('cache-control')).toMatch(/private/)
  })

  it('redirects below whichever mount it is asked at', async () => {
    const { ask } = await start({ '/r': { revalidate: false, GET: () => redirect('/to') } }, { mount: '/m' })
    for (let visit = 0; visit < 2; visit++) expect((await ask('/m/r')).headers.get('location')).toBe('/m/to')
  })
})
