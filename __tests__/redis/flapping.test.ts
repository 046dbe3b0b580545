import { jest } from '@jest/globals'
import { setTimeout as pause } from 'node:timers/promises'
import { lengthOf } from '../support/full-length.js'
import { openLine } from '../support/line.js'
import { describeRedis, startRedis } from '../support/redis.js'
import { closeRedisSites, openRedisSite, untilUsed, visit } from '../support/redis-site.js'

const length = lengthOf(6_000, 600_000)
jest.setTimeout(length + 60_000)

afterEach(closeRedisSites)

describeRedis('a Redis that is there for 200 ms and away for 200 ms', () => {
  it(`costs no answer, two connects a second, and no listener, for ${length / 1000} s [S168]`, async () => {
    const redis = await startRedis()
    const line = await openLine(redis.port)
    const site = await openRedisSite(line.url)
    await visit(site, 5)
    const warnings: string[] = []
    const hear = ({ name }: Error) => void warnings.push(name)
    process.on('warning', hear)
    const listeners = process.eventNames().map((name) => [name, process.listenerCount(name)])

    const begun = performance.now()
    const end = begun + length
    let isOver = false
    const flapping = (async () => {
      while (performance.now() < end) {
        line.mode = 'closed'
        line.cut()
        await pause(200)
        line.mode = 'open'
        await pause(200)
      }
      isOver = true
    })()
    let count = 100
    while (!isOver) {
      await visit(site, 5, count)
      count += 5
      await pause(10)
    }
    await flapping

    const made = line.made.filter((at) => at > begun && at <= end)
    // It was tried again and again, and by each of the two connections once a second, never in bursts.
    expect(made.length).toBeGreaterThan(length / 1000 / 2)
    expect(made.length).toBeLessThanOrEqual((length / 1000) * 2)
    for (const at of made)
      expect(made.filter((one) => one >= at && one < at + 900).length).toBeLessThanOrEqual(2)

    expect(await untilUsed(site)).toBeLessThan(5_000)
    // Two of the site, one that asks.
    expect(await redis.connections(3)).toBe(3)
    expect(process.eventNames().map((name) => [name, process.listenerCount(name)])).toEqual(listeners)
    expect(warnings).toEqual([])
    process.off('warning', hear)
  })
})
