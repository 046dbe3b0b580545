// A process in which everything fails that can: pages, visitors, the store, listeners, `onError` itself. Prints how many
// promises were rejected with nobody to handle it. With the argument `floating`, a page leaves one behind itself.
import { once } from 'node:events'
import { get } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { createElement, Suspense, use } from 'react'
import { createTestApp } from '../../dist/testing/index.js'

const isFloating = process.argv[2] === 'floating'
const unhandled = []
process.on('unhandledRejection', (error) => unhandled.push(String(error)))

let turn = 0
let time = Date.now()
const fail = (what) => {
  throw new Error(what)
}
const Page = ({ text = 'fine' }) => createElement('p', null, text)
const Waiting = () => use(new Promise(() => {}))
const blocking = () => ({ paths: [], fallback: 'blocking' })
const gone = new Error('The store is away.')
/** Works, rejects, throws, and hangs a little, in turn. */
const store = Object.fromEntries(
  Object.entries({
    get: undefined,
    set: undefined,
    delete: undefined,
    lease: { release: () => Promise.reject(gone) },
  }).map(([name, answer]) => [
    name,
    () => {
      turn += 1
      if (turn % 5 === 0) throw gone
      if (turn % 3 === 0) return Promise.reject(gone)
      return turn % 2 === 0 ? pause(5).then(() => Promise.reject(gone)) : Promise.resolve(answer)
    },
  ]),
)

const passed = []
const { app, site, settled } = createTestApp({
  now: () => time,
  options: {
    limits: { timeoutMs: 300, renders: 4, queue: 4 },
    cache: {
      store: () => ({
        ...store,
        invalidate: () => Promise.reject(gone),
        subscribe: () => () => fail('while unsubscribing'),
        close: () => Promise.reject(gone),
      }),
      onPurge: () => Promise.reject(new Error('The CDN is away.')),
    },
    errors: isFloating ? 'next' : 'render',
    onError: (_error, info) => {
      if (info.phase === 'request' || isFloating) return
      if (turn % 2 === 0) fail('The logger is down.')
      return Promise.reject(new Error('The logger is down, later.'))
    },
  },
  pages: {
    '/p/[id]': {
      default: Page,
      getStaticPaths: blocking,
      async getStaticProps({ params }) {
        await pause(Math.random() * 5)
        const kind = (turn + params.id.length) % 4
        if (kind === 0) fail('The data is away.')
        if (kind === 1) return { nonsense: true }
        return { props: { text: params.id }, revalidate: 1 }
      },
    },
    '/hangs/[id]': { default: Page, getStaticPaths: blocking, getStaticProps: () => new Promise(() => {}) },
    '/late/[id]': {
      default: Page,
      getStaticPaths: blocking,
      // Rejects when nobody waits any more.
      getStaticProps: () => pause(400).then(() => fail('too late')),
    },
    '/server': {
      default: Page,
      getServerSideProps: async ({ signal }) => {
        signal.addEventListener('abort', () => {})
        await pause(20, undefined, { signal })
        return { props: {} }
      },
    },
    '/renders': { default: () => fail('while rendering'), getServerSideProps: () => ({ props: {} }) },
    '/suspends': {
      default: () => createElement(Suspense, { fallback: 'wait' }, createElement(Waiting)),
      getServerSideProps: () => ({ props: {} }),
    },
    '/ends': {
      default: Page,
      getServerSideProps({ res }) {
        res.end('half')
        fail('after the end')
      },
    },
    '/floating': {
      default: Page,
      getServerSideProps() {
        void Promise.reject(new Error('floating'))
        throw new Error('and thrown')
      },
    },
    '/api/fails': { default: () => fail('in the API') },
    '/api/late': {
      default: async (_req, res) => {
        res.json({})
        await pause(5)
        fail('after the answer')
      },
    },
    '/handler': { GET: () => Promise.reject(new Error('in the handler')) },
    '/500': { default: () => fail('the page for errors') },
  },
  after: (app) =>
    app.use((error, _req, res, _next) => {
      passed.push(String(error))
      if (res.headersSent) res.destroy()
      else res.status(500).send('theirs')
    }),
})
for (const event of ['hit', 'miss', 'produced', 'failed', 'stale'])
  site.on(event, () => {
    if (turn % 3 === 0) fail('The listener fails.')
  })
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address()

/** The status of the answer, or 0 for none. */
const ask = (path) =>
  new Promise((resolve) => {
    const sent = get({ port, host: '127.0.0.1', path, agent: false }, (res) => {
      res.on('error', () => resolve(0)).on('end', () => resolve(res.statusCode))
      res.resume()
    })
    sent.on('error', () => resolve(0))
  })

async function leave(path) {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  await once(socket, 'connect')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  await pause(Math.random() * 10)
  socket.destroy()
}

async function trouble() {
  for (let round = 0; round < 12; round += 1) {
    time += 4_000
    const ids = Array.from({ length: 12 }, (_, index) => 'x'.repeat(1 + (index % 6)))
    await Promise.all([
      ...ids.flatMap((id) => [ask(`/p/${id}`), ask(`/_data/p/${id}.json`), leave(`/p/${id}`)]),
      ...[
        '/server',
        '/renders',
        '/ends',
        '/api/fails',
        '/api/late',
        '/handler',
        '/p/%ff',
        '/nothing',
      ].flatMap((path) => [ask(path), leave(path)]),
      ...['/p/x', '/nowhere', { tag: 'a' }].map((target) => site.revalidate(target).catch(() => {})),
    ])
  }
  await Promise.all([
    ask('/suspends'),
    leave('/suspends'),
    ask('/hangs/a'),
    leave('/hangs/a'),
    ask('/late/a'),
    leave('/late/a'),
  ])
  await settled()
  await pause(500)
}

const answered = isFloating ? await ask('/floating') : await trouble().then(() => ask('/server'))
server.closeAllConnections()
server.close()
await site.close().catch(() => {})
await pause(50)
console.log(JSON.stringify({ answered, unhandled, passed }))
