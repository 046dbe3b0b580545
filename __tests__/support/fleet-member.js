// One machine of a fleet: a process that serves the built package with pages of a table, one store, and data from the
// test's own server. Arguments: Redis URL, data URL, build id, milliseconds that its clock is ahead.
import { once } from 'node:events'
import { createElement } from 'react'
import { cached } from '../../dist/index.js'
import { createTestApp } from '../../dist/testing/index.js'
import { redisStore } from '../../dist/redis/index.js'

const [redisUrl, dataUrl, buildId, skew] = process.argv.slice(2)
const rightTime = Date.now
let ahead = Number(skew)
Date.now = () => rightTime() + ahead
const name = String(process.pid)
const Page = ({ text }) => createElement('p', null, text)

/** Asks the test what the page shows; it counts, and takes as long as it likes. */
async function read(path, more) {
  const answer = await fetch(`${dataUrl}${path}?machine=${name}&at=${Date.now()}`)
  if (!answer.ok) throw new Error(`The data source answered ${answer.status}.`)
  return { props: { text: await answer.text() }, ...more }
}

/** What the machines of the fleet share of what they have read. */
const shared = (key, more) =>
  cached(async (/** @type {string} */ id) => (await read(`/${key}/${id}`)).props, {
    key,
    tags: [key],
    ...more,
  })
const loadBrief = shared('data-brief', { revalidate: 1 })
const loadLong = shared('data-long', { revalidate: 3600 })

const blocking = () => ({ paths: [], fallback: 'blocking' })
/** Where it is busy, a machine of these tests still waits for Redis: they count what is produced. */
const openRedis = redisStore(redisUrl, { timeoutMs: 500 })
const opened = []
const store = (context) => {
  opened.push(openRedis(context))
  return opened.at(-1)
}
const test = createTestApp({
  buildId,
  options: { cache: { store }, onError: (error) => console.error(String(error)) },
  pages: {
    '/brief/[id]': {
      default: Page,
      getStaticPaths: blocking,
      getStaticProps: ({ params }) => read(`/brief/${params.id}`, { revalidate: 1, tags: ['brief'] }),
    },
    '/long/[id]': {
      default: Page,
      getStaticPaths: blocking,
      getStaticProps: ({ params }) => read(`/long/${params.id}`, { revalidate: 3600, tags: ['long'] }),
    },
    '/data-brief/[id]': {
      default: Page,
      getServerSideProps: async ({ params }) => ({ props: await loadBrief(params.id) }),
    },
    '/data-long/[id]': {
      default: Page,
      getServerSideProps: async ({ params }) => ({ props: await loadLong(params.id) }),
    },
    '/micro/[id]': {
      default: Page,
      config: { microcache: 1 },
      getServerSideProps: ({ params }) => read(`/micro/${params.id}`),
    },
    '/made-of-data/[id]': {
      default: Page,
      getStaticPaths: blocking,
      getStaticProps: async ({ params }) => ({ props: await loadLong(params.id) }),
    },
  },
})
await test.site.ready()
await Promise.all(opened.map((one) => one.ready()))
test.app.get('/-/revalidate', async (req, res) => {
  await test.site.revalidate(JSON.parse(req.query.target)).then(
    () => res.send('done'),
    (error) => res.status(500).send(error.message),
  )
})
test.app.get('/-/clock', (req, res) => {
  ahead = Number(req.query.ahead)
  res.send('done')
})
test.app.get('/-/memory', (_req, res) => {
  for (let turn = 0; turn < 2; turn += 1) globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  res.send(String(heapUsed + external))
})
const server = test.app.listen(0, '127.0.0.1')
await once(server, 'listening')
console.log(`listening ${server.address().port}`)
process.on('SIGTERM', async () => {
  await test.site.close()
  server.closeAllConnections()
  server.close()
})
