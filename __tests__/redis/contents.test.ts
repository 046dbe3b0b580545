import { jest } from '@jest/globals'
import { setTimeout as pause } from 'node:timers/promises'
import { redisStore } from 'pagepress/redis'
import { closeRedisSites, openRedisSite, visit, WAIT } from '../support/redis-site.js'
import { describeRedis, startRedis, type RedisServer } from '../support/redis.js'

jest.setTimeout(60_000)

afterEach(closeRedisSites)

describeRedis('a Redis that', () => {
  let redis: RedisServer

  it('is full costs nothing but the storing [S170]', async () => {
    redis = await startRedis('--maxmemory', '1', '--maxmemory-policy', 'noeviction')
    const site = await openRedisSite(redis.url, { maxBytes: 1_000_000 })
    const times = await visit(site, 50)
    await visit(site, 50)
    expect(times.filter((ms) => ms > WAIT)).toEqual([])
    expect(site.runs()).toBe(50)
  })

  it('holds wrong things under our keys gives none of them out, and gets right ones [S171]', async () => {
    redis = await startRedis()
    const site = await openRedisSite(redis.url)
    await visit(site, 1)
    await site.settled()
    const keys = async () =>
      (await redis.command('KEYS', 'pagepress:test-build:*')).match(/pagepress:test-build:[0-9a-f]{64}/g) ??
      []
    const [key] = await keys()
    const wrong: string[][] = [
      ['RPUSH', key!, 'a'],
      ['HSET', key!, '__proto__', 'a'],
      ['SET', key!, '5'],
      ['SET', key!, ''],
      ['SET', key!, '9'.repeat(16) + 'PPE2 and more'],
      ['SET', key!, '{"html":"<p>evil</p>"}'],
      ['SET', key!, '0001795168675243PPE1' + 'x'.repeat(100)],
      ['SADD', key!, 'a'],
    ]
    for (const command of wrong) {
      await redis.command('DEL', key!)
      await redis.command(...command)
      const before = site.runs()
      expect((await site.ask('/p/0')).body).toContain(`<p>${before + 1}</p>`)
      await site.settled()
      expect((await site.ask('/p/0')).body).toContain(`<p>${before + 1}</p>`)
    }
    // Another key's entry.
    await site.ask('/p/other')
    await site.settled()
    const other = (await keys()).find((one) => one !== key)!
    await redis.command('COPY', other, key!, 'REPLACE')
    const before = site.runs()
    await site.ask('/p/0')
    expect(site.runs()).toBe(before + 1)
  })

  it('has one value for a page, a hash for a key, and an end for each [S62]', async () => {
    redis = await startRedis()
    const site = await openRedisSite(redis.url)
    for (const id of ['a', '*', '%0D%0A', '%7B%7D', '%F0%9F%98%80', 'x'.repeat(1_500)])
      await site.ask(`/p/${id}`)
    await site.site.revalidate({ tag: 'p' })
    await site.site.revalidate('/p/a')
    await site.settled()
    const keys = (await redis.command('KEYS', '*')).split('\r\n').filter((line) => /^[^*$]/.test(line))
    expect(keys.filter((key) => /^pagepress:test-build:[0-9a-f]{64}$/.test(key))).toHaveLength(6)
    expect(keys.filter((key) => !/^pagepress:test-build:[0-9a-f]{64}$/.test(key)).sort()).toEqual([
      '{pagepress}:marks',
      '{pagepress}:marks-before',
    ])
    for (const key of keys) expect(Number((await redis.command('PTTL', key)).slice(1))).toBeGreaterThan(0)
  })

  it('evicts what it likes never mixes two renders, and keeps nothing for ever [S172]', async () => {
    redis = await startRedis('--maxmemory', '5mb', '--maxmemory-policy', 'allkeys-lru')
    const store = redisStore(redis.url)({ buildId: 'b', now: Date.now, onError: () => {} })
    await store.ready!()
    const begun = Date.now()
    const filler = 'x'.repeat(40_000)
    const write = (index: number, order: number) =>
      store.set(`/${index % 100}`, {
        type: 'page',
        status: 200,
        document: Buffer.from(`${order} ${filler}`),
        data: Buffer.from(`${order}`),
        renderedAt: begun + order,
        staleAt: begun + order + 10_000,
        expiresAt: begun + 100_000,
      })
    let found = 0
    for (let order = 0; order < 600; order += 1) {
      await write(order * 7, order).catch(() => undefined)
      const entry = await store.get(`/${(order * 13) % 100}`)
      if (entry?.type !== 'page') continue
      found += 1
      expect(entry.document.toString()).toBe(`${entry.data.toString()} ${filler}`)
    }
    expect(found).toBeGreaterThan(100)
    expect(Number((await redis.command('INFO', 'stats')).match(/evicted_keys:(\d+)/)![1])).toBeGreaterThan(0)
    const keys = (await redis.command('KEYS', '*')).split('\r\n').filter((line) => /^[^*$]/.test(line))
    expect(keys.length).toBeGreaterThan(10)
    // Minus one is for ever; minus two was evicted just now.
    for (const key of keys) expect(Number((await redis.command('PTTL', key)).slice(1))).not.toBe(-1)
    await store.close!()
  })

  it('has two connections of a process, however many ask [S175]', async () => {
    redis = await startRedis()
    const site = await openRedisSite(redis.url)
    await site.site.ready()
    await Promise.all(Array.from({ length: 300 }, (_, index) => site.ask(`/p/${index}`)))
    const clients = (await redis.command('CLIENT', 'LIST')).match(/id=\d+/g)!
    // The third is the one that asks.
    expect(clients).toHaveLength(3)
  })

  it('refuses what was begun earlier and written later, and a lease given back too late', async () => {
    redis = await startRedis()
    const open = redisStore(redis.url)
    const context = { buildId: 'b', now: Date.now, onError: () => {} }
    const [slow, quick] = [open(context), open(context)]
    await Promise.all([slow.ready!(), quick.ready!()])
    const times = (renderedAt: number) => ({
      renderedAt,
      staleAt: renderedAt + 1,
      expiresAt: renderedAt + 60_000,
    })
    const began = Date.now()
    const lease = await slow.lease('/a', 50)
    await pause(100)
    expect(await quick.lease('/a', 10_000)).toBeDefined()
    await quick.set('/a', { type: 'not-found', ...times(began + 100) })
    await slow.set('/a', { type: 'not-found', ...times(began) })
    await lease!.release()
    expect(await quick.get('/a')).toMatchObject({ renderedAt: began + 100 })
    expect(await slow.lease('/a', 10)).toBeUndefined()
    await Promise.all([slow.close!(), quick.close!()])
  })
})
