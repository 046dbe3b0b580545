/** @timed */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Suspense, use } from 'react'
import compression from 'compression'
import type { GetServerSidePropsContext } from 'pagepress'
import { createTestApp, type MemoryPages, type TestAppOptions } from 'pagepress/testing'
import { expressVersions } from '../support/express.js'
import { failOnConsole } from '../support/console.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const MB = 1024 ** 2
const blank = () => null

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await pause(1)
}

/** Waits, and fails where that takes as long as a second. */
async function withinASecond(isDone: () => boolean): Promise<void> {
  const begun = performance.now()
  while (!isDone() && performance.now() - begun < 1_000) await pause(1)
  expect(isDone()).toBe(true)
}

/** Timers that keep the process alive: one for each thing that is bounded in time and not over. */
const waits = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

/** What a visitor is sent until the connection ends, and whether that was the whole answer. */
async function readAll(port: number, path: string): Promise<{ text: string; isWhole: boolean }> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  await once(socket, 'close')
  const head = text.slice(0, text.indexOf('\r\n\r\n') + 4)
  const length = /^content-length: (\d+)/im.exec(head)?.[1]
  const isWhole =
    length === undefined ? text.endsWith('0\r\n\r\n') : text.length === head.length + Number(length)
  return { text, isWhole }
}

const bytes = (text: string) => new TextEncoder().encode(text)

