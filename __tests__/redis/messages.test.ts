import { jest } from '@jest/globals'
import { setTimeout as pause } from 'node:timers/promises'
import { closeRedisSites, openRedisSite, visit } from '../support/redis-site.js'
import { describeRedis, startRedis } from '../support/redis.js'

jest.setTimeout(60_000)

afterEach(closeRedisSites)

describeRedis('an operator whose Redis', () => {
  it.each(['127.0.0.1', 'localhost'])(
    'is not there, at %s, is told once what is wrong, and with what',
    async (host) => {
      const redis = await startRedis()
      await redis.kill()
      const site = await openRedisSite(redis.url.replace('127.0.0.1', host))
      await visit(site, 20)
      await pause(1_200)
      await visit(site, 20)
      expect(site.errors).toEqual([expect.objectContaining({ code: 'PAGES_STORE' })])
      expect(String(site.errors[0])).toMatch(
        /Redis cannot be used for cached pages: .*ECONNREFUSED.*See that it runs/,
      )
    },
  )

  it('goes away is told once, and of it', async () => {
    const redis = await startRedis()
    const site = await openRedisSite(redis.url)
    await visit(site, 5)
    await redis.kill()
    await visit(site, 20)
    await pause(1_200)
    await visit(site, 20, 100)
    expect(site.errors).toEqual([expect.objectContaining({ code: 'PAGES_STORE' })])
    expect(String(site.errors[0])).toMatch(/(?:Redis|The store of cached pages) cannot be used/)
  })

  it('hangs is told of it by who waits in vain', async () => {
    const redis = await startRedis()
    const site = await openRedisSite(redis.url)
    await visit(site, 5)
    redis.freeze()
    await visit(site, 20, 100)
    expect(site.errors).toEqual([expect.objectContaining({ code: 'PAGES_STORE' })])
    redis.thaw()
  })
})
