import { createGovernor } from '../cache/governor.js'
import { createPageMemory } from '../cache/memory.js'
import { createResponseCache } from '../cache/response-cache.js'
import { emptyStore } from '../cache/store.js'
import type { ValueCache } from '../server/production.js'

const MIB = 1024 * 1024

/** Keeps what cached functions return while a build produces its pages: each is run once for all of them. */
export function createBuildValues(timeoutMs: number, onError: (error: unknown) => void): ValueCache {
  return createResponseCache({
    store: emptyStore,
    memory: createPageMemory({ maxBytes: 256 * MIB, notFoundEntries: 0 }),
    // No page is produced here, and what is part of one waits for no turn.
    governor: createGovernor({ renders: 1, refreshes: 1, queue: 0 }),
    limits: { entryBytes: 64 * MIB, timeoutMs },
    now: Date.now,
    onError,
  })
}
