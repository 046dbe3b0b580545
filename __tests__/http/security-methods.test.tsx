import { once } from 'node:events'
import { connect } from 'node:net'
import type { Express } from 'express'
import { createServer } from 'pagepress'
import { createTestApp, type TestAppOptions } from 'pagepress/testing'
import { expressVersions } from '../support/express.js'
import { failOnConsole } from '../support/console.js'
import { askRaw } from '../support/raw.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

/** A page of each kind, and what was produced of them. */
function createSite(more: Partial<TestAppOptions> = {}) {
  const state = { runs: 0 }
  const Page = () => ((state.runs += 1), (<p>page</p>))
  const counted = () => ((state.runs += 1), { props: {} })
  const answer = () => ((state.runs += 1), new Response('hello'))
  const test = createTestApp({
    options: { fallthrough: false },
    pages: {
      '/plain': { default: Page },
      '/static': { default: Page, getStaticProps: counted },
      '/server': { default: Page, getServerSideProps: counted },
      '/reader': { GET: answer },
      '/kept': { GET: answer, dynamic: 'force-static' },
      '/writer': { POST: answer, DELETE: answer },
    },
    ...more,
  })
  return { ...test, state }
}

/** Sends bytes as they stand and resolves with all that comes back before the connection ends. */
async function sendBytes(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  let answer = ''
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
  socket.write(text, 'latin1')
  await once(socket, 'close')
  return answer
}

const servers: [what: string, toServer: (app: Express) => never][] = [
  ['app.listen', (app) => app as never],
  ['createServer', (app) => createServer(app) as never],
]

describe.each(expressVersions)('methods that read and write nothing, on %s', (_name, createApp) => {
  const read = 'GET, HEAD'
  const forms = 'DELETE, GET, HEAD, PATCH, POST, PUT'
  /** Status and `Allow`, for OPTIONS, then for TRACE and a WebDAV method. */
  const cases: [path: string, options: [number, string?], other: [number, string?]][] = [
    ['/plain', [405, read], [405, read]],
    ['/static', [405, read], [405, read]],
    ['/_data/static.json', [405, read], [405, read]],
    ['/server', [405, forms], [405, forms]],
    ['/_data/server.json', [405, forms], [405, forms]],
    ['/reader', [204, 'GET, HEAD, OPTIONS'], [400]],
    ['/kept', [204, 'GET, HEAD, OPTIONS'], [400]],
    ['/writer', [204, 'DELETE, OPTIONS, POST'], [400]],
    ['/nowhere', [404], [404]],
    ['/_data/nowhere.json', [404], [404]],
  ]

  it.each(servers)(
    'render nothing, and are told what may be asked, with %s [S146]',
    async (_what, toServer) => {
      const { app, state, errors } = createSite({ createApp })
      const { ask, port } = await serve(toServer(app))
      for (const [path, options, other] of cases)
        for (const [method, [status, allow]] of [
          ['OPTIONS', options],
          ['TRACE', other],
          ['PROPFIND', other],
        ] as const) {
          const answer = await ask(path, { method })
          expect([method, path, answer.status, answer.headers['allow']]).toEqual([
            method,
            path,
            status,
            allow,
          ])
          // TRACE would say what a proxy has added.
          expect(answer.body).not.toContain(path)
        }
      // Node's parser knows methods by name, in capitals: of others we never hear.
      for (const method of ['FOO', 'get', 'Get', 'head', 'options', 'gET'])
        for (const [path] of cases) {
          const answer = await askRaw(port, path, { method })
          expect([method, path, answer.status, answer.body]).toEqual([method, path, 400, ''])
        }
      // A tunnel that nobody offers.
      for (const target of ['/static', 'localhost:80', 'http://localhost/server'])
        expect(await sendBytes(port, `CONNECT ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`)).toBe('')
      expect([state.runs, errors]).toEqual([0, []])
      expect((await ask('/static')).status).toBe(200)
    },
  )

  it('are Express’s own for routes of the app, before the site and after it [S146]', async () => {
    const addRoutes = (app: Express, at: string) => {
      app.get(`/${at}`, (_req, res) => void res.send('theirs'))
      app.post(`/${at}`, (_req, res) => void res.send('theirs'))
      app.options(`/${at}/own`, (_req, res) => void res.set('Allow', 'BREW').status(200).send('own'))
    }
    const before = (app: Express) => addRoutes(app, 'before')
    const after = (app: Express) => {
      addRoutes(app, 'after')
      app.put('/static', (_req, res) => void res.send('theirs'))
    }
    const bare = createApp()
    before(bare)
    after(bare)
    const { app, state, errors } = createSite({ createApp, before, after, options: {} })
    const [with_, without] = [await serve(app), await serve(bare)]
    for (const path of ['/before', '/before/own', '/after', '/after/own', '/static', '/nowhere'])
      for (const method of ['OPTIONS', 'TRACE', 'PROPFIND']) {
        const [ours, theirs] = [await with_.ask(path, { method }), await without.ask(path, { method })]
        expect([method, path, ours.status, ours.headers['allow'], ours.body]).toEqual([
          method,
          path,
          theirs.status,
          theirs.headers['allow'],
          theirs.body,
        ])
      }
    expect((await with_.ask('/before', { method: 'OPTIONS' })).headers['allow']).toMatch(/GET, ?HEAD, ?POST/)
    expect([state.runs, errors]).toEqual([0, []])
  })
})

