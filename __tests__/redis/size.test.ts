import { jest } from '@jest/globals'
import { setTimeout as pause } from 'node:timers/promises'
import { redisStore } from 'pagepress/redis'
import type { CacheStore } from '../../lib/cache/store.js'
import { describeRedis, startRedis, stopRedisServers, type RedisServer } from '../support/redis.js'

jest.setTimeout(120_000)

afterEach(stopRedisServers)

const PAGES = 100_000
/** What docs/guide/cache-operations.md says that a page takes beside its HTML and JSON. */
const BESIDE = 550

describeRedis('what lies in Redis', () => {
  let redis: RedisServer
  let store: CacheStore

  beforeEach(async () => {
    redis = await startRedis()
    store = redisStore(redis.url)({ buildId: 'b', now: Date.now, onError: () => {} })
    await store.ready!()
  })
  afterEach(() => store.close!())

  const numberOf = async (section: string, name: string) =>
    Number(new RegExp(`${name}:(\\d+)`).exec(await redis.command('INFO', section))?.[1] ?? 0)

  function write(path: string, life: number, bytes = 700) {
    const renderedAt = Date.now()
    return store.set(path, {
      type: 'page',
      status: 200,
      document: Buffer.alloc(bytes - 100, 'h'),
      data: Buffer.alloc(100, 'd'),
      renderedAt,
      staleAt: renderedAt + 1_000,
      expiresAt: renderedAt + life,
      origin: { route: '/p/[id]', path, tags: ['p', `of-${path.length}`] },
    })
  }

  async function writeMany(count: number, life: number): Promise<number> {
    let bytes = 0
    for (let index = 0; index < count; index += 500)
      await Promise.all(
        Array.from({ length: 500 }, (_, more) => {
          // Pages of half a kilobyte to two.
          const size = 500 + ((index + more) % 4) * 500
          bytes += size
          return write(`/p/${index + more}`, life, size)
        }),
      )
    return bytes
  }

  it('is as much as a hundred thousand pages take, within a tenth; each ends, and nobody looks through all [S180]', async () => {
    const before = await numberOf('memory', 'used_memory')
    const bytes = await writeMany(PAGES, 3_600_000)
    const used = (await numberOf('memory', 'used_memory')) - before
    const estimate = bytes + PAGES * BESIDE
    expect(Math.abs(used - estimate)).toBeLessThan(estimate * 0.1)

    for (const tag of ['p', 'of-4']) await store.invalidate({ name: `tag:${tag}`, isSoft: false })
    await store.invalidate({ name: 'prefix:/p', isSoft: false })
    await store.delete('/p/0')
    const keyspace = await redis.command('INFO', 'keyspace')
    const [keys, ending] = /keys=(\d+),expires=(\d+)/.exec(keyspace)!.slice(1).map(Number)
    // The pages, and two keys of marks: no index of who has which tag.
    expect([keys, ending]).toEqual([PAGES - 1 + 2, PAGES - 1 + 2])

    const stats = await redis.command('INFO', 'commandstats')
    const commands = [...stats.matchAll(/cmdstat_([a-z|]+):calls=\d+,usec=\d+,usec_per_call=([\d.]+)/g)]
    expect(commands.length).toBeGreaterThan(5)
    for (const [, name, microseconds] of commands) {
      expect(name).not.toMatch(/^(keys|scan|flush|smembers|sort|hgetall|debug)/)
      // Scripts and all: none of them takes longer where there is more.
      expect(Number(microseconds)).toBeLessThan(2_000)
    }
  })

  it('goes when its time is over, and leaves nothing [S180]', async () => {
    await writeMany(2_000, 1_500)
    expect(await redis.command('DBSIZE')).toBe(':2000\r\n')
    for (let turn = 0; (await redis.command('DBSIZE')) !== ':0\r\n'; turn += 1) {
      expect(turn).toBeLessThan(200)
      await pause(50)
    }
  })

  it('of what was invalidated is bounded, however many tags there are [S180]', async () => {
    // As many as are kept, said a minute ago.
    await redis.command(
      'EVAL',
      `for i = 1, 100000 do
        redis.call('ZADD', KEYS[1], ${Date.now() - 60_000}, 'htag:' .. i)
        redis.call('HSET', KEYS[2], 'htag:' .. i, '${Date.now() - 60_000}')
      end`,
      '2',
      '{pagepress}:marks',
      '{pagepress}:marks-before',
    )
    await redis.command('CONFIG', 'RESETSTAT')
    await Promise.all(
      Array.from({ length: 500 }, (_, index) =>
        store.invalidate({ name: `tag:new-${index}`, isSoft: false }),
      ),
    )
    expect(await redis.command('ZCARD', '{pagepress}:marks')).toBe(':100000\r\n')
    const microseconds = /cmdstat_eval:.*usec_per_call=([\d.]+)/.exec(
      await redis.command('INFO', 'commandstats'),
    )![1]
    expect(Number(microseconds)).toBeLessThan(2_000)
    const names = Number((await redis.command('HLEN', '{pagepress}:marks-before')).slice(1))
    expect(names).toBeLessThanOrEqual(100_002)
    for (const key of ['{pagepress}:marks', '{pagepress}:marks-before'])
      expect(Number((await redis.command('PTTL', key)).slice(1))).toBeGreaterThan(0)
  })
})
