import { LRUCache } from 'lru-cache'
import { cachedPageSize, type CachedPage } from './cached-page.js'

/** The nearest tier: pages of this process, bounded in bytes; "not found" results live apart and evict no page. */
export interface PageMemory {
  get(key: string): CachedPage | undefined
  set(key: string, page: CachedPage): void
  delete(key: string): void
  /** Counts a page anew whose bodies have grown; nothing happens if it is no longer kept. */
  resize(key: string, page: CachedPage): void
  readonly bytes: number
  readonly entries: number
}

export function createPageMemory({
  maxBytes,
  notFoundEntries,
}: {
  maxBytes: number
  notFoundEntries: number
}): PageMemory {
  // lru-cache takes 0 for "no bound"; here it means that nothing is kept.
  const pages =
    maxBytes > 0
      ? new LRUCache<string, CachedPage>({ maxSize: maxBytes, sizeCalculation: cachedPageSize })
      : undefined
  const notFound =
    notFoundEntries > 0 ? new LRUCache<string, CachedPage>({ max: notFoundEntries }) : undefined

  return {
    get: (key) => pages?.get(key) ?? notFound?.get(key),
    set(key, page) {
      const [home, other] = page.type === 'not-found' ? [notFound, pages] : [pages, notFound]
      other?.delete(key)
      home?.set(key, page)
    },
    delete(key) {
      pages?.delete(key)
      notFound?.delete(key)
    },
    resize(key, page) {
      if (pages?.peek(key) !== page) return
      // lru-cache measures a value when it is new to the key.
      pages.delete(key)
      pages.set(key, page)
    },
    get bytes() {
      return pages?.calculatedSize ?? 0
    },
    get entries() {
      return (pages?.size ?? 0) + (notFound?.size ?? 0)
    },
  }
}
