/** @timed */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { createServer } from 'pagepress'
import { createTestApp } from 'pagepress/testing'
import { failOnConsole } from '../support/console.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const MB = 1024 ** 2
const blank = () => null
const large = 'x'.repeat(5 * MB)

/** One page of each kind, those at `/slow/…` produced when they are let go on. */
function createSite() {
  const state = { runs: 0, goOn: () => {} }
  const counted = (more: object = {}) => (
    (state.runs += 1),
    { props: { run: state.runs, text: 'x'.repeat(2_000) }, revalidate: 60, ...more }
  )
  const blocking = () => ({ paths: [], fallback: 'blocking' })
  const test = createTestApp({
    options: { fallthrough: false },
    pages: {
      '/plain': { default: blank },
      '/static/[id]': { default: blank, getStaticPaths: blocking, getStaticProps: () => counted() },
      '/slow/[id]': {
        default: ({ id }: { id: string }) => <p>{id.repeat(1_000)}</p>,
        getStaticPaths: blocking,
        getStaticProps: async ({ params }: { params: { id: string } }) => {
          state.runs += 1
          await new Promise<void>((resolve) => (state.goOn = resolve))
          return { props: params }
        },
      },
      '/large': { default: () => <p>{large}</p>, getStaticProps: () => counted() },
      '/moved/[id]': {
        default: blank,
        getStaticPaths: blocking,
        getStaticProps: () => ({ redirect: { destination: '/plain', permanent: false } }),
      },
      '/gone/[id]': { default: blank, getStaticPaths: blocking, getStaticProps: () => ({ notFound: true }) },
      '/server': { default: blank, getServerSideProps: () => ({ props: { text: 'x'.repeat(2_000) } }) },
      '/micro': {
        default: blank,
        config: { microcache: 60 },
        getServerSideProps: () => ({ props: { text: 'x'.repeat(2_000) } }),
      },
      '/handler': { GET: () => new Response('hello'), dynamic: 'force-static' },
    },
  })
  return { ...test, state }
}

function send(port: number, path: string, method = 'GET'): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  return socket
}

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await pause(1)
}

describe('a visitor who leaves', () => {
  it('while a page is produced for the first time leaves it to those who wait, and to the cache [S139]', async () => {
    const { app, state, settled, errors } = createSite()
    const { ask, leave } = await serve(app)
    await leave('/slow/a')
    await until(() => state.runs === 1)
    const waiting = [ask('/slow/a'), ask('/_data/slow/a.json')]
    await pause(20)
    state.goOn()
    const [html, data] = await Promise.all(waiting)
    expect([html!.status, data!.status]).toEqual([200, 200])
    expect(html!.body).toContain('a'.repeat(1_000))

    // Nobody waits but the one who has left.
    await leave('/slow/b')
    await until(() => state.runs === 2)
    await pause(20)
    state.goOn()
    await settled()
    const kept = await ask('/slow/b')
    expect(kept.headers['cache-status']).toBe('pagepress; hit')
    expect(kept.body).toContain('b'.repeat(1_000))
    expect([state.runs, errors]).toEqual([2, []])
  })

  it('while a kept page is sent leaves it whole for the next [S140]', async () => {
    const { app, state, errors } = createSite()
    const { ask, port } = await serve(app)
    const whole = await ask('/large')
    expect(whole.body).toContain(large)
    for (let visit = 0; visit < 20; visit += 1) {
      const socket = send(port, '/large')
      await once(socket, 'data')
      socket.destroy()
    }
    const next = await ask('/large')
    expect(next.headers['cache-status']).toBe('pagepress; hit')
    expect(next.headers['etag']).toBe(whole.headers['etag'])
    expect(next.body === whole.body).toBe(true)
    expect([state.runs, errors]).toEqual([1, []])
  })
})

/** A process of its own with five hundred visitors, each of whom reads ten bytes in a tenth of a second. */
const slowReaders = `
  const { connect } = require('node:net')
  const sockets = Array.from({ length: 500 }, () => {
    const socket = connect({ port: Number(process.argv[1]), host: '127.0.0.1', highWaterMark: 1024 })
    socket.pause().write('GET /large HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n')
    return new Promise((resolve) => socket.once('readable', () => resolve(socket)))
  })
  Promise.all(sockets).then((all) => {
    console.log('reading')
    setInterval(() => all.forEach((socket) => socket.read(10)), 100)
  })
`

it('five hundred who read a large page slowly share its bytes, and hold up nobody [S141]', async () => {
  const { app } = createSite()
  const { ask, port } = await serve(app)
  await ask('/large')
  await ask('/plain')
  const p99 = async () => {
    const times: number[] = []
    for (let visit = 0; visit < 200; visit += 1) {
      const begun = performance.now()
      await ask('/plain')
      times.push(performance.now() - begun)
    }
    return times.sort((a, b) => a - b)[197]!
  }
  await p99()
  const quiet = [await p99(), await p99(), await p99()]
  const before = process.memoryUsage().rss
  const readers = spawn(process.execPath, ['-e', slowReaders, String(port)])
  try {
    await once(readers.stdout, 'data')
    const busy = [await p99(), await p99(), await p99(), await p99(), await p99()]
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * MB)
    expect(Math.min(...busy)).toBeLessThan(1.2 * Math.max(...quiet))
  } finally {
    readers.kill('SIGKILL')
  }
}, 60_000)

