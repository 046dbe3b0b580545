import { jest } from '@jest/globals'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { openLine, type Line } from '../support/line.js'
import { describeRedis, startRedis } from '../support/redis.js'
import {
  closeRedisSites,
  expectShortWaits,
  openRedisSite,
  untilUsed,
  visit,
  WAIT,
  type RedisSite,
} from '../support/redis-site.js'

jest.setTimeout(60_000)

afterEach(closeRedisSites)

/** Milliseconds until a line has been given up for another one by a site that nobody visits. */
async function untilNoticed(line: Line, connections: number): Promise<number> {
  const begun = performance.now()
  while (line.made.length < connections) {
    if (performance.now() - begun > 20_000) throw new Error('Nobody has noticed.')
    await pause(20)
  }
  return performance.now() - begun
}

async function expectLittleWaiting(site: RedisSite): Promise<void> {
  const times = await visit(site, 40, 1_000)
  expect(times.filter((ms) => ms > WAIT / 2).length).toBeLessThanOrEqual(5)
  expectShortWaits(times)
}

describeRedis('a line to Redis that', () => {
  it('forgets connections while nobody asks is noticed by pings, whichever it forgets [S169]', async () => {
    const redis = await startRedis()
    const lines = [
      await openLine(redis.port),
      await openLine(redis.port),
      await openLine(redis.port),
    ] as const
    const [both, asked, listening] = lines
    const sites = await Promise.all(lines.map((line) => openRedisSite(line.url)))
    for (const site of sites) await untilUsed(site)

    expect(both.forget()).toBe(2)
    expect(asked.forget('EVAL')).toBe(1)
    while (listening.forget('SUBSCRIBE') < 1) await pause(10)
    const times = await Promise.all(lines.map((line) => untilNoticed(line, 4)))
    expect(Math.max(...times)).toBeLessThan(10_000)

    for (const site of sites) expect(await untilUsed(site)).toBeLessThan(2_000)
  })

  it('forgets connections costs the first few visitors fifty milliseconds at most [S169]', async () => {
    const redis = await startRedis()
    const line = await openLine(redis.port)
    const site = await openRedisSite(line.url)
    await untilUsed(site)
    line.forget()
    await expectLittleWaiting(site)
    expect(await untilUsed(site)).toBeLessThan(10_000)
  })

  it('accepts and never says anything holds nobody up, and is used when it speaks [S169]', async () => {
    const redis = await startRedis()
    const line = await openLine(redis.port)
    line.mode = 'silent'
    const site = await openRedisSite(line.url)
    const begun = performance.now()
    await site.site.ready()
    expect(performance.now() - begun).toBeLessThan(1_000)
    await expectLittleWaiting(site)

    line.mode = 'open'
    expect(await untilUsed(site)).toBeLessThan(10_000)
    // The two of the site, and the one that asks: none was left behind on the way.
    expect(await redis.connections(3)).toBe(3)
  })

  it('drops the first packet holds nobody up, and is used when it lets it through [S169]', async () => {
    const redis = await startRedis('--tcp-backlog', '1')
    redis.freeze()
    const fillers = await fillBacklog(redis.port)
    const site = await openRedisSite(redis.url)
    const begun = performance.now()
    await site.site.ready()
    expect(performance.now() - begun).toBeLessThan(1_000)
    await expectLittleWaiting(site)
    // A few tries that come to nothing.
    await pause(1_500)
    await expectLittleWaiting(site)

    for (const filler of fillers) filler.destroy()
    redis.thaw()
    expect(await untilUsed(site)).toBeLessThan(10_000)
    expect(await redis.connections(3)).toBe(3)
  })
})

/** Connects to a server that accepts nobody until the system drops the next one's first packet. */
async function fillBacklog(port: number): Promise<Socket[]> {
  const fillers: Socket[] = []
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    fillers.push(socket)
    let isConnected = false
    socket.once('connect', () => (isConnected = true))
    await pause(300)
    if (!isConnected) return fillers
  }
}
