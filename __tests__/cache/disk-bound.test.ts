import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createFileStore } from '../../lib/cache/file-store.js'
import { createPageEntry } from '../support/entries.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pagepress-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const maxBytes = 2_000_000
const keys = 1_000

const open = (bound = maxBytes) =>
  createFileStore({
    directory: folder,
    buildId: 'b',
    maxBytes: bound,
    onError(error) {
      throw error
    },
  })

/** A process that writes pages of 4 to 44 kB, many more than there is room for, until it is killed. */
async function startWriter(first: number) {
  const child = fork(
    join(import.meta.dirname, '../support/store-writer.js'),
    [folder, String(first), String(keys), String(maxBytes)],
    { execArgv: [], env: { ...process.env, NODE_OPTIONS: '' } },
  )
  await once(child, 'message')
  return async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}

async function bytesInFolder(): Promise<number> {
  const names = await readdir(folder, { recursive: true })
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (found) => (found.isFile() ? found.size : 0),
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Whether there is a page; fails if it is not whole, or another. */
async function isThere(store: ReturnType<typeof open>, index: number): Promise<boolean> {
  const entry = await store.get(`/${index}`)
  if (entry === undefined) return false
  if (entry.type !== 'page') throw new Error(entry.type)
  const text = entry.data.toString()
  expect(entry.document.toString()).toMatch(new RegExp(`^${text} é+$`))
  return true
}

it('a folder is kept within a tenth of its bound while it is written, and what is read meanwhile is whole or not there [S161]', async () => {
  const kill = await startWriter(1_000_000)
  const store = open()
  const sizes: number[] = []
  let found = 0
  let missed = 0
  // Room is made over and over for a second and a half from when it is full, which takes a moment more on a busy machine.
  let end = performance.now() + 15_000
  const measuring = (async () => {
    let isFull = false
    while (performance.now() < end) {
      const size = await bytesInFolder()
      sizes.push(size)
      if (!isFull && size > maxBytes * 0.9) {
        isFull = true
        end = performance.now() + 1_500
      }
      await pause(20)
    }
  })()
  while (performance.now() < end) {
    const index = Math.floor(Math.random() * keys)
    if (await isThere(store, index)) found += 1
    else missed += 1
  }
  await measuring
  await kill()
  expect(Math.max(...sizes)).toBeLessThan(maxBytes * 1.1)
  // It was full, and pages went: otherwise nothing is proven.
  expect(Math.max(...sizes)).toBeGreaterThan(maxBytes * 0.9)
  expect(Math.min(found, missed)).toBeGreaterThan(100)
}, 30_000)

it('a process that is killed while it makes room leaves whole pages, and the next one keeps the bound [S161]', async () => {
  let found = 0
  for (let turn = 0; turn < 6; turn += 1) {
    const kill = await startWriter((turn + 1) * 1_000_000)
    for (let wait = 0; wait < 500 && (await bytesInFolder()) < maxBytes * 0.85; wait += 1) await pause(10)
    await pause(Math.random() * 60)
    await kill()
    const store = open()
    for (let index = 0; index < keys; index += 1) if (await isThere(store, index)) found += 1
    await store.set('/after', createPageEntry('x'.repeat(1_000), Date.now()))
    await store.settled()
    expect(await bytesInFolder()).toBeLessThan(maxBytes * 1.1)
    expect(await store.get('/after')).toBeDefined()
  }
  expect(found).toBeGreaterThan(100)
}, 60_000)

it('a flood of pages that is faster than the disk does not wait for it in memory, and leaves nothing older on it', async () => {
  const store = open(1024 ** 3)
  const text = 'x'.repeat(50_000)
  await store.set('/199', createPageEntry('old', 1))
  await Promise.all(
    Array.from({ length: 200 }, (_, index) => store.set(`/${index}`, createPageEntry(text, 2))),
  )
  const kept: number[] = []
  for (let index = 0; index < 200; index += 1) if (await store.get(`/${index}`)) kept.push(index)
  // 4 MiB of 100 kB each: those that came first.
  expect(kept).toEqual(Array.from({ length: 41 }, (_, index) => index))

  await store.set('/199', createPageEntry(text, 3))
  expect(await store.get('/199')).toEqual(createPageEntry(text, 3))
})
