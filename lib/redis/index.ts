export { redisStore, type RedisStoreOptions } from './redis-store.js'
export type { RedisClient } from './client-kinds.js'
