// One of several processes that keep the same pages in one folder: writes and reads until it is told to stop, then says
// what it has written last and what it has seen that must not be. Arguments: folder, how many keys.
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { createFileStore } from '../../dist/cache/file-store.js'

const [directory, keys] = process.argv.slice(2)
const store = createFileStore({ directory, buildId: 'b', onError: (error) => faults.push(String(error)) })
const faults = []
/** The youngest render of each page that this process has written, and the youngest that it has seen. */
const written = {}
const seen = {}
let reads = 0
let isOver = false

const anyKey = () => `/${Math.floor(Math.random() * Number(keys))}`

/** Renders take their time, so that an older one may be written after a younger one, here and in other processes. */
async function write() {
  const key = anyKey()
  const renderedAt = performance.timeOrigin + performance.now()
  await pause(Math.random() * 4)
  const text = String(renderedAt)
  await store.set(key, {
    type: 'page',
    status: 200,
    document: Buffer.from(`${text} ${'é'.repeat(500 + Math.random() * 10_000)}`),
    data: Buffer.from(text),
    renderedAt,
    staleAt: Infinity,
    expiresAt: Infinity,
  })
  written[key] = Math.max(written[key] ?? 0, renderedAt)
}

async function read() {
  const key = anyKey()
  const atLeast = Math.max(seen[key] ?? 0, written[key] ?? 0)
  const entry = await store.get(key)
  reads += 1
  if (entry === undefined) {
    if (atLeast > 0) faults.push(`${key} has gone`)
    return
  }
  const text = entry.data.toString()
  if (!new RegExp(`^${text} é+$`).test(entry.document.toString())) faults.push(`${key} is of two renders`)
  if (Number(text) !== entry.renderedAt) faults.push(`${key} says ${entry.renderedAt}`)
  if (entry.renderedAt < atLeast) faults.push(`${key} went back by ${atLeast - entry.renderedAt} ms`)
  seen[key] = Math.max(seen[key] ?? 0, entry.renderedAt)
}

async function repeat(work) {
  while (!isOver) await work()
}

process.send('ready')
const all = Promise.all([repeat(write), repeat(write), repeat(write), repeat(read), repeat(read)])
await once(process, 'message')
isOver = true
await all
process.send({ written, reads, faults }, () => process.disconnect())
