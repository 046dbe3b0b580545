import type { NotFoundEntry, PageEntry, RedirectEntry } from '../../lib/cache/entry.js'

/** Times of an entry that is fresh for ten seconds from `renderedAt` on, and expires an hour later. */
export function timesFrom(renderedAt = 1_000): Pick<PageEntry, 'renderedAt' | 'staleAt' | 'expiresAt'> {
  return { renderedAt, staleAt: renderedAt + 10_000, expiresAt: renderedAt + 3_600_000 }
}

export function createPageEntry(text = 'page', renderedAt?: number): PageEntry {
  return {
    type: 'page',
    status: 200,
    document: Buffer.from(`<p>${text}</p>`),
    data: Buffer.from(`{"pageProps":{"text":${JSON.stringify(text)}}}`),
    ...timesFrom(renderedAt),
  }
}

export function createRedirectEntry(destination = '/new', renderedAt?: number): RedirectEntry {
  return { type: 'redirect', status: 308, destination, basePath: true, ...timesFrom(renderedAt) }
}

export function createNotFoundEntry(renderedAt?: number): NotFoundEntry {
  return { type: 'not-found', ...timesFrom(renderedAt) }
}
