import { cachedSize, type CachedPage } from '../cache/cached-page.js'
import { isFresh, type CacheEntry } from '../cache/entry.js'
import type { Inspection, PageKey, ResponseCache } from '../cache/response-cache.js'
import type { KeyParts } from '../types.js'
import type { FoundPage } from './find-page.js'

/** What a site knows of a URL, for people. */
export interface Explanation {
  /** The path that was looked at, without mount path and query. */
  readonly path: string
  /** The route that answers, and its file; absent if none does. */
  readonly route?: string
  readonly file?: string
  readonly kind?: string
  /** Whether answers are kept, and if not, why. */
  readonly isCached: boolean
  readonly why: string
  /** What a visitor would get now. */
  readonly state?: 'fresh' | 'stale' | 'absent'
  readonly key?: string
  readonly renderedAt?: Date
  /** When the page is due; absent for never. */
  readonly staleAt?: Date
  readonly expiresAt?: Date
  readonly tags?: readonly string[]
  /** Bytes in memory, compressed forms included. */
  readonly bytes?: number
  readonly inMemory?: boolean
  readonly inStore?: boolean
  readonly isRendering?: boolean
  readonly isRefreshing?: boolean
  /** A refresh has failed lately, and the next one waits. */
  readonly isBackingOff?: boolean
}

export interface ExplainOptions {
  /** Of which key: what `cache.key` returns for the request, e.g. `{ tenant: 'a' }`. */
  key?: KeyParts
}

const reasons: Readonly<Record<string, string>> = {
  server: 'It is produced for each request, because it has `getServerSideProps` or `getInitialProps`.',
  api: 'API routes answer each request themselves.',
  handler: 'A route handler answers each request, unless it is static.',
}

export function explainNothing(path: string, found: FoundPage | 'unlisted' | undefined): Explanation {
  if (found === undefined) return { path, isCached: false, why: 'No page answers for it.' }
  if (found === 'unlisted')
    return { path, isCached: false, why: '`getStaticPaths` with `fallback: false` does not list it.' }
  const { route, facts, value } = found
  const why = reasons[facts.kind] ?? 'It is not static.'
  return { path, route, file: value.file, kind: facts.kind, isCached: false, why }
}

/** Which of its pages is meant has not been said. */
export function explainEachKey(path: string, { route, facts, value }: FoundPage): Explanation {
  const why =
    "It is kept for each key that `cache.key` returns. Give one with `{ key }`, as in `explain(url, { key: { tenant: 'a' } })`."
  return { path, route, file: value.file, kind: facts.kind, isCached: true, why }
}

export interface ExplainedPage {
  readonly path: string
  readonly found: FoundPage
  readonly key: PageKey
}

export async function explainCached(
  { path, found, key }: ExplainedPage,
  cache: ResponseCache,
  now: number,
): Promise<Explanation> {
  const inspection = await cache.inspect(key)
  const { isRendering, isRefreshing, isBackingOff } = inspection
  const entry = newest(inspection)
  return {
    path,
    route: found.route,
    file: found.value.file,
    kind: found.facts.kind,
    isCached: true,
    why: whyKept(found),
    key: key.key,
    state: entry === undefined ? 'absent' : isFresh(entry, now) ? 'fresh' : 'stale',
    ...(entry && timesOf(entry)),
    ...(inspection.inMemory && { bytes: cachedSize(inspection.inMemory) }),
    inMemory: inspection.inMemory !== undefined,
    inStore: inspection.inStore !== undefined,
    isRendering,
    isRefreshing,
    isBackingOff,
  }
}

function whyKept({ facts: { microcache } }: FoundPage): string {
  if (microcache === undefined) return 'It is static: one page for everybody who asks for this key.'
  return `Its \`config.microcache\` keeps it for ${microcache} s, for visitors without cookies and credentials.`
}

function newest({ inMemory, inStore }: Inspection): CachedPage | CacheEntry | undefined {
  if (inMemory === undefined || inStore === undefined) return inMemory ?? inStore
  return inMemory.renderedAt >= inStore.renderedAt ? inMemory : inStore
}

function timesOf({ renderedAt, staleAt, expiresAt, origin }: CachedPage | CacheEntry) {
  return {
    renderedAt: new Date(renderedAt),
    ...(staleAt !== Infinity && { staleAt: new Date(staleAt) }),
    ...(expiresAt !== Infinity && { expiresAt: new Date(expiresAt) }),
    ...(origin && { tags: origin.tags }),
  }
}