describe('HEAD', () => {
  it.each([
    '/plain',
    '/static/ID',
    '/_data/static/ID.json',
    '/moved/ID',
    '/gone/ID',
    '/server',
    '/_data/server.json',
    '/micro',
    '/handler',
    '/nowhere',
  ])('of %s says what GET says, cold and warm, and has no body [S145]', async (path) => {
    const { app, state } = createSite()
    const { ask } = await serve(app)
    const say = async (method: string, id: string) => {
      const { status, headers, body } = await ask(path.replace('ID', id), { method })
      const { date: _date, ...said } = headers
      return { status, said, body }
    }
    // At pages of their own where a path has many: the first visit is a miss for either method.
    const coldHead = await say('HEAD', 'a')
    const runs = state.runs
    const coldGet = await say('GET', path.includes('ID') ? 'b' : 'a')
    const get = await say('GET', 'a')
    const head = await say('HEAD', 'a')
    expect([coldHead.body, head.body]).toEqual(['', ''])
    expect([head.status, head.said]).toEqual([get.status, get.said])
    expect(coldHead.status).toBe(coldGet.status)
    if (path.includes('ID')) expect(Object.keys(coldHead.said)).toEqual(Object.keys(coldGet.said))
    if (get.body !== '') expect(Number(head.said['content-length'])).toBe(Buffer.byteLength(get.body))
    // A cold HEAD has produced what GET gets.
    if (path.includes('static')) expect([runs, state.runs]).toEqual([1, 2])
  })
})

describe('conditions of a request', () => {
  it('are taken as RFC 9110 has them, and leave the page as it is [S147]', async () => {
    const { app, state } = createSite()
    const { ask } = await serve(app)
    const whole = await ask('/static/a')
    const etag = whole.headers['etag']!
    const strong = etag.replace(/^W\//, '')
    const many = '"",'.repeat(5_000)
    const ancient = 'Thu, 01 Jan 1970 00:00:00 GMT'
    const cases: [headers: Record<string, string>, status: number][] = [
      [{ 'If-None-Match': etag }, 304],
      [{ 'If-None-Match': strong }, 304],
      [{ 'If-None-Match': `"a", ${etag}, "b"` }, 304],
      [{ 'If-None-Match': '*' }, 304],
      [{ 'If-None-Match': `${many}${etag}` }, 304],
      [{ 'If-None-Match': many }, 200],
      [{ 'If-None-Match': strong.slice(1, -1) }, 200],
      [{ 'If-None-Match': '"é\u00ff"' }, 200],
      [{ 'If-None-Match': `"é\u00ff", ${etag}` }, 304],
      [{ 'If-None-Match': '' }, 200],
      ...['yesterday', '0', '', ancient, 'Thu, 32 Foo 9999 99:99:99 GMT'].map(
        (date): [Record<string, string>, number] => [{ 'If-Modified-Since': date }, 200],
      ),
      // Where there are both, the date says nothing.
      [{ 'If-None-Match': '"other"', 'If-Modified-Since': new Date().toUTCString() }, 200],
      [{ 'If-None-Match': etag, 'If-Modified-Since': ancient }, 304],
    ]
    for (const [headers, status] of cases) {
      const answer = await ask('/static/a', { headers })
      expect([headers, answer.status]).toEqual([headers, status])
      expect(answer.headers['etag']).toBe(etag)
      expect(answer.headers['cache-control']).toMatch(/^s-maxage=\d+/)
      expect(answer.headers['vary']).toBe(whole.headers['vary'])
      expect(answer.body).toBe(status === 304 ? '' : whole.body)
    }
    // A 304 is nothing to keep.
    expect([(await ask('/static/a')).body, state.runs]).toEqual([whole.body, 1])
    // A first visit with a condition: what is kept is the page.
    expect((await ask('/static/b', { headers: { 'If-None-Match': '*' } })).status).toBe(304)
    expect((await ask('/static/b')).status).toBe(200)
  })
})

describe('requests that are sent at once on one connection', () => {
  const kinds = [
    '/static/a',
    '/static/N',
    '/nowhere/N',
    '/moved/N',
    '/gone/N',
    '/server',
    '/_data/static/N.json',
  ]

  it.each([
    ['app.listen', (app: never) => app],
    ['createServer', (app: never) => createServer(app)],
  ])('of %s are answered in order, whole, and 503 once the site closes [S148]', async (_what, toServer) => {
    const { app, site } = createSite()
    const { ask, port } = await serve(toServer(app as never) as never)
    const paths = Array.from({ length: 50 }, (_, n) => kinds[n % kinds.length]!.replace('N', String(n)))
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
    socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(''))
    // Another one leaves in the middle of its own.
    const other = connect(port, '127.0.0.1')
    other.on('error', () => {})
    other.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(''))
    await once(other, 'data')
    other.destroy()
    const answers: { status: number; length: number }[] = []
    await until(() => {
      for (;;) {
        const head = /^HTTP\/1\.1 (\d+) [^]*?\r\nContent-Length: (\d+)[^]*?\r\n\r\n/i.exec(text)
        if (head === null || text.length < head[0].length + Number(head[2])) return answers.length === 50
        answers.push({ status: Number(head[1]), length: Number(head[2]) })
        text = text.slice(head[0].length + Number(head[2]))
      }
    })
    expect(text).toBe('')
    for (const [index, path] of paths.entries()) {
      const alone = await ask(path)
      expect([path, answers[index]]).toEqual([path, { status: alone.status, length: alone.body.length }])
    }

    const late = send(port, '/static/a')
    await once(late, 'data')
    await site.close()
    late.write('GET /static/a HTTP/1.1\r\nHost: localhost\r\n\r\n')
    const [answer] = (await once(late, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 503 /)
    for (const one of [socket, late]) one.destroy()
  })
})
