import { jest } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createFileStore } from '../../lib/cache/file-store.js'
import { createGovernor } from '../../lib/cache/governor.js'
import { createGuardedStore } from '../../lib/cache/guarded-store.js'
import { createPageMemory } from '../../lib/cache/memory.js'
import { createResponseCache, type ResponseCache } from '../../lib/cache/response-cache.js'
import { emptyStore, type CacheStore } from '../../lib/cache/store.js'
import { redisStore } from '../../lib/redis/index.js'
import { createClock } from '../support/clock.js'
import { lengthOf } from '../support/full-length.js'
import { describeRedis, startRedis, stopRedisServers } from '../support/redis.js'

const length = lengthOf(4_500, 60_000)
jest.setTimeout(length + 60_000)

const PAGES = 200
const LIFE = 2_000
/** Room for ten pages of some 1,600 bytes each. */
const TEN_PAGES = 16_000

interface Machine {
  openStore(): CacheStore | Promise<CacheStore>
  now(): number
  /** Lets a moment pass between one round of visits and the next. */
  wait(): Promise<void>
}

/**
 * Visits two hundred pages that live two seconds again and again, with memory for ten of them, and starts the process anew
 * now and then. No page that is served may be older than its two seconds and the time since it was asked for before.
 */
async function checkAges({ openStore, now, wait }: Machine, milliseconds: number, restartEvery: number) {
  let renders = 0
  const counts = { hit: 0, stale: 0, miss: 0 }
  /** When the round of visits before this one began: all that was due then has been produced since. */
  let roundBefore = now()
  const open = async (): Promise<ResponseCache> =>
    createResponseCache({
      store: await openStore(),
      memory: createPageMemory({ maxBytes: TEN_PAGES, notFoundEntries: 10 }),
      governor: createGovernor({ renders: PAGES, refreshes: PAGES, queue: PAGES }),
      limits: { entryBytes: 100_000, timeoutMs: 10_000 },
      now,
      onError: (error) => {
        throw error
      },
    })
  let cache = await open()

  async function visit(path: string): Promise<void> {
    const begun = now()
    const { page, status, collapsed } = await cache.serve({ key: path, basePath: '' }, async () => {
      renders += 1
      return {
        type: 'page',
        status: 200,
        document: Buffer.from(String(now())),
        data: '{}',
        lifetime: { revalidateSeconds: LIFE / 1000, expireSeconds: 1_000 },
      }
    })
    if (!collapsed) counts[status] += 1
    if (page.type !== 'page') throw new Error(`Served was a ${page.type}.`)
    const age = begun - Number(page.document.bytes.toString())
    expect(age).toBeLessThanOrEqual(LIFE + begun - roundBefore)
  }

  const start = now()
  let startedAt = start
  const visitAll = async () => {
    const begun = now()
    for (let index = 0; index < PAGES; index += 20)
      await Promise.all(
        Array.from({ length: 20 }, (_, more) => [visit(`/${index + more}`), visit(`/${more % 4}`)]).flat(),
      )
    expect(cache.stats().entries).toBeLessThanOrEqual(10)
    await cache.settled()
    roundBefore = begun
  }
  try {
    while (now() - start < milliseconds) {
      await visitAll()
      await wait()
      if (now() - startedAt < restartEvery) continue
      await cache.close()
      cache = await open()
      startedAt = now()
    }
  } finally {
    await cache.close()
  }
  return { ...counts, renders, perPage: renders / PAGES }
}

describe('a page that is evicted and loaded again, over and over', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pagepress-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))

  const openFiles = (now: () => number) =>
    createFileStore({
      directory: join(folder, 'cache'),
      now,
      onError: (error) => {
        throw error
      },
    })

  const fake = (openStore: (now: () => number) => CacheStore): Machine => {
    const clock = createClock()
    return {
      openStore: () => openStore(clock.now),
      now: clock.now,
      wait: async () => clock.advance(1_000),
    }
  }

  it('is produced anew where there is no other tier than memory [S121]', async () => {
    const { perPage, hit } = await checkAges(
      fake(() => emptyStore),
      60_000,
      10_000,
    )
    expect(hit).toBeGreaterThan(100)
    expect(perPage).toBeGreaterThan(50)
  })

  it('keeps its age in files, for a minute of a clock and restarts [S121]', async () => {
    const { perPage, hit, stale } = await checkAges(fake(openFiles), 60_000, 10_000)
    // Who asks while the file is being written gets the page from before, and it is refreshed for them, too.
    expect(perPage).toBeGreaterThanOrEqual(30)
    expect(perPage).toBeLessThan(33)
    expect(stale).toBeGreaterThan(PAGES * 25)
    expect(hit).toBeGreaterThan(PAGES * 25)
  })

  const real = { now: Date.now, wait: () => pause(50) }

  it(`keeps its age in files, for ${length / 1000} s of the real clock and restarts [S121]`, async () => {
    const { perPage, stale, miss } = await checkAges(
      { ...real, openStore: () => openFiles(Date.now) },
      length,
      2_500,
    )
    expect(stale).toBeGreaterThan(PAGES)
    expect(miss).toBe(PAGES)
    expect(perPage).toBeLessThanOrEqual(1.1 * (1 + length / LIFE))
  })

  describeRedis('by a machine with Redis', () => {
    afterEach(stopRedisServers)

    it(`keeps its age there, for ${length / 1000} s of the real clock and restarts [S121]`, async () => {
      const redis = await startRedis()
      const openStore = async () => {
        const open = redisStore(redis.url, { timeoutMs: 2_000 })
        const store = open({ buildId: 'b', now: Date.now, onError: () => {} })
        await store.ready!()
        return createGuardedStore(store, () => {})
      }
      const { perPage, stale, miss } = await checkAges({ ...real, openStore }, length, 2_500)
      expect(stale).toBeGreaterThan(PAGES)
      expect(miss).toBe(PAGES)
      expect(perPage).toBeLessThanOrEqual(1.1 * (1 + length / LIFE))
    })
  })
})
