import { jest } from '@jest/globals'
import { setTimeout as pause } from 'node:timers/promises'
import { redisStore } from 'pagepress/redis'
import type { CacheStore, Mark } from '../../lib/cache/store.js'
import { createPageEntry } from '../support/entries.js'
import { describeRedis, startRedis, stopRedisServers, type RedisServer } from '../support/redis.js'

jest.setTimeout(60_000)

const HOUR = 3_600_000
/** What machines take from each other, and from themselves, as of now. */
const LEAD = 1_000

interface Machine {
  readonly store: CacheStore
  /** What it has heard of invalidations. */
  readonly told: Mark[]
  /** Puts its clock ahead; nothing has been compared with Redis since until the next turn of the event loop. */
  jump(milliseconds: number): void
}

describeRedis('a machine whose clock jumps ahead', () => {
  let redis: RedisServer
  let machines: Machine[]

  beforeEach(async () => {
    redis = await startRedis()
    machines = []
  })
  afterEach(async () => {
    for (const { store } of machines) await store.close!()
    await stopRedisServers()
  })

  async function open(): Promise<Machine> {
    let ahead = 0
    const told: Mark[] = []
    const now = () => Date.now() + ahead
    const store = redisStore(redis.url, { timeoutMs: 2_000 })({ buildId: 'one', now, onError: () => {} })
    store.subscribe({ invalidated: (mark) => void told.push(mark), lost() {} })
    await store.ready!()
    const machine = { store, told, jump: (milliseconds: number) => void (ahead += milliseconds) }
    machines.push(machine)
    return machine
  }

  async function untilTold({ told }: Machine, isIt: (mark: Mark) => boolean): Promise<Mark> {
    for (const begun = performance.now(); performance.now() - begun < 10_000; await pause(20)) {
      const found = told.find(isIt)
      if (found !== undefined) return found
    }
    throw new Error(`It has heard of ${JSON.stringify(told)}.`)
  }

  it('does not outdate what others produce in the time that it has left out', async () => {
    const [jumped, right] = [await open(), await open()]
    jumped.jump(HOUR)
    await jumped.store.invalidate({ name: 'tag:a', isSoft: false, before: Date.now() + HOUR })
    const { before } = await untilTold(right, ({ name }) => name === 'tag:a')
    expect(before).toBeLessThanOrEqual(Date.now() + LEAD)
    // Nor when it is said again, or read from what Redis has kept.
    await right.store.invalidate({ name: 'tag:a', isSoft: false })
    const late = await open()
    const kept = await untilTold(late, ({ name }) => name === 'tag:a')
    expect(kept.before).toBeLessThanOrEqual(Date.now() + LEAD)
    expect(kept.before).toBeGreaterThan(before - LEAD)
  })

  it('writes no page that would count as younger than what is invalidated later', async () => {
    const [jumped, right] = [await open(), await open()]
    jumped.jump(HOUR)
    const page = (renderedAt: number) => ({
      ...createPageEntry('page', renderedAt),
      expiresAt: renderedAt + HOUR,
    })
    await jumped.store.set('/a', page(Date.now() + HOUR))
    expect(await right.store.get('/a')).toBeUndefined()
    const renderedAt = Date.now()
    await right.store.set('/a', page(renderedAt))
    jumped.jump(1)
    await jumped.store.set('/a', page(Date.now() + HOUR))
    expect(await right.store.get('/a')).toMatchObject({ renderedAt: expect.closeTo(renderedAt, -3) })
  })

  it('knows by its new clock what was invalidated by the old one', async () => {
    const minuteAgo = Date.now() - 60_000
    await redis.command('ZADD', '{pagepress}:marks', String(minuteAgo), 'htag:a')
    await redis.command('HSET', '{pagepress}:marks-before', 'htag:a', String(minuteAgo))
    const jumped = await open()
    expect(jumped.told).toEqual([{ name: 'tag:a', isSoft: false, before: expect.closeTo(minuteAgo, -3) }])
    jumped.jump(HOUR)
    // Pages of Redis are compared with it in the time of this machine.
    const { before } = await untilTold(jumped, (mark) => mark.before > minuteAgo + HOUR / 2)
    expect(before / 1_000).toBeCloseTo((minuteAgo + HOUR) / 1_000, 0)
  })

  it('believes no page from before: what it has noted itself meanwhile is in the time of the old clock', async () => {
    const [jumped, right] = [await open(), await open()]
    const page = () => ({ ...createPageEntry('page', Date.now()), expiresAt: Date.now() + HOUR })
    await right.store.set('/a', page())
    expect(await jumped.store.get('/a')).toMatchObject({ type: 'page' })
    jumped.jump(HOUR)
    const begun = performance.now()
    while ((await jumped.store.get('/a').catch(() => 'unknown')) !== undefined) {
      expect(performance.now() - begun).toBeLessThan(10_000)
      await pause(50)
    }
    await right.store.set('/a', page())
    expect(await jumped.store.get('/a')).toMatchObject({ type: 'page' })
  })
})
