import { jest } from '@jest/globals'
import { setTimeout as pause } from 'node:timers/promises'
import {
  startDataSource,
  startMachine,
  stopMachines,
  type DataSource,
  type Machine,
  type Reading,
} from '../support/fleet.js'
import { describeRedis, startRedis, stopRedisServers, type RedisServer } from '../support/redis.js'

jest.setTimeout(60_000)

const paths = ['/brief/a', '/brief/b', '/brief/c']
/** Pages live a second; a refresh is asked for its data a moment after its second has begun. */
const LIFE = 800

describeRedis('four processes on one Redis', () => {
  let redis: RedisServer
  let data: DataSource
  let machines: Machine[]

  beforeAll(async () => {
    redis = await startRedis()
    data = await startDataSource()
    machines = await Promise.all([1, 2, 3, 4].map(() => startMachine(redis.url, data.url)))
  })
  afterAll(async () => {
    await stopMachines()
    await data.stop()
    await stopRedisServers()
  })

  const askAll = () =>
    Promise.all(machines.flatMap((machine) => paths.map((path) => machine.ask(path)))).then((texts) =>
      expect(texts).toEqual(machines.flatMap(() => paths.map((path) => `${path} ${data.text}`))),
    )

  /** Steady visits to all pages on all machines. */
  async function visitFor(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds
    while (performance.now() < end) {
      await askAll()
      await pause(10)
    }
  }

  /** Times between one reading of a page and the next. */
  function gapsOf(readings: Reading[]): number[] {
    return paths.flatMap((path) => {
      const times = readings.filter((one) => one.path === path).map(({ at }) => at)
      return times.slice(1).map((at, index) => at - times[index]!)
    })
  }

  it('render a cold page once, and once for each expiry [S109]', async () => {
    data.delay = 100
    await Promise.all(Array.from({ length: 20 }, askAll))
    expect(data.reads().sort()).toEqual(paths)

    await pause(1_000)
    await visitFor(4_500)
    const readings = data.readings()
    expect(readings.length).toBeGreaterThan(paths.length * 2)
    for (const gap of gapsOf(readings)) expect(gap).toBeGreaterThan(LIFE)
  })

  it('render at most four times for each expiry while Redis is away: each for itself [S109]', async () => {
    await redis.kill()
    data.reads()
    await visitFor(4_000)
    const readings = data.readings()
    expect(readings.length).toBeGreaterThan(paths.length * 2)
    for (const machine of new Set(readings.map((one) => one.machine)))
      for (const gap of gapsOf(readings.filter((one) => one.machine === machine)))
        expect(gap).toBeGreaterThan(LIFE)
  })
})
