// Writes entries into a folder until it is killed. Arguments: folder, first order, how many keys, the folder's bound.
import { createFileStore } from '../../dist/cache/file-store.js'

const [directory, first, keys, maxBytes = `${1024 ** 3}`] = process.argv.slice(2)
const store = createFileStore({
  directory,
  buildId: 'b',
  maxBytes: Number(maxBytes),
  onError: (error) => console.error(error),
})
const renderedAt = Number(first)
process.send('ready')
for (let order = 0; ; order += 1) {
  const text = `${renderedAt + order}`
  const page = Buffer.from(`${text} ${'é'.repeat(2_000 + (order % 7) * 3_000)}`)
  const times = { renderedAt: renderedAt + order, staleAt: Infinity, expiresAt: Infinity }
  const writes = Array.from({ length: 4 }, (_, index) =>
    store.set(`/${(order * 4 + index) % Number(keys)}`, {
      type: 'page',
      status: 200,
      document: page,
      data: Buffer.from(text),
      ...times,
    }),
  )
  await Promise.all(writes)
}
