import { jest } from '@jest/globals'
import { setTimeout as pause } from 'node:timers/promises'
import {
  startDataSource,
  startMachine,
  stopMachines,
  untilAll,
  type DataSource,
  type Machine,
} from '../support/fleet.js'
import { describeRedis, startRedis, stopRedisServers, type RedisServer } from '../support/redis.js'

jest.setTimeout(60_000)

describeRedis('functions that three processes on one Redis have cached', () => {
  let redis: RedisServer
  let data: DataSource
  let machines: Machine[]

  beforeEach(async () => {
    redis = await startRedis()
    data = await startDataSource()
    machines = await Promise.all([1, 2, 3].map(() => startMachine(redis.url, data.url)))
  })
  afterEach(async () => {
    await stopMachines()
    await data.stop()
    await stopRedisServers()
  })

  const askAll = (path: string) => Promise.all(machines.map((machine) => machine.ask(path)))

  /** Asks until every machine shows a text; answers how long that took. */
  const untilAllShow = (path: string, text: string) =>
    untilAll(machines, path, (one) => one.endsWith(` ${text}`))

  /** What was read since: once, and once more for each second that has passed on a busy machine. */
  function expectOnePerSecond(path: string, begun: number): void {
    const reads = data.reads()
    expect(new Set(reads)).toEqual(new Set([path]))
    expect(reads.length).toBeLessThanOrEqual(1 + Math.floor((performance.now() - begun) / 1000))
  }

  it('run once for 90 calls, once for each expiry, and not again for a machine that comes later', async () => {
    data.delay = 100
    const begun = performance.now()
    const crowd = await Promise.all(Array.from({ length: 30 }, () => askAll('/data-brief/a')))
    expect(new Set(crowd.flat())).toEqual(new Set(['/data-brief/a one']))
    expectOnePerSecond('/data-brief/a', begun)
    data.text = 'two'
    await pause(1_050)
    const due = performance.now()
    await untilAllShow('/data-brief/a', 'two')
    expectOnePerSecond('/data-brief/a', due)

    data.text = 'one'
    await Promise.all(Array.from({ length: 10 }, () => askAll('/data-long/a')))
    expect(data.reads()).toEqual(['/data-long/a'])
    const late = await startMachine(redis.url, data.url)
    expect(await late.ask('/data-long/a')).toBe('/data-long/a one')
    expect(data.reads()).toEqual([])
  })

  it('give nothing older, on any machine, within a second of an invalidation of their tag on one', async () => {
    await askAll('/data-long/a')
    await askAll('/made-of-data/a')
    data.text = 'two'
    expect(await machines[0]!.revalidate({ tag: 'data-long' })).toBe('done')
    expect(await machines[0]!.ask('/data-long/a')).toBe('/data-long/a two')
    expect(await untilAllShow('/data-long/a', 'two')).toBeLessThan(1_000)
    // The pages that were kept of what it returned, too.
    expect(await untilAllShow('/made-of-data/a', 'two')).toBeLessThan(1_000)
  })

  it('are asked no more than once by each machine while Redis is away, and no visitor notices', async () => {
    await askAll('/data-brief/a')
    data.reads()
    await redis.kill()
    await pause(1_100)
    for (let turn = 0; turn < 10; turn += 1) {
      expect(await askAll('/data-brief/a')).toEqual(Array(3).fill('/data-brief/a one'))
      await pause(20)
    }
    expect(data.reads().length).toBeLessThanOrEqual(3)
    expect(await askAll('/data-brief/b')).toEqual(Array(3).fill('/data-brief/b one'))
  })

  it('are as one with pages that are kept for a second: one run for each second, of all machines', async () => {
    data.delay = 50
    const begun = performance.now()
    const crowd = await Promise.all(Array.from({ length: 20 }, () => askAll('/micro/a')))
    expect(new Set(crowd.flat())).toEqual(new Set(['/micro/a one']))
    expectOnePerSecond('/micro/a', begun)
    data.text = 'two'
    await pause(1_050)
    const due = performance.now()
    await untilAllShow('/micro/a', 'two')
    expectOnePerSecond('/micro/a', due)
  })

  it('leave keys in Redis that are hashes, and that all end by themselves', async () => {
    await askAll('/data-long/a')
    let keys: string[] = []
    for (let tries = 0; tries < 200 && keys.length === 0; tries += 1) {
      keys = [...(await redis.command('KEYS', 'pagepress:one:*')).matchAll(/pagepress:one:\S+/g)].map(String)
      await pause(10)
    }
    expect(keys.length).toBeGreaterThan(0)
    for (const key of keys) {
      expect(key).toMatch(/^pagepress:one:(?:lease:)?[0-9a-f]{64}$/)
      const left = Number(/:(-?\d+)/.exec(await redis.command('PTTL', key))?.[1])
      // A lease that was given back meanwhile is gone, which is -2; without an end it would be -1.
      expect(left > 0 || (left === -2 && key.includes(':lease:'))).toBe(true)
    }
  })
})