describe.each(expressVersions)('requests of odd form, on %s', (_name, createApp) => {
  const paths = ['/static', '/server', '/_data/static.json', '/reader', '/kept', '/nowhere']
  const text = (lines: string[], body = '') => `${lines.join('\r\n')}\r\n\r\n${body}`
  const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1])

  it.each(servers)('are served or refused, with %s [S149]', async (_what, toServer) => {
    const { app, errors } = createSite({ createApp })
    const { ask, port } = await serve(toServer(app))
    for (const path of paths) {
      const { status, body } = await ask(path)
      const forms: [what: string, request: string, status: number][] = [
        ['HTTP/1.0', text([`GET ${path} HTTP/1.0`, 'Host: localhost']), status],
        ['HTTP/1.0, no Host', text([`GET ${path} HTTP/1.0`]), status],
        ['no Host', text([`GET ${path} HTTP/1.1`, 'Connection: close']), 400],
        ['empty Host', text([`GET ${path} HTTP/1.1`, 'Host:', 'Connection: close']), status],
        ...['http', 'HTTP', 'hTTpS'].map((scheme): [string, string, number] => [
          scheme,
          text([`GET ${scheme}://localhost${path} HTTP/1.1`, 'Host: localhost', 'Connection: close']),
          status,
        ]),
      ]
      for (const [what, request, expected] of forms) {
        const answer = await sendBytes(port, request)
        // A Web request has a URL, and that has a host.
        const isHostless = what === 'empty Host' && path === '/reader'
        // Guards of the app know a page's data by its path alone: in another form there is none.
        const isUnguarded = path.startsWith('/_data/') && /^http/i.test(what) && !what.startsWith('HTTP/')
        const told = isHostless ? 400 : isUnguarded ? 404 : expected
        expect([what, path, statusOf(answer)]).toEqual([what, path, told])
        if (told === 200) expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toContain(body)
      }
      // Of two hosts, one is believed, the same by all of us.
      const twice = text([`GET ${path} HTTP/1.1`, 'Host: a.test', 'Host: b.test', 'Connection: close'])
      expect([status, 400]).toContain(statusOf(await sendBytes(port, twice)))
    }
    expect(errors).toEqual([])
  })

  it.each(servers)(
    'with bodies that nobody asked for leave the connection in step, with %s [S149]',
    async (_what, toServer) => {
      const { app, errors } = createSite({ createApp })
      const { ask, port } = await serve(toServer(app))
      const inner = 'GET /inner HTTP/1.1\r\nHost: localhost\r\n\r\n'
      for (const path of paths) {
        const { status } = await ask(path)
        for (const [lines, body] of [
          [[`Content-Length: ${inner.length}`], inner],
          [['Transfer-Encoding: chunked'], `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`],
        ] as const) {
          const first = text([`GET ${path} HTTP/1.1`, 'Host: localhost', ...lines], body)
          const second = text(['GET /plain HTTP/1.1', 'Host: localhost', 'Connection: close'])
          const answers = (await sendBytes(port, first + second)).match(/HTTP\/1\.1 \d+/g)
          expect([path, lines[0], answers]).toEqual([path, lines[0], [`HTTP/1.1 ${status}`, 'HTTP/1.1 200']])
        }
      }
      expect(errors).toEqual([])
    },
  )

  it.each(servers)(
    'that wait to be told to go on are, or are refused, with %s [S149]',
    async (_what, toServer) => {
      const { app, errors } = createSite({ createApp })
      const { port } = await serve(toServer(app))
      const ask = (method: string, path: string, expected: string) =>
        sendBytes(
          port,
          text(
            [
              `${method} ${path} HTTP/1.1`,
              'Host: localhost',
              `Expect: ${expected}`,
              'Connection: close',
              'Content-Length: 3',
            ],
            'a=b',
          ),
        )
      for (const [method, path, status] of [
        ['POST', '/server', 200],
        ['POST', '/writer', 200],
        ['POST', '/static', 405],
        ['GET', '/static', 200],
        ['POST', '/nowhere', 404],
      ] as const) {
        const answer = await ask(method, path, '100-continue')
        expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 /)
        expect([path, statusOf(answer.slice(25))]).toEqual([path, status])
        expect(statusOf(await ask(method, path, 'a miracle'))).toBe(417)
      }
      expect(errors).toEqual([])
    },
  )

  it.each(servers)(
    'that mean the server as a whole are answered by the app, with %s [S149]',
    async (_what, toServer) => {
      for (const fallthrough of [true, false]) {
        const { app, state, errors } = createSite({ createApp, options: { fallthrough } })
        const { port } = await serve(toServer(app))
        for (const method of ['OPTIONS', 'GET', 'TRACE']) {
          const answer = await askRaw(port, '*', { method })
          expect([method, [400, 404, 405].includes(answer.status)]).toEqual([method, true])
        }
        expect([state.runs, errors]).toEqual([0, []])
      }
    },
  )
})
