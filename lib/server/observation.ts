import { cacheEvents, visitCounts, type CacheEventName, type VisitCountName } from '../cache/observer.js'
import type { ResponseCache } from '../cache/response-cache.js'

/** What a site has done since it started, and what it holds now. */
export interface SiteStats extends Readonly<Record<CacheEventName | VisitCountName, number>> {
  /** Pages and results of functions in memory, with pages that are known not to exist. */
  readonly entries: number
  /** Bytes that they occupy, compressed forms included. */
  readonly bytes: number
  /** Pages dropped from memory for want of room. */
  readonly evictions: number
  /** Pages that were not produced because too many waited for that (`limits.queue`). */
  readonly refused: number
  /** Times that the store which all machines share failed so often that it was not asked any more. */
  readonly outages: number
  /** Pages that visitors wait for at the moment. */
  readonly rendering: number
  /** Refreshes that run behind visitors at the moment. */
  readonly refreshing: number
  /** What has happened to the results of functions that `cached` has wrapped. */
  readonly data: Readonly<Record<DataEventName, number>>
}

/** Events that results of functions have, too. */
const dataEvents = ['hit', 'stale', 'miss', 'collapsed', 'produced', 'refreshed', 'failed'] as const

export type DataEventName = (typeof dataEvents)[number]

export function toStats(cache: ResponseCache): SiteStats {
  const { counts, valueCounts, visits } = cache.observer
  const data = Object.fromEntries(dataEvents.map((event) => [event, valueCounts[event]]))
  return { ...counts, ...visits, ...cache.stats(), data: data as SiteStats['data'] }
}

export const METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

const gauges = ['entries', 'bytes', 'rendering', 'refreshing'] as const

const meanings: Readonly<Record<Exclude<keyof SiteStats, 'data'>, string>> = {
  hit: 'Visitors who got a fresh page from the cache.',
  stale: 'Visitors who got a stale page, to be refreshed behind them.',
  miss: 'Visitors for whom a page was produced.',
  collapsed: 'Visitors who shared a page that was being produced.',
  produced: 'Renders that ended well.',
  refreshed: 'Refreshes that ended well.',
  kept: 'Refreshes that ended with the page that there was.',
  failed: 'Refreshes that failed.',
  invalidated: 'Invalidations that this process asked for.',
  bypass: 'Visitors for whom a page was produced that is for nobody else.',
  errors: 'Visitors whose request failed with a status of 500 or above.',
  evictions: 'Pages dropped from memory for want of room.',
  refused: 'Pages that were not produced because too many waited for that.',
  outages: 'Times that the shared store was not asked any more because it failed.',
  entries: 'Pages and results of functions in memory.',
  bytes: 'Memory that they occupy.',
  rendering: 'Pages that visitors wait for.',
  refreshing: 'Refreshes that run behind visitors.',
}

const dataMeanings: Readonly<Record<DataEventName, string>> = {
  hit: 'Calls of cached functions that got a fresh result.',
  stale: 'Calls that got a stale result, to be refreshed behind them.',
  miss: 'Calls that the function was run for.',
  collapsed: 'Calls that shared a run for another one.',
  produced: 'Runs of cached functions that ended well.',
  refreshed: 'Refreshes of results that ended well.',
  failed: 'Refreshes of results that failed.',
}

/** @see https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md */
export function toOpenMetrics(stats: SiteStats): string {
  const counters = [...cacheEvents, ...visitCounts, 'evictions', 'refused', 'outages'] as const
  const lines = [
    ...counters.flatMap((name) =>
      family(`pagepress_cache_${name}`, 'counter', [meanings[name], stats[name]]),
    ),
    ...dataEvents.flatMap((name) =>
      family(`pagepress_data_${name}`, 'counter', [dataMeanings[name], stats.data[name]]),
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
