import type { Settings } from '../options.js'
import { createGuardedStore } from './guarded-store.js'
import type { CacheStore, OpenStore, StoreContext } from './store.js'

/** Opens the store that the site's options name, guarded, or else the one that the site brings along. */
export async function openStore(
  { cache }: Pick<Settings, 'cache'>,
  context: StoreContext,
  openDefault: OpenStore,
): Promise<CacheStore> {
  if (cache.store === undefined) return openDefault(context)
  const store = createGuardedStore(cache.store(context), context.onError)
  await store.ready?.()
  return store
}
