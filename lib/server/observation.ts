import { cacheEvents, type CacheEventName } from '../cache/observer.js'
import type { ResponseCache } from '../cache/response-cache.js'

/** What a site has done since it started, and what it holds now. */
export interface SiteStats extends Readonly<Record<CacheEventName, number>> {
  /** Pages in memory, with those that are known not to exist. */
  readonly entries: number
  /** Bytes that they occupy, compressed forms included. */
  readonly bytes: number
  /** Pages dropped from memory for want of room. */
  readonly evictions: number
  /** Pages that visitors wait for at the moment. */
  readonly rendering: number
  /** Refreshes that run behind visitors at the moment. */
  readonly refreshing: number
}

export function toStats(cache: ResponseCache): SiteStats {
  return { ...cache.observer.counts, ...cache.stats() }
}

export const METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

const gauges = ['entries', 'bytes', 'rendering', 'refreshing'] as const

const meanings: Readonly<Record<keyof SiteStats, string>> = {
  hit: 'Visitors who got a fresh page from the cache.',
  stale: 'Visitors who got a stale page, to be refreshed behind them.',
  miss: 'Visitors for whom a page was produced.',
  collapsed: 'Visitors who shared a page that was being produced.',
  produced: 'Renders that ended well.',
  refreshed: 'Refreshes that ended well.',
  kept: 'Refreshes that ended with the page that there was.',
  failed: 'Refreshes that failed.',
  invalidated: 'Invalidations that this process asked for.',
  evictions: 'Pages dropped from memory for want of room.',
  entries: 'Pages in memory.',
  bytes: 'Memory that pages occupy.',
  rendering: 'Pages that visitors wait for.',
  refreshing: 'Refreshes that run behind visitors.',
}

/** @see https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md */
export function toOpenMetrics(stats: SiteStats): string {
  const counters = [...cacheEvents, 'evictions'] as const
  const lines = [
    ...counters.flatMap((name) =>
      family(`pagepress_cache_${name}`, 'counter', [meanings[name], stats[name]]),
    ),
    ...gauges.flatMap((name) => family(`pagepress_cache_${name}`, 'gauge', [meanings[name], stats[name]])),
  ]
  return `${lines.join('\n')}\n# EOF\n`
}

function family(name: string, type: 'counter' | 'gauge', [help, value]: [string, number]): string[] {
  const unit = name.endsWith('_bytes') ? [`# UNIT ${name} bytes`] : []
  const sample = type === 'counter' ? `${name}_total` : name
  return [`# TYPE ${name} ${type}`, ...unit, `# HELP ${name} ${help}`, `${sample} ${value}`]
}
