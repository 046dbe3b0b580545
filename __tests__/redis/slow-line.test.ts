import { jest } from '@jest/globals'
import { setTimeout as pause } from 'node:timers/promises'
import { redisStore } from 'pagepress/redis'
import { startDataSource, startMachine, stopMachines } from '../support/fleet.js'
import { lengthOf } from '../support/full-length.js'
import { openLine } from '../support/line.js'
import { describeRedis, startRedis, type RedisServer } from '../support/redis.js'
import { closeRedisSites, expectShortWaits, openRedisSite, visit, WAIT } from '../support/redis-site.js'

const length = lengthOf(4_000, 600_000)
jest.setTimeout(length + 60_000)

afterEach(async () => {
  await stopMachines()
  await closeRedisSites()
})

/** Bytes that are on their way at a moment, or have not come to rest after a few seconds. */
const SLACK = lengthOf(8_000_000, 4_000_000)

/** How often Redis has been asked something. */
async function callsOf(redis: RedisServer, command: string): Promise<number> {
  const stats = await redis.command('INFO', 'commandstats')
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
}

describeRedis('a Redis behind a line', () => {
  it.each([1, 5])('of %i ms costs a visitor fifty milliseconds at most [S167]', async (delay) => {
    const redis = await startRedis()
    const line = await openLine(redis.port)
    line.delay = delay
    const site = await openRedisSite(line.url)
    await site.site.ready()
    const times = await visit(site, 40)
    expect(times.filter((ms) => ms > WAIT).length).toBeLessThanOrEqual(5)
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

  it('of 1 KB a second costs no answer and no time but that of the first few [S167]', async () => {
    const redis = await startRedis()
    const line = await openLine(redis.port)
    const site = await openRedisSite(line.url, { text: 'x'.repeat(20_000) })
    await visit(site, 5)
    line.rate = 1_024
    const begun = performance.now()
    const times: number[] = []
    for (let count = 1_000; performance.now() - begun < 2_500; count += 10)
      times.push(...(await visit(site, 10, count)))
    expect(times.length).toBeGreaterThan(50)
    // It is tried again now and then: with each connection that was made, the first few wait.
    const tries = 1 + line.made.length / 2
    expect(times.filter((ms) => ms > WAIT / 2).length).toBeLessThanOrEqual(5 * tries)
  })

  it(`of 1 KB a second costs no memory, for ${length / 1000} s [S167]`, async () => {
    const redis = await startRedis()
    const line = await openLine(redis.port)
    const data = await startDataSource()
    const machine = await startMachine(line.url, data.url)
    data.text = 'x'.repeat(20_000)
    line.rate = 1_024
    const begun = performance.now()
    let early = 0
    let count = 0
    // A hundred pages that are refreshed every second, and written over the line or not.
    while (performance.now() - begun < length || count < 300) {
      count += 1
      expect((await machine.ask(`/brief/${count % 100}`)).length).toBeGreaterThan(20_000)
      // After as many visits as warm a process up.
      if (early === 0 && performance.now() - begun > length / 10 && count > 150)
        early = await machine.memory()
    }
    expect(await machine.memory()).toBeLessThan(early * 1.05 + SLACK)
    await data.stop()
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
