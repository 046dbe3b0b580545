// A site whose pages are kept in a folder and refreshed all the time; each says by a checksum whether it is whole.
// Arguments: folder; whether pages are kept in memory, too (`memory`); how many file descriptors to take away before it
// listens. Tells its parent, or prints, its port.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { createElement } from 'react'
import { createFileStore } from '../../dist/cache/file-store.js'
import { createTestApp } from '../../dist/testing/index.js'

const [directory, memory, descriptors = '0'] = process.argv.slice(2)
const onError = (error) => console.error(String(error))
let version = Date.now() * 1000
/** Time goes a hundred times as fast here: pages are due again after ten milliseconds. */
const now = () => Date.now() * 100

const { app } = createTestApp({
  now,
  store: createFileStore({ directory, buildId: 'b', now, onError }),
  options: { cache: { maxBytes: memory === 'memory' ? 32 * 1024 * 1024 : 0 }, onError },
  pages: {
    '/p/[id]': {
      default: ({ text }) => createElement('p', null, text),
      getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
      getStaticProps({ params }) {
        version += 1
        const text = `${params.id} ${version} ${'é'.repeat(1_000 + (version % 7) * 3_000)}`
        return { props: { text: `${text} ${createHash('sha1').update(text).digest('hex')}` }, revalidate: 1 }
      },
    },
  },
})
const taken = []
/** Takes all descriptors that are left, and gives them back. */
app.get('/-/exhaust', (_req, res) => {
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'))
  } catch (error) {
    res.send(error.code)
  }
})
app.get('/-/release', (_req, res) => {
  for (const descriptor of taken.splice(0)) closeSync(descriptor)
  res.send('released')
})
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address()
// Only now: to load modules takes many at a time.
for (let count = 0; count < Number(descriptors); count += 1) openSync('/dev/null', 'r')
process.on('disconnect', () => process.exit())
if (process.send) process.send(port)
else console.log(`listening ${port}`)
