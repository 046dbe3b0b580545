export { describeCacheStore, type StoreContract, type StorePlace } from './describe-cache-store.js'
export { createTestApp, type TestApp, type TestAppOptions } from './create-test-app.js'
export type { MemoryPages } from './memory-source.js'
