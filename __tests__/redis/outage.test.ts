import { jest } from '@jest/globals'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from 'redis'
import {
  closeRedisSites,
  expectShortWaits,
  openRedisSite,
  untilUsed,
  visit,
  WAIT,
} from '../support/redis-site.js'
import { describeRedis, startRedis, type RedisServer } from '../support/redis.js'

jest.setTimeout(60_000)

afterEach(closeRedisSites)

describeRedis('a Redis that', () => {
  let redis: RedisServer

  it('is down at the start is waited for half a second, and used when it is there [S164]', async () => {
    redis = await startRedis()
    await redis.kill()
    const site = await openRedisSite(redis.url)
    const begun = performance.now()
    await site.site.ready()
    expect(performance.now() - begun).toBeLessThan(1_000)
    await visit(site, 5)

    await redis.start()
    expect(await untilUsed(site)).toBeLessThan(5_000)
  })

  it('dies under load costs no answer, little time, and is used again by itself [S165] [S166]', async () => {
    redis = await startRedis()
    const site = await openRedisSite(redis.url)
    await visit(site, 20)
    const killing = pause(30).then(() => redis.kill())
    const times = await visit(site, 200, 100)
    await killing
    times.push(...(await visit(site, 100, 400)))

    expect(times.filter((ms) => ms > WAIT).length).toBeLessThanOrEqual(5)
    await redis.start()
    expect(await untilUsed(site)).toBeLessThan(5_000)
  })

  it.each([2, 3] as const)(
    'is known as a client that speaks version %i of its protocol is used again by itself, too [S166]',
    async (RESP) => {
      redis = await startRedis()
      const client = createClient({ url: redis.url, RESP })
      client.on('error', () => {})
      const site = await openRedisSite(client)
      await untilUsed(site)
      await redis.kill()
      await visit(site, 5)
      await redis.start()
      expect(await untilUsed(site)).toBeLessThan(5_000)
      // The client that was given is nobody's but the host's.
      expect(client.isOpen).toBe(false)
      // One that asks, one that listens, which comes back by itself, and the test's own.
      expect(await redis.connections(3)).toBe(3)
    },
  )

  it('hangs costs the first few misses fifty milliseconds, later ones and hits nothing [S165]', async () => {
    redis = await startRedis()
    const site = await openRedisSite(redis.url)
    const cached = await openRedisSite(redis.url, { maxBytes: 1_000_000 })
    await visit(site, 5)
    await visit(cached, 5)
    await visit(cached, 5)

    redis.freeze()
    const hits = await visit(cached, 5)
    expect(Math.max(...hits)).toBeLessThan(40)
    const times = await visit(site, 100, 100)
    expect(times.filter((ms) => ms > 45).length).toBeLessThanOrEqual(5)
    expectShortWaits(times)
    expect(site.errors.length).toBeGreaterThan(0)
    expect(site.errors.length).toBeLessThan(5)

    redis.thaw()
    expect(await untilUsed(site)).toBeLessThan(5_000)
  })

  it('comes and goes costs no answer', async () => {
    redis = await startRedis()
    const site = await openRedisSite(redis.url)
    const end = performance.now() + 3_000
    let count = 0
    const flapping = (async () => {
      while (performance.now() < end) {
        await redis.kill()
        await pause(200)
        await redis.start()
        await pause(200)
      }
    })()
    while (performance.now() < end) {
      await visit(site, 5, count)
      count += 5
      await pause(10)
    }
    await flapping
    expect(await untilUsed(site)).toBeLessThan(5_000)
    expect(count).toBeGreaterThan(50)
  })

  it('cannot be told of an invalidation is told later, and this process knows at once', async () => {
    redis = await startRedis()
    const site = await openRedisSite(redis.url, { maxBytes: 1_000_000 })
    const other = await openRedisSite(redis.url, { maxBytes: 1_000_000 })
    await site.ask('/p/a')
    await site.settled()
    await other.ask('/p/a')
    expect([site.runs(), other.runs()]).toEqual([1, 0])
    redis.freeze()
    await expect(site.site.revalidate({ tag: 'p' })).rejects.toMatchObject({ code: 'PAGES_STORE' })
    await site.ask('/p/a')
    expect(site.runs()).toBe(2)
    await other.ask('/p/a')
    expect(other.runs()).toBe(0)

    redis.thaw()
    for (let turn = 0; turn < 100 && other.runs() === 0; turn += 1) {
      await pause(50)
      const { body } = await other.ask('/p/a')
      if (body.includes('<p>2</p>')) return
    }
    expect(other.runs()).toBe(1)
  })
})
