import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'
import { redisStore } from 'pagepress/redis'
import { describeCacheStore } from 'pagepress/testing'
import { createFileStore } from '../../lib/cache/file-store.js'
import { createMemoryStore } from '../../lib/cache/memory-store.js'
import { createSeededStore } from '../../lib/cache/seeded-store.js'
import { describeRedis, startRedis, stopRedisServers, type RedisServer } from '../support/redis.js'

describeCacheStore('the memory store', () => ({ open: () => createMemoryStore() }), { isShared: false })

describeCacheStore(
  'the file store',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pagepress-'))
    return {
      open: (context) => createFileStore({ ...context, directory: join(folder, context.buildId) }),
      end: () => rm(folder, { recursive: true, force: true }),
    }
  },
  { isShared: false },
)

describeCacheStore(
  'a store over the pages of a build',
  () => ({ open: () => createSeededStore(createMemoryStore(), { get: async () => undefined }) }),
  { isShared: false },
)

describeRedis('with a Redis server', () => {
  let redis: RedisServer
  let count = 0
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(stopRedisServers)

  describeCacheStore('the Redis store', () => ({
    open: redisStore(redis.url, { prefix: `contract-${(count += 1)}`, timeoutMs: 1_000 }),
  }))

  describeCacheStore('the Redis store, given a client', async () => {
    const client = createClient({ url: redis.url })
    return { open: redisStore(client as never, { prefix: `contract-${(count += 1)}`, timeoutMs: 1_000 }) }
  })
})
