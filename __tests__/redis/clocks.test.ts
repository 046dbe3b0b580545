import { jest } from '@jest/globals'
import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from 'redis'
import { encodeEntry } from '../../lib/cache/entry.js'
import { createPageEntry } from '../support/entries.js'
import {
  startDataSource,
  startMachine,
  stopMachines,
  type DataSource,
  type Machine,
} from '../support/fleet.js'
import { describeRedis, startRedis, stopRedisServers, type RedisServer } from '../support/redis.js'

jest.setTimeout(60_000)

const FIVE_MINUTES = 300_000

describeRedis('three machines, one of them five minutes behind and one ahead', () => {
  let redis: RedisServer
  let data: DataSource
  let machines: Machine[]

  beforeAll(async () => {
    redis = await startRedis()
    data = await startDataSource()
    machines = await Promise.all(
      [0, -FIVE_MINUTES, FIVE_MINUTES].map((skew) => startMachine(redis.url, data.url, { skew })),
    )
  })
  afterAll(async () => {
    await stopMachines()
    await data.stop()
    await stopRedisServers()
  })

  const askAll = (path: string) => Promise.all(machines.map((machine) => machine.ask(path)))

  async function untilAllShow(path: string, text: string): Promise<number> {
    const begun = performance.now()
    for (;;) {
      const shown = await askAll(path)
      if (shown.every((one) => one === `${path} ${text}`)) return performance.now() - begun
      if (performance.now() - begun > 10_000) throw new Error(`Shown are ${shown.join(', ')}.`)
      await pause(20)
    }
  }

  it('show a page for its second and no longer, whoever has rendered it [S125]', async () => {
    for (const [turn, first] of machines.entries()) {
      const path = `/brief/${turn}`
      const begun = performance.now()
      data.text = 'old'
      expect(await first.ask(path)).toBe(`${path} old`)
      // The others have it from Redis, in their own time: neither due at once nor fresh for minutes.
      expect(await askAll(path)).toEqual(Array(3).fill(`${path} old`))
      expect(data.reads().length).toBeLessThanOrEqual(1 + Math.floor((performance.now() - begun) / 1_000))
      data.text = 'new'
      expect(await untilAllShow(path, 'new')).toBeLessThan(3_000)
      data.reads()
    }
  })

  it('serve an entry from the future, and refresh it once [S125]', async () => {
    const path = '/long/future'
    const renderedAt = Date.now() + FIVE_MINUTES
    const entry = {
      ...createPageEntry('from the future', renderedAt),
      staleAt: renderedAt + 3_600_000,
      expiresAt: renderedAt + 36_000_000,
    }
    // Written by a Redis whose own clock was ahead: it takes nothing that is from the future for itself.
    const client = await createClient({ url: redis.url }).connect()
    const name = createHash('sha256').update(path, 'utf16le').digest('hex')
    const time = String(renderedAt).padStart(16, '0')
    await client.set(
      `pagepress:one:${name}`,
      Buffer.concat([Buffer.from(time), encodeEntry(path, entry, 'one')]),
    )
    client.destroy()

    data.text = 'of now'
    // Nobody has the new one before all have asked.
    data.delay = 1_000
    expect(await askAll(path)).toEqual(Array(3).fill('from the future'))
    data.delay = 0
    await untilAllShow(path, 'of now')
    for (let turn = 0; turn < 10; turn += 1) await askAll(path)
    expect(data.reads()).toEqual([path])
  })

  it('take an invalidation of any of them for one of now [S125]', async () => {
    const path = '/long/marked'
    await askAll(path)
    for (const [turn, machine] of machines.entries()) {
      data.text = `version ${turn}`
      expect(await machine.revalidate({ tag: 'long' })).toBe('done')
      expect(await untilAllShow(path, `version ${turn}`)).toBeLessThan(2_000)
      data.reads()
      // What was rendered after it is not older than it, by anybody's clock.
      for (let visits = 0; visits < 10; visits += 1) await askAll(path)
      expect(data.reads()).toEqual([])
    }
  })
})
