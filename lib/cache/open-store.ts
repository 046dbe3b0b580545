import { propertyOf } from '../errors.js'
import type { Settings } from '../options.js'
import { createGuardedStore, type GuardedStore } from './guarded-store.js'
import type { CacheStore, OpenStore, StoreContext } from './store.js'

/** That the store is away is told once in so many milliseconds, by the first who notices. */
const TELL_EVERY = 60_000

/** Only a store that is guarded has outages. */
export type OpenedStore = CacheStore & Partial<Pick<GuardedStore, 'outages'>>

/** Opens the store that the site's options name, guarded, or else the one that the site brings along. */
export async function openStore(
  { cache }: Pick<Settings, 'cache'>,
  context: StoreContext,
  openDefault: OpenStore,
): Promise<OpenedStore> {
  if (cache.store === undefined) return openDefault(context)
  let toldAt = -Infinity

  function onError(error: unknown): void {
    if (propertyOf(error, 'code') === 'PAGES_STORE') {
      if (performance.now() - toldAt < TELL_EVERY) return
      toldAt = performance.now()
    }
    context.onError(error)
  }

  const store = createGuardedStore(cache.store({ ...context, onError }), onError)
  await store.ready?.()
  return store
}
