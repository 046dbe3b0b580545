import { jest } from '@jest/globals'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { redisStore } from 'pagepress/redis'
import { createTestApp, type TestApp } from 'pagepress/testing'
import {
  describeRedis,
  freePort,
  startFakeRedis,
  startRedis,
  stopRedisServers,
  type RedisServer,
} from '../support/redis.js'
import { serve, stopServers } from '../support/serve.js'

jest.setTimeout(60_000)

const sites: TestApp[] = []

afterEach(async () => {
  await stopServers()
  plain = undefined
  for (const { site } of sites.splice(0)) await site.close()
  await stopRedisServers()
})

/** A site that keeps nothing in memory, so that every visit asks Redis, unless it is told otherwise. */
async function open(url: string, { maxBytes = 0, revalidate = 3600 as number | false } = {}) {
  let runs = 0
  const test = createTestApp({
    options: { cache: { maxBytes, store: redisStore(url) } },
    pages: {
      '/p/[id]': {
        default: ({ n }: { n: number }) => <p>{n}</p>,
        getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
        getStaticProps: () => ({ props: { n: ++runs }, revalidate, tags: ['p'] }),
      },
    },
  })
  sites.push(test)
  const { ask } = await serve(test.app)
  /** Status and milliseconds of an answer. */
  const time = async (path: string) => {
    const begun = performance.now()
    const { status } = await ask(path)
    return { status, ms: performance.now() - begun }
  }
  return { ...test, ask, time, runs: () => runs }
}

/**
 * Visits paths that are asked for the first time, and answers how much longer each took than the slowest of the visits,
 * made in between, to a site without Redis: what Redis costs, whatever else the machine does meanwhile.
 */
async function visit(site: Awaited<ReturnType<typeof open>>, count: number, from = 0): Promise<number[]> {
  const times: number[] = []
  let slowest = 0
  for (let index = from; index < from + count; index += 1) {
    slowest = Math.max(slowest, await timeWithoutRedis(`/p/${index}`))
    const { status, ms } = await site.time(`/p/${index}`)
    expect(status).toBe(200)
    times.push(ms)
  }
  return times.map((ms) => ms - slowest)
}

async function timeWithoutRedis(path: string): Promise<number> {
  const { ask } = (plain ??= await serve(
    createTestApp({
      pages: {
        '/p/[id]': {
          default: () => <p>plain</p>,
          getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
          getStaticProps: () => ({ props: {} }),
        },
      },
    }).app,
  ))
  const begun = performance.now()
  await ask(path)
  return performance.now() - begun
}

let plain: Awaited<ReturnType<typeof serve>> | undefined

/** Waits until Redis is used again: a page that is not in memory is not produced anew. */
async function untilUsed(site: Awaited<ReturnType<typeof open>>): Promise<number> {
  const begun = performance.now()
  for (;;) {
    await site.ask('/p/used')
    await site.settled()
    const before = site.runs()
    await site.ask('/p/used')
    if (site.runs() === before) return performance.now() - begun
    if (performance.now() - begun > 15_000) throw new Error('Redis is not used again.')
    await pause(50)
  }
}

/** A little more than the fifty milliseconds that a visitor waits at most. */
const WAIT = 60

