import { jest } from '@jest/globals'
import { createClient } from 'redis'
import { redisStore } from 'pagepress/redis'
import type { CacheEntry } from '../../lib/cache/entry.js'
import { closeRedisSites, openRedisSite, type RedisSite } from '../support/redis-site.js'
import { describeRedis, startRedis, type RedisServer } from '../support/redis.js'

jest.setTimeout(60_000)

const key = '/p/x'
const now = Date.now()
const times = { renderedAt: now, staleAt: now + 3_600_000, expiresAt: now + 7_200_000 }
const page = {
  ...times,
  type: 'page',
  status: 200,
  document: Buffer.from('<p>evil</p>'),
  data: Buffer.from('{}'),
}

/** Heads with a right checksum: whoever can write to Redis can make one. */
const evil: [what: string, entry: object][] = [
  ['a header with another in its value', { ...page, headers: [['x-a', 'b\r\nset-cookie: a=1']] }],
  ['a header whose name is none', { ...page, headers: [['x-a\r\nx-b', 'c']] }],
  ['a header that frames the message', { ...page, headers: [['Transfer-Encoding', 'chunked']] }],
  ['a length of its own', { ...page, headers: [['content-length', '1']] }],
  ['a cookie for everybody', { ...page, headers: [['Set-Cookie', 'session=mine']] }],
  ['headers that are no pairs', { ...page, headers: { 'x-a': 'b' } }],
  ['a status that is none', { ...page, status: 99_999 }],
  ['a status that is text', { ...page, status: '200' }],
  ['a redirect with a header in it', { ...times, ...moved('/a\r\nset-cookie: a=1') }],
  ['a redirect to no text', { ...times, ...moved(5) }],
  ['a redirect that is a page', { ...times, ...moved('/a'), status: 200 }],
  ['times that are text', { ...page, expiresAt: '9'.repeat(20) }],
  ['tags that are no list', { ...page, origin: { tags: 'p' } }],
  ['tags that are no texts', { ...page, origin: { tags: [{ toString: 1 }] } }],
  ['a kind that objects inherit', { ...page, type: 'constructor' }],
]

function moved(destination: unknown): object {
  return { type: 'redirect', status: 307, destination, basePath: true }
}

afterEach(closeRedisSites)

describeRedis('what somebody else has written to Redis,', () => {
  let redis: RedisServer
  let site: RedisSite

  beforeEach(async () => {
    redis = await startRedis()
    site = await openRedisSite(redis.url)
    await site.ask(key)
    await site.settled()
    await redis.command('FLUSHALL')
  })

  it.each(evil)('with %s, is a miss, and is written anew [S181]', async (_what, entry) => {
    const store = redisStore(redis.url)({ buildId: 'test-build', now: Date.now, onError: () => {} })
    await store.ready?.()
    await store.set(key, entry as CacheEntry)
    await store.close?.()
    const before = site.runs()

    const answer = await site.ask(key)
    expect([answer.status, answer.headers['set-cookie'], answer.headers['x-b']]).toEqual([
      200,
      undefined,
      undefined,
    ])
    expect(answer.body).toContain(`<p>${before + 1}</p>`)
    await site.settled()
    expect((await site.ask(key)).body).toContain(`<p>${before + 1}</p>`)
    expect(site.errors).toEqual([])
  })

  it('as a page that is right but for who wrote it, is text: nothing in it runs here [S181]', async () => {
    const store = redisStore(redis.url)({ buildId: 'test-build', now: Date.now, onError: () => {} })
    await store.ready?.()
    const origin = { route: '/p/[id]', path: '../../etc/passwd', tags: ['__proto__', 'constructor'] }
    await store.set(key, { ...page, origin, headers: [['x-a', 'b']] } as unknown as CacheEntry)
    await store.close?.()
    const answer = await site.ask(key)
    expect([answer.status, answer.body, answer.headers['x-a']]).toEqual([200, '<p>evil</p>', 'b'])
    expect(({} as Record<string, unknown>)['tags']).toBeUndefined()
  })

  it.each(['PPE1', 'PPE3'])(
    'in the format %s, is left to those who read it: a miss here [S179]',
    async (format) => {
      const client = await createClient({ url: redis.url }).withTypeMapping({ 36: Buffer }).connect()
      try {
        await site.ask(key)
        await site.settled()
        const [name] = (await client.keys('pagepress:test-build:*')) as unknown as Buffer[]
        const ours = (await client.get(name!)) as unknown as Buffer
        expect(ours.toString('latin1', 16, 20)).toBe('PPE2')
        const theirs = Buffer.from(ours)
        theirs.write(format, 16)
        await client.set(name!, theirs)
        const before = site.runs()
        expect((await site.ask(key)).body).toContain(`<p>${before + 1}</p>`)
        await site.settled()
        expect(((await client.get(name!)) as unknown as Buffer).toString('latin1', 16, 20)).toBe('PPE2')
      } finally {
        client.destroy()
      }
    },
  )
})
