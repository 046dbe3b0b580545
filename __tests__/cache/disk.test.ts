import { jest } from '@jest/globals'
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { encodeEntry } from '../../lib/cache/entry.js'
import { createFileStore, type FileStore } from '../../lib/cache/file-store.js'
import { removeOldCaches } from '../../lib/cache/old-caches.js'
import { createPageEntry } from '../support/entries.js'

jest.setTimeout(60_000)

/** A small disk can be made by whoever may mount; elsewhere there is none to fill. */
const canMount = (() => {
  const probe = mkdtempSync(join(tmpdir(), 'pagepress-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', 'none', probe])
  if (status === 0) spawnSync('umount', [probe])
  rmdirSync(probe)
  return status === 0
})()

let folder: string
let errors: unknown[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pagepress-'))
  errors = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = (more: { maxBytes?: number; directory?: string } = {}): FileStore =>
  createFileStore({
    directory: join(folder, 'cache'),
    buildId: 'b',
    onError: (error) => errors.push(error),
    ...more,
  })

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}

async function bytesBelow(directory: string): Promise<number> {
  const sizes = await Promise.all((await filesBelow(directory)).map(async (file) => (await stat(file)).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

describe('a process that is killed while it writes', () => {
  /** Starts a writer, and kills it at some moment. */
  async function writeAndDie(first: number, keys: number): Promise<void> {
    const child = fork(
      join(import.meta.dirname, '../support/store-writer.js'),
      [join(folder, 'cache'), String(first), String(keys)],
      {
        execArgv: [],
        env: { ...process.env, NODE_OPTIONS: '' },
      },
    )
    await once(child, 'message')
    await pause(Math.random() * 40)
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  it('leaves whole pages, of one render each, and nothing that stays [S154] (60 kills of 1,000)', async () => {
    const keys = 20
    const newest = new Map<string, number>()
    let found = 0
    for (let turn = 0; turn < 60; turn += 1) {
      await writeAndDie((turn + 1) * 1_000_000, keys)
      const store = open()
      for (let index = 0; index < keys; index += 1) {
        const entry = await store.get(`/${index}`)
        if (entry?.type !== 'page') continue
        found += 1
        expect(entry.document.toString()).toMatch(new RegExp(`^${entry.data.toString()} é+$`))
        // What was written once is never replaced by something older.
        const order = Number(entry.data.toString())
        expect(order).toBeGreaterThanOrEqual(newest.get(`/${index}`) ?? 0)
        newest.set(`/${index}`, order)
      }
    }
    expect(found).toBeGreaterThan(200)

    const left = (await filesBelow(join(folder, 'cache'))).filter((file) => file.endsWith('.tmp'))
    const long = new Date(Date.now() - 120_000)
    for (const file of left) await utimes(file, long, long)
    const store = open()
    await store.set('/next', createPageEntry('next', 1e12))
    await store.settled()
    expect((await filesBelow(join(folder, 'cache'))).filter((file) => file.endsWith('.tmp'))).toEqual([])
  })
})

describe('a damaged file', () => {
  const key = '/a'
  const entry = createPageEntry('x'.repeat(500))

  async function corrupt(change: (file: string, whole: Buffer) => Promise<unknown>) {
    const store = open()
    await store.set(key, entry)
    const [file] = (await filesBelow(join(folder, 'cache'))).filter((one) => !one.endsWith('.log'))
    await change(file!, await readFile(file!))
    const found = await store.get(key)
    const isLeft = await stat(file!).then(
      () => true,
      () => false,
    )
    await store.set(key, entry)
    expect(await store.get(key)).toEqual(entry)
    return { found, isLeft }
  }

  const gone = { found: undefined, isLeft: false }

  it('of any length is a miss, and is removed [S159]', async () => {
    for (let part = 0; part < 16; part += 1)
      expect(await corrupt((file, whole) => truncate(file, Math.floor((whole.length * part) / 16)))).toEqual(
        gone,
      )
  })

  it('with any bit turned is a miss, and is removed [S159]', async () => {
    for (let turn = 0; turn < 1_000; turn += 1) {
      const result = await corrupt((file, whole) => {
        const at = Math.floor(Math.random() * whole.length)
        whole[at] = whole[at]! ^ (1 << Math.floor(Math.random() * 8))
        return writeFile(file, whole)
      })
      expect(result).toEqual(gone)
    }
  })

  it.each([
    ['JSON of another shape', (file: string) => writeFile(file, '{"html":"<p>evil</p>","status":200}')],
    [
      'an older format',
      (file: string, whole: Buffer) =>
        writeFile(file, Buffer.concat([Buffer.from('PPE1'), whole.subarray(4)])),
    ],
    [
      'a newer format',
      (file: string, whole: Buffer) =>
        writeFile(file, Buffer.concat([Buffer.from('PPE9'), whole.subarray(4)])),
    ],
    ['another key', (file: string) => writeFile(file, encodeEntry('/b', entry, 'b'))],
    ['another build', (file: string) => writeFile(file, encodeEntry(key, entry, 'c'))],
    ['two gigabytes of nothing', (file: string) => truncate(file, 2 * 1024 ** 3)],
    [
      'a folder in its place',
      async (file: string) => {
        await rm(file)
        await mkdir(join(file, 'a'), { recursive: true })
      },
    ],
  ])('that is %s is a miss, and is removed [S159]', async (_what, change) => {
    expect(await corrupt(change as (file: string, whole: Buffer) => Promise<unknown>)).toEqual(gone)
  })
})

describe('the bound of the folder', () => {
  const maxBytes = 800_000
  const page = (index: number) => createPageEntry('x'.repeat(1_000 + (index % 9) * 1_000), index)

  it('is kept within a tenth while pages are written, the newest stay, and readers notice nothing [S161]', async () => {
    const store = open({ maxBytes })
    let largest = 0
    for (let index = 0; index < 700; index += 1) {
      await store.set(`/${index}`, page(index))
      const found = await store.get(`/${Math.max(0, index - 3)}`)
      if (found !== undefined) expect(found).toEqual(page(Math.max(0, index - 3)))
      if (index % 50 === 49) {
        await store.settled()
        largest = Math.max(largest, await bytesBelow(join(folder, 'cache')))
      }
    }
    expect(largest).toBeLessThan(maxBytes * 1.1)
    expect(largest).toBeGreaterThan(maxBytes * 0.5)
    expect(await store.get('/699')).toEqual(page(699))
    expect(errors).toEqual([])
  })

  it('counts what an earlier process has left', async () => {
    const before = open({ maxBytes })
    for (let index = 0; index < 300; index += 1) await before.set(`/${index}`, page(index))
    const store = open({ maxBytes: 500_000 })
    await store.set('/new', page(1))
    await store.settled()
    await store.set('/newer', page(1))
    await store.settled()
    expect(await bytesBelow(join(folder, 'cache'))).toBeLessThan(550_000)
  })
})

describe('a folder that', () => {
  it('is removed while the process runs is made again [S157]', async () => {
    const store = open()
    await store.set('/a', createPageEntry())
    await rm(join(folder, 'cache'), { recursive: true })
    expect(await store.get('/a')).toBeUndefined()
    await store.set('/a', createPageEntry())
    expect(await store.get('/a')).toEqual(createPageEntry())
    expect(errors).toEqual([])
  })

  it('cannot be written is told of once, and left alone for a while [S157]', async () => {
    await writeFile(join(folder, 'cache'), 'in the way')
    const store = open()
    const begun = performance.now()
    for (let index = 0; index < 500; index += 1) await store.set(`/${index}`, createPageEntry())
    expect(performance.now() - begun).toBeLessThan(500)
    expect(errors).toHaveLength(1)
    expect(await store.get('/1')).toBeUndefined()
  })

  const whereMounting = canMount ? it : it.skip
  whereMounting('is read-only is told of once, and what lies there is read as ever [S157]', async () => {
    const disk = join(folder, 'disk')
    await mkdir(disk)
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', disk]).status).toBe(0)
    try {
      await open({ directory: join(disk, 'cache') }).set('/before', createPageEntry())
      expect(spawnSync('mount', ['-o', 'remount,ro', disk]).status).toBe(0)
      const store = open({ directory: join(disk, 'cache') })
      const begun = performance.now()
      for (let index = 0; index < 500; index += 1) {
        await store.set(`/${index}`, createPageEntry())
        expect(await store.get('/before')).toEqual(createPageEntry())
        expect(await store.get(`/${index}`)).toBeUndefined()
      }
      expect(performance.now() - begun).toBeLessThan(1_000)
      expect(errors).toEqual([expect.objectContaining({ code: 'PAGES_STORE' })])
      expect(String(errors[0])).toContain(`\`${join(disk, 'cache')}\` cannot be written`)
      await store.close?.()
    } finally {
      spawnSync('umount', [disk])
    }
  })

  whereMounting('is on a full disk costs nothing, and is used again when there is room [S156]', async () => {
    const disk = join(folder, 'disk')
    await mkdir(disk)
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', disk])
    expect(mounted.status).toBe(0)
    try {
      const store = open({ directory: join(disk, 'cache') })
      for (let index = 0; index < 200; index += 1)
        await store.set(`/${index}`, createPageEntry('x'.repeat(20_000), index))
      expect(errors).toHaveLength(1)
      expect((await filesBelow(disk)).filter((file) => file.endsWith('.tmp'))).toEqual([])
      expect(await store.get('/0')).toEqual(createPageEntry('x'.repeat(20_000), 0))
      await rm(join(disk, 'cache'), { recursive: true })
      await pause(10_100)
      await store.set('/again', createPageEntry())
      expect(await store.get('/again')).toEqual(createPageEntry())
    } finally {
      spawnSync('umount', [disk])
    }
  })
})

describe('invalidations', () => {
  it('are known after a restart, and to other processes of the folder within a second', async () => {
    const [first, second] = [open(), open()]
    const heard: string[] = []
    const stop = second.subscribe({ invalidated: ({ name }) => heard.push(name), lost() {} })
    await first.invalidate({ name: 'tag:é\n☃', isSoft: false })
    await pause(700)
    expect(heard).toEqual(['tag:é\n☃'])
    stop()

    const later: string[] = []
    const third = open()
    third.subscribe({ invalidated: ({ name }) => later.push(name), lost() {} })()
    await third.get('/a')
    expect(later).toEqual(['tag:é\n☃'])
  })

  it('are remembered in a file that does not grow for ever', async () => {
    const store = open()
    for (let index = 0; index < 1_500; index += 1)
      await store.invalidate({ name: `tag:${index % 10}`, isSoft: false, before: index })
    const file = join(folder, 'cache', 'marks.log')
    const before = (await stat(file)).size
    const follow = async () => {
      const heard = new Map<string, number>()
      const next = open()
      next.subscribe({ invalidated: ({ name, before: time }) => heard.set(name, time), lost() {} })()
      await next.get('/a')
      return [...heard.values()].sort((a, b) => a - b)
    }
    const last = Array.from({ length: 10 }, (_, index) => 1_490 + index)
    expect(await follow()).toEqual(last)
    expect((await stat(file)).size).toBeLessThan(before / 50)
    expect(await follow()).toEqual(last)
  })

  it('survive a line that was cut off, and junk', async () => {
    const store = open()
    await store.invalidate({ name: 'tag:a', isSoft: false })
    const file = join(folder, 'cache', 'marks.log')
    await writeFile(file, `${await readFile(file, 'utf8')}["tag:half`)
    await store.invalidate({ name: 'tag:b', isSoft: true })
    const heard: string[] = []
    const next = open()
    next.subscribe({ invalidated: ({ name }) => heard.push(name), lost() {} })()
    await next.get('/a')
    expect(heard).toEqual(['tag:a', 'tag:b'])
  })
})

describe('what other builds have kept', () => {
  it('is removed when nobody has served them for a week', async () => {
    for (const buildId of ['old', 'young', 'now'])
      await createFileStore({ directory: join(folder, buildId), buildId, onError: () => {} }).set(
        '/a',
        createPageEntry(),
      )
    await writeFile(join(folder, 'a file'), 'not ours')
    const week = new Date(Date.now() - 8 * 86_400_000)
    for (const path of [folder, join(folder, 'old'), join(folder, 'now')]) {
      for (const name of await readdir(path)) await utimes(join(path, name), week, week)
    }
    await utimes(join(folder, 'young'), new Date(), new Date())

    await removeOldCaches(folder, 'now')

    expect((await readdir(folder)).sort()).toEqual(['a file', 'now', 'young'])
    await removeOldCaches(join(folder, 'nowhere'), 'now')
  })
})