describeRedis('a Redis that', () => {
  let redis: RedisServer

  it('is down at the start is waited for half a second, and used when it is there [S164]', async () => {
    redis = await startRedis()
    await redis.kill()
    const site = await open(redis.url)
    const begun = performance.now()
    await site.site.ready()
    expect(performance.now() - begun).toBeLessThan(1_000)
    await visit(site, 5)

    await redis.start()
    expect(await untilUsed(site)).toBeLessThan(5_000)
  })

  it('dies under load costs no answer, little time, and is used again by itself [S165] [S166]', async () => {
    redis = await startRedis()
    const site = await open(redis.url)
    await visit(site, 20)
    const killing = pause(30).then(() => redis.kill())
    const times = await visit(site, 200, 100)
    await killing
    times.push(...(await visit(site, 100, 400)))

    expect(times.filter((ms) => ms > WAIT).length).toBeLessThanOrEqual(5)
    await redis.start()
    expect(await untilUsed(site)).toBeLessThan(5_000)
  })

  it('hangs costs the first few misses fifty milliseconds, later ones and hits nothing [S165]', async () => {
    redis = await startRedis()
    const site = await open(redis.url)
    const cached = await open(redis.url, { maxBytes: 1_000_000 })
    await visit(site, 5)
    await visit(cached, 5)
    await visit(cached, 5)

    redis.freeze()
    const hits = await visit(cached, 5)
    expect(Math.max(...hits)).toBeLessThan(40)
    const times = await visit(site, 100, 100)
    expect(times.filter((ms) => ms > 45).length).toBeLessThanOrEqual(5)
    expect(Math.max(...times)).toBeLessThan(400)
    expect(site.errors.length).toBeGreaterThan(0)
    expect(site.errors.length).toBeLessThan(5)

    redis.thaw()
    expect(await untilUsed(site)).toBeLessThan(5_000)
  })

  it('comes and goes costs no answer', async () => {
    redis = await startRedis()
    const site = await open(redis.url)
    const end = performance.now() + 6_000
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
    expect(count).toBeGreaterThan(100)
  })

  it('is full costs nothing but the storing [S170]', async () => {
    redis = await startRedis('--maxmemory', '1', '--maxmemory-policy', 'noeviction')
    const site = await open(redis.url, { maxBytes: 1_000_000 })
    const times = await visit(site, 50)
    await visit(site, 50)
    expect(times.filter((ms) => ms > WAIT)).toEqual([])
    expect(site.runs()).toBe(50)
  })

  it('cannot be told of an invalidation is told later, and this process knows at once', async () => {
    redis = await startRedis()
    const site = await open(redis.url, { maxBytes: 1_000_000 })
    const other = await open(redis.url, { maxBytes: 1_000_000 })
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

  it('holds wrong things under our keys gives none of them out, and gets right ones [S171]', async () => {
    redis = await startRedis()
    const site = await open(redis.url)
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
    const site = await open(redis.url)
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
    const site = await open(redis.url)
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

describe('a server that is no good Redis', () => {
  const refusals = [
    ...[
      'READONLY',
      'MOVED 1 127.0.0.1:1',
      'ASK 1 127.0.0.1:1',
      'CLUSTERDOWN',
      'TRYAGAIN',
      'LOADING',
      'MASTERDOWN',
    ],
    ...[
      'NOAUTH',
      'NOPERM',
      'WRONGPASS',
      'OOM',
      'MISCONF',
      'BUSY',
      'NOREPLICAS',
      'EXECABORT',
      'WRONGTYPE',
      'NOSCRIPT',
    ],
    'ERR unknown command',
  ]

  /** Greets as Redis does, then answers everything else in one way. */
  const greeting = ['HELLO', 'CLIENT', 'SUBSCRIBE']
  const greet = (command: string[]): string | undefined => {
    const name = command[0]!.toUpperCase()
    if (name === 'HELLO') return '%1\r\n+proto\r\n:3\r\n'
    if (name === 'SUBSCRIBE') return `>3\r\n+subscribe\r\n$${command[1]!.length}\r\n${command[1]}\r\n:1\r\n`
    return greeting.includes(name) ? '+OK\r\n' : undefined
  }

  it.each(refusals)('and says %s hurts nobody [S170]', async (refusal) => {
    const fake = await startFakeRedis((command) => greet(command) ?? `-${refusal} said the test\r\n`)
    const site = await open(fake.url)
    const times = await visit(site, 20)
    expect(times.filter((ms) => ms > WAIT).length).toBeLessThanOrEqual(5)
    await site.site.close()
    await fake.stop()
  })

  it.each([
    [
      'knows the marks and then says OOM',
      (command: string[]) =>
        command[1]?.includes('ZRANGEBYSCORE')
          ? `*3\r\n$13\r\n${Date.now()}\r\n$1\r\n0\r\n$1\r\n0\r\n`
          : '-OOM no room\r\n',
    ],
    ['answers garbage', () => 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['promises half a gigabyte', () => '$536870912\r\n'],
    ['says nothing', () => undefined],
  ])('and %s hurts nobody [S170]', async (_what, answer) => {
    const fake = await startFakeRedis((command) => greet(command) ?? answer(command))
    const site = await open(fake.url)
    const before = process.memoryUsage().arrayBuffers
    const times = await visit(site, 50)
    expect(times.filter((ms) => ms > 45).length).toBeLessThanOrEqual(6)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000)
    await site.site.close()
    await fake.stop()
  })

  it('and closes in the middle of an answer hurts nobody [S170]', async () => {
    const fake = await startFakeRedis((command, socket) => {
      const greeted = greet(command)
      if (greeted !== undefined) return greeted
      socket.end('$100\r\nhalf')
      return undefined
    })
    const site = await open(fake.url)
    await visit(site, 30)
    await site.site.close()
    await fake.stop()
  })

  it('and is nobody at all hurts nobody [S164]', async () => {
    const site = await open(`redis://127.0.0.1:${await freePort()}`)
    await visit(site, 20)
  })
})

describe('redisStore', () => {
  it.each([
    [[undefined], /first argument/],
    [[5], /first argument/],
    [[{}], /first argument/],
    [['redis://a', { prefix: '' }], /`prefix`/],
    [['redis://a', { prefix: 'a b' }], /`prefix`/],
    [['redis://a', { timeoutMs: 0 }], /`timeoutMs`/],
    [['redis://a', { maxTtlSeconds: 1.5 }], /`maxTtlSeconds`/],
  ])('refuses %j, naming it [S194]', (given, message) => {
    expect(() => redisStore(...(given as unknown as Parameters<typeof redisStore>))).toThrow(message)
  })
})

describeRedis('a Redis behind a slow line', () => {
  it.each([
    [1, 5],
    [10, 40],
    [300, 0],
    [5_000, 0],
  ])('of %i ms costs a visitor no more than the deadline', async (delay, perVisit) => {
    const redis = await startRedis()
    const line = createServer((socket) => {
      const other = connect(redis.port, '127.0.0.1')
      for (const [from, to] of [
        [socket, other],
        [other, socket],
      ] as const) {
        from.on('data', (bytes) => setTimeout(() => to.writable && to.write(bytes), delay / 2).unref())
        from.on('error', () => {})
        from.on('close', () => to.destroy())
      }
    }).listen(0, '127.0.0.1')
    await once(line, 'listening')
    const site = await open(`redis://127.0.0.1:${(line.address() as AddressInfo).port}`)
    await site.site.ready()
    const times = await visit(site, 60)
    // A miss asks a few questions, one after another.
    expect(times.filter((ms) => ms > 45 + perVisit * 4).length).toBeLessThanOrEqual(6)
    expect(Math.max(...times)).toBeLessThan(500)
    await site.site.close()
    line.close()
  })
})
