import { jest } from '@jest/globals'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createFileStore } from '../../lib/cache/file-store.js'
import { createPageEntry } from '../support/entries.js'
import { lengthOf } from '../support/full-length.js'

const length = lengthOf(3_000, 60_000)
jest.setTimeout(length + 60_000)

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pagepress-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

interface Report {
  readonly written: Record<string, number>
  readonly reads: number
  readonly faults: string[]
}

describe('a process that died while it put a page in place', () => {
  it('holds others up for a second, and once', async () => {
    const directory = join(folder, 'cache')
    const store = createFileStore({ directory, buildId: 'b', onError: () => {} })
    await store.set('/a', createPageEntry('one', 1))
    const [sub] = await readdir(directory)
    const [name] = await readdir(join(directory, sub!))
    const lock = join(directory, sub!, `${name!}.lock`)

    await writeFile(lock, '')
    const begun = performance.now()
    await store.set('/a', createPageEntry('two', 2))
    expect(performance.now() - begun).toBeGreaterThan(900)
    expect(performance.now() - begun).toBeLessThan(2_500)
    expect(await store.get('/a')).toEqual(createPageEntry('two', 2))
    await store.set('/a', createPageEntry('three', 3))
    expect(await store.get('/a')).toEqual(createPageEntry('three', 3))
    expect(await readdir(join(directory, sub!))).toEqual([name])
  })
})

describe('four processes with one folder', () => {
  it(`never show half a page or an older one than before, and the youngest render stays, for ${length / 1000} s [S160]`, async () => {
    const directory = join(folder, 'cache')
    const sharers = [1, 2, 3, 4].map(() =>
      fork(join(import.meta.dirname, '../support/store-sharer.js'), [directory, '5'], {
        execArgv: [],
        env: { ...process.env, NODE_OPTIONS: '' },
      }),
    )
    await Promise.all(sharers.map((child) => once(child, 'message')))
    await pause(length)
    const reports = await Promise.all(
      sharers.map(async (child) => {
        child.send('stop')
        const [report] = (await once(child, 'message')) as [Report]
        await once(child, 'exit')
        return report
      }),
    )

    expect(reports.flatMap(({ faults }) => faults)).toEqual([])
    for (const { reads } of reports) expect(reads).toBeGreaterThan(100)
    const store = createFileStore({ directory, buildId: 'b', onError: () => {} })
    for (const key of Object.keys(reports[0]!.written)) {
      const youngest = Math.max(...reports.map(({ written }) => written[key] ?? 0))
      expect(await store.get(key)).toMatchObject({ renderedAt: youngest })
    }
    const files = await readdir(directory, { recursive: true, withFileTypes: true })
    expect(files.filter((file) => file.isFile())).toHaveLength(5)
  })
})