describe.each(expressVersions)('a visitor who never reads and is then cut off, on %s', (_name, createApp) => {
  const counts = { made: 0, cancelled: 0, asked: 0, aborted: 0, closed: 0 }
  beforeEach(() => void Object.assign(counts, { made: 0, cancelled: 0, asked: 0, aborted: 0, closed: 0 }))

  const Never = () => {
    counts.asked += 1
    return use(new Promise<string>(() => {}))
  }
  const pages: MemoryPages = {
    '/endless': {
      GET: () =>
        new Response(
          new ReadableStream({
            pull(controller) {
              counts.made += 1
              controller.enqueue(randomBytes(64 * 1024))
            },
            cancel: () => void (counts.cancelled += 1),
          }),
          { headers: { 'Content-Type': 'text/plain' } },
        ),
    },
    '/large': {
      default: () => <p>{'x'.repeat(20 * MB)}</p>,
      getServerSideProps: () => ({ props: {} }),
    },
    '/never': {
      default: () => (
        <Suspense>
          <Never />
        </Suspense>
      ),
      getServerSideProps: ({ signal }: GetServerSidePropsContext) => {
        signal.addEventListener('abort', () => (counts.aborted += 1))
        return { props: {} }
      },
    },
  }

  async function start(before?: TestAppOptions['before']) {
    const test = createTestApp({
      pages,
      createApp,
      before: (app) => {
        app.use((_req, res, next) => {
          res.once('close', () => (counts.closed += 1))
          next()
        })
        before?.(app)
      },
    })
    const { port, server } = await serve(test.app)
    return { ...test, port, server }
  }

  /** Asks for a path and reads nothing of the answer. */
  function send(port: number, path: string, coding = 'identity'): Socket {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.pause()
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: ${coding}\r\n\r\n`)
    return socket
  }

  /** Resolves when the stream has come to rest: the client takes no more of it. */
  async function rest(): Promise<void> {
    for (let before = -1; before !== counts.made || before < 1;) {
      before = counts.made
      await pause(100)
    }
  }

  const inFront: [what: string, before: TestAppOptions['before']][] = [
    ['straight', undefined],
    ['through a compressing middleware', (app) => void app.use(compression())],
    [
      'through a middleware that is never told to go on',
      (app) =>
        void app.use((_req, res, next) => {
          const write = res.write.bind(res)
          res.write = (...args: unknown[]) => (void Reflect.apply(write, res, args), false)
          const emit = res.emit.bind(res)
          res.emit = (name: string, ...args: unknown[]) => name !== 'drain' && emit(name, ...args)
          next()
        }),
    ],
  ]

  it.each(inFront)('lets go of a stream within a second, %s [S142]', async (_what, before) => {
    const { port, errors } = await start(before)
    const socket = send(port, '/endless', 'gzip')
    await rest()
    expect(counts).toMatchObject({ cancelled: 0, closed: 0 })
    socket.resetAndDestroy()
    await withinASecond(() => counts.cancelled === 1 && counts.closed === 1)
    const { made } = counts
    await pause(50)
    expect([counts.made, errors]).toEqual([made, []])
  })

  it('lets go of a page that is on its way, and of one that is rendered, within a second [S142]', async () => {
    const { port, server, errors } = await start()
    const idle = waits()
    const large = send(port, '/large')
    // The page is whole, and most of it has nowhere to go.
    let stuck: IncomingMessage | undefined
    server.once('request', (req: IncomingMessage) => (stuck = req))
    await until(() => (stuck?.socket.writableLength ?? 0) > MB)
    expect(counts.closed).toBe(0)
    large.resetAndDestroy()
    await withinASecond(() => counts.closed === 1)

    const never = send(port, '/never')
    await until(() => counts.asked >= 2)
    // Those of the render and of the request.
    expect(waits()).toBeGreaterThan(idle)
    never.resetAndDestroy()
    await withinASecond(() => counts.closed === 2 && counts.aborted === 1 && waits() <= idle)
    expect(errors).toEqual([])
    const left = await new Promise<number>((resolve) => server.getConnections((_error, n) => resolve(n)))
    expect(left).toBe(0)
  })
})

it('a stream that waits for its client listens once, however often it waits', async () => {
  const counts = { listened: 0, waited: 0 }
  const { app } = createTestApp({
    before(app) {
      // Its stream takes listeners, and never lets one go.
      app.use(compression())
      app.use((_req, res, next) => {
        const on = res.on.bind(res)
        res.on = (...args: Parameters<typeof on>) => {
          counts.listened += Number((args[0] as string) === 'drain')
          return on(...args)
        }
        const write = res.write.bind(res)
        res.write = (...args: unknown[]) => {
          const goesOn = Reflect.apply(write, res, args) as boolean
          counts.waited += Number(!goesOn)
          return goesOn
        }
        next()
      })
    },
    pages: {
      '/long': {
        GET: () =>
          new Response(
            new ReadableStream({
              start: (controller) => {
                for (let n = 0; n < 20; n += 1) controller.enqueue(randomBytes(64 * 1024))
                controller.close()
              },
            }),
            { headers: { 'Content-Type': 'text/plain' } },
          ),
      },
    },
  })
  const { port } = await serve(app)
  const response = await fetch(`http://127.0.0.1:${port}/long`, { headers: { 'Accept-Encoding': 'gzip' } })
  expect((await response.arrayBuffer()).byteLength).toBe(20 * 64 * 1024)
  expect(counts.waited).toBeGreaterThan(10)
  expect(counts.listened).toBe(1)
})

describe('a boundary that never resolves', () => {
  it.each(['server', 'static', 'listed/a'])('of a %s page ends at the time limit [S143]', async (path) => {
    const Never = () => use(new Promise<string>(() => {}))
    const Page = () => (
      <>
        <h1>shell</h1>
        <Suspense fallback="wait">
          <Never />
        </Suspense>
      </>
    )
    let runs = 0
    const getStaticProps = () => ((runs += 1), { props: {} })
    const test = createTestApp({
      options: { limits: { timeoutMs: 100 } },
      pages: {
        '/server': { default: Page, getServerSideProps: () => ((runs += 1), { props: {} }) },
        '/static': { default: Page, getStaticProps },
        '/listed/[id]': {
          default: Page,
          getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
          getStaticProps,
        },
        '/fine': { default: blank },
      },
    })
    const { port } = await serve(test.app)
    const idle = waits()
    for (const visit of [1, 2]) {
      const begun = performance.now()
      const socket = connect(port, '127.0.0.1')
      let text = ''
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
      // What is asked on the same connection is answered as soon as this has ended.
      for (const [target, last] of [
        [path, 'keep-alive'],
        ['fine', 'close'],
      ])
        socket.write(`GET /${target} HTTP/1.1\r\nHost: localhost\r\nConnection: ${last}\r\n\r\n`)
      await once(socket, 'close')
      expect(performance.now() - begun).toBeGreaterThanOrEqual(95)
      const [, failed = '', fine = ''] = text.split('HTTP/1.1 ')
      expect([failed.slice(0, 3), fine.slice(0, 3)]).toEqual(['504', '200'])
      expect(failed).toMatch(/^Cache-Control: .*no-store/m)
      // Neither half a page nor its fallback passes for the page.
      expect(failed).not.toContain('shell')
      const length = Number(/^Content-Length: (\d+)/m.exec(failed)?.[1])
      expect(Buffer.byteLength(failed.slice(failed.indexOf('\r\n\r\n') + 4))).toBe(length)
      await test.settled()
      // Nothing was kept: the second visitor has it produced again.
      expect([runs, test.errors.length]).toEqual([visit, visit])
    }
    for (const error of test.errors) expect(String(error)).toMatch(/100 ms/)
    await until(() => waits() <= idle)
  })
})

describe('what fails after its first byte', () => {
  const failing =
    (
      headers: Record<string, string>,
      more: (controller: ReadableStreamDefaultController) => Promise<void> | void,
    ) =>
    () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(bytes('half')),
          pull: more,
        }),
        { headers: { 'Content-Type': 'text/plain', ...headers } },
      )
  const broken = async (controller: ReadableStreamDefaultController) => {
    // What is written at the moment of a failure may not have left yet.
    await pause(20)
    controller.error(new Error('broken'))
  }
  const length = { 'Content-Length': '8' }

  it.each<[what: string, headers: Record<string, string>, more: Parameters<typeof failing>[1]]>([
    ['fails', {}, broken],
    ['fails where its length was said', length, broken],
    [
      'ends before the length that it said',
      length,
      async (controller) => (await pause(20), controller.close()),
    ],
    [
      'goes on after the length that it said',
      length,
      async (controller) => (
        await pause(20),
        controller.enqueue(bytes('and far too much')),
        controller.close()
      ),
    ],
  ])('a stream that %s is cut off, and onError hears of it [S144]', async (_what, headers, more) => {
    const { app, errors } = createTestApp({ pages: { '/s': { GET: failing(headers, more) } } })
    const { port } = await serve(app)
    const { text, isWhole } = await readAll(port, '/s')
    expect(text).toMatch(/^HTTP\/1\.1 200 /)
    expect(text).toContain('half')
    expect(text).not.toContain('too much')
    expect(isWhole).toBe(false)
    expect(errors).toHaveLength(1)
    await expect(fetch(`http://127.0.0.1:${port}/s`).then((answer) => answer.text())).rejects.toThrow()
  })

  it('is cut off behind a compressing middleware as well [S144]', async () => {
    const { app, errors } = createTestApp({
      before: (app) => void app.use(compression()),
      pages: { '/s': { GET: failing({}, broken) } },
    })
    const { port } = await serve(app)
    await expect(fetch(`http://127.0.0.1:${port}/s`).then((answer) => answer.text())).rejects.toThrow()
    expect(errors.map(String)).toEqual(['Error: broken'])
  })

  it('is neither sent nor kept of what everybody gets: pages and static route handlers [S144]', async () => {
    const state = { isBroken: true, runs: 0, time: 1_000_000 }
    const Late = ({ at }: { at: Promise<string> }) => {
      const text = use(at)
      if (state.isBroken) throw new Error('broken')
      return text
    }
    const { app, errors, settled } = createTestApp({
      now: () => state.time,
      pages: {
        '/page': {
          default: () => {
            const at = pause(5, 'late')
            return (
              <>
                <h1>shell</h1>
                <Suspense fallback="wait">
                  <Late at={at} />
                </Suspense>
              </>
            )
          },
          getStaticProps: () => ((state.runs += 1), { props: {} }),
        },
        '/handler': {
          dynamic: 'force-static',
          GET: () => {
            state.runs += 1
            return failing({}, (controller) => (state.isBroken ? broken(controller) : controller.close()))()
          },
        },
      },
    })
    const { ask } = await serve(app)
    for (const [path, whole] of [
      ['/page', 'late'],
      ['/handler', 'half'],
    ] as const) {
      Object.assign(state, { isBroken: true, runs: 0 })
      errors.length = 0
      for (const visit of [1, 2]) {
        const failed = await ask(path)
        expect([failed.status, state.runs, errors.length]).toEqual([500, visit, visit])
        expect(failed.body).not.toMatch(/shell|half|wait/)
        await settled()
        // What goes on failing is tried once a second.
        state.time += 2_000
      }
      state.isBroken = false
      expect((await ask(path)).body).toContain(whole)
      expect((await ask(path)).headers['cache-status']).toBe('pagepress; hit')
      expect(state.runs).toBe(3)
    }
  })
})
