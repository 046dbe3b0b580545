import { jest } from '@jest/globals'
import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { redisStore } from 'pagepress/redis'
import { lengthOf } from '../support/full-length.js'
import { openLine } from '../support/line.js'
import { describeRedis, startRedis, type RedisServer } from '../support/redis.js'
import { closeRedisSites, expectShortWaits, openRedisSite, visit, WAIT } from '../support/redis-site.js'

const length = lengthOf(4_000, 600_000)
jest.setTimeout(length + 60_000)

afterEach(closeRedisSites)

/** A few seconds are too short for memory to have come to rest. */
const SLACK = lengthOf(8_000_000, 0)

/** How often Redis has been asked something. */
async function callsOf(redis: RedisServer, command: string): Promise<number> {
  const stats = await redis.command('INFO', 'commandstats')
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
}

/** Bytes that live, whatever kind they are. */
function liveBytes(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

describeRedis('a Redis behind a line', () => {
  it.each([1, 5])('of %i ms costs a visitor fifty milliseconds at most [S167]', async (delay) => {
    const redis = await startRedis()
    const line = await openLine(redis.port)
    line.delay = delay
    const site = await openRedisSite(line.url)
    await site.site.ready()
    expectShortWaits(await visit(site, 40))
  })

  it.each([100, 1_000, 10_000])(
    'of %i ms costs five visitors fifty milliseconds at most, and the others nothing [S167]',
    async (delay) => {
      const redis = await startRedis()
      const line = await openLine(redis.port)
      line.delay = delay
      const site = await openRedisSite(line.url)
      await site.site.ready()
      const times = await visit(site, 40)
      expect(times.filter((ms) => ms > WAIT / 2).length).toBeLessThanOrEqual(5)
      expectShortWaits(times)
    },
  )

  it('that is too slow is tried once a second [S167]', async () => {
    const redis = await startRedis()
    const line = await openLine(redis.port)
    const site = await openRedisSite(line.url)
    await visit(site, 5)
    await site.settled()
    line.delay = 300
    await visit(site, 5, 100)
    // What was asked has arrived.
    await pause(500)

    const before = await callsOf(redis, 'get')
    const begun = performance.now()
    for (let count = 1_000; performance.now() - begun < 3_000; count += 5) await visit(site, 5, count)
    const seconds = (performance.now() - begun) / 1_000
    expect((await callsOf(redis, 'get')) - before).toBeGreaterThan(0)
    expect((await callsOf(redis, 'get')) - before).toBeLessThanOrEqual(seconds + 2)
  })

  it(`of 1 KB a second costs no answer, no time, and no memory, for ${length / 1000} s [S167]`, async () => {
    const redis = await startRedis()
    const line = await openLine(redis.port)
    const site = await openRedisSite(line.url, { text: 'x'.repeat(20_000) })
    await visit(site, 5)
    line.rate = 1_024
    const begun = performance.now()
    const times: number[] = []
    let early = 0
    for (let count = 1_000; performance.now() - begun < length; count += 10) {
      times.push(...(await visit(site, 10, count)))
      if (early === 0 && performance.now() - begun > length / 10) early = liveBytes()
    }
    expect(liveBytes()).toBeLessThan(early * 1.05 + SLACK)
    expect(times.length).toBeGreaterThan(100)
    // It is tried again now and then: with each connection that was made, the first few wait.
    const tries = 1 + line.made.length / 2
    expect(times.filter((ms) => ms > WAIT / 2).length).toBeLessThanOrEqual(5 * tries)
  })
})

describeRedis('questions to Redis', () => {
  const open = async (url: string) => {
    const store = redisStore(url)({ buildId: 'b', now: Date.now, onError: () => {} })
    await store.ready!()
    return store
  }

  it('that wait for an answer are ten thousand at most; more fail at once [S167]', async () => {
    const redis = await startRedis()
    const store = await open(redis.url)
    redis.freeze()
    let refused = 0
    const asked = Array.from({ length: 12_000 }, (_, index) =>
      store.get(`/${index}`).catch(() => void (refused += 1)),
    )
    await pause(50)
    expect(refused).toBeGreaterThanOrEqual(2_000)
    expect(refused).toBeLessThan(2_100)
    redis.thaw()
    await Promise.all(asked)
    expect(await store.get('/a')).toBeUndefined()
    await store.close!()
  })

  it('are kept for nobody while there is no connection [S167]', async () => {
    const redis = await startRedis()
    const store = await open(redis.url)
    await redis.kill()
    await pause(50)
    const begun = performance.now()
    const results = await Promise.allSettled(
      Array.from({ length: 1_000 }, (_, index) => store.get(`/${index}`)),
    )
    expect(performance.now() - begun).toBeLessThan(500)
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']))
    await store.close!()
  })
})
