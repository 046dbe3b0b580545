import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileStore } from '../../lib/cache/file-store.js'
import { createGovernor } from '../../lib/cache/governor.js'
import { createPageMemory } from '../../lib/cache/memory.js'
import { createPackReader, createPackWriter, type PackReader } from '../../lib/cache/pack.js'
import { createResponseCache, type ResponseCache } from '../../lib/cache/response-cache.js'
import { createSeededStore } from '../../lib/cache/seeded-store.js'
import type { PageResponse } from '../../lib/page-response.js'
import { createClock, type FakeClock } from '../support/clock.js'
import { createPageEntry } from '../support/entries.js'

let folder: string
let clock: FakeClock
let pack: PackReader
const caches: ResponseCache[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pagepress-'))
  clock = createClock()
})

afterEach(async () => {
  for (const cache of caches.splice(0)) await cache.close()
  await pack.close()
  await rm(folder, { recursive: true })
})

/** A process that serves a build: pages of the pack under files, with memory for one page only. */
function start(buildId = 'one', maxBytes = 2_000): ResponseCache {
  const files = createFileStore({
    directory: join(folder, 'cache', buildId),
    marksFile: join(folder, 'cache', 'marks.log'),
    buildId,
    now: clock.now,
    onError: (error) => {
      throw error
    },
  })
  const cache = createResponseCache({
    store: createSeededStore(files, pack),
    memory: createPageMemory({ maxBytes, notFoundEntries: 10 }),
    governor: createGovernor({ renders: 10, refreshes: 10, queue: 10 }),
    limits: { entryBytes: 100_000, timeoutMs: 1_000 },
    now: clock.now,
    onError: (error) => {
      throw error
    },
  })
  caches.push(cache)
  return cache
}

async function build(buildId = 'one'): Promise<void> {
  const directory = join(folder, buildId)
  const writer = await createPackWriter(directory, buildId)
  const origin = { route: '/[id]', path: '/a', tags: ['t'] }
  await writer.add('/a', {
    ...createPageEntry('built', clock.now()),
    staleAt: Infinity,
    expiresAt: Infinity,
    origin,
  })
  await writer.finish()
  await pack?.close()
  pack = createPackReader(directory, buildId)
}

const key = (path = '/a') => ({ key: path, basePath: '', route: '/[id]', path })

async function textOf(
  cache: ResponseCache,
  text: string,
  path = '/a',
  revalidateSeconds: number | false = false,
) {
  const { page } = await cache.serve(key(path), async (): Promise<PageResponse> => ({
    type: 'page',
    status: 200,
    document: Buffer.from(`<p>${text}</p>`),
    data: '{}',
    lifetime: { revalidateSeconds, expireSeconds: 1_000, tags: ['t'] },
  }))
  await cache.settled()
  return page.type === 'page' ? /<p>(.*)<\/p>/.exec(page.document.bytes.toString())![1] : page.type
}

describe('after a restart', () => {
  it('pages of the build that were invalidated stay so', async () => {
    await build()
    const first = start()
    expect(await textOf(first, 'new')).toBe('built')
    clock.advance(5)
    await first.invalidate({ name: 'tag:t', isSoft: false })

    expect(await textOf(start(), 'new')).toBe('new')
    expect(await textOf(start(), 'newer')).toBe('new')
  })

  it('pages that were produced on demand are there, and never those of the build again', async () => {
    await build()
    clock.advance(5)
    await start().revalidate(key(), async () => ({
      type: 'page',
      status: 200,
      document: Buffer.from('<p>demanded</p>'),
      data: '{}',
      lifetime: { revalidateSeconds: false, expireSeconds: 1_000 },
    }))
    expect(await textOf(start(), 'new')).toBe('demanded')
    // Whatever has become of the file: what was built is older than what was demanded.
    await rm(join(folder, 'cache', 'one'), { recursive: true })
    expect(await textOf(start(), 'new')).toBe('new')
  })

  it('a newer build has newer pages, and hears of what was invalidated since it was made', async () => {
    await build()
    await textOf(start(), 'one')
    clock.advance(1_000)
    await build('two')
    expect(await textOf(start('two'), 'x')).toBe('built')
    clock.advance(1_000)
    // The old build still runs when somebody purges.
    await start('one').invalidate({ name: 'tag:t', isSoft: false })
    expect(await textOf(start('two'), 'after')).toBe('after')
  })
})
