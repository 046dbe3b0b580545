import { isDynamicRoute } from '../routing/pattern.js'
import type { Warnings } from './warnings.js'

export interface WeightReportParts {
  /** Tell each time, and not once for each page. */
  readonly checks: boolean
  /** The most bytes of props that are not worth a word. */
  readonly largePageDataBytes: number
  readonly warnings: Warnings
}

/** Tells of pages whose props are large: as JSON, as the document carries them. */
export function createWeightReport({ checks, largePageDataBytes, warnings }: WeightReportParts) {
  return (json: string, { route, asPath }: { route: string; asPath: string }): void => {
    // A character is three bytes at most, so that most props need not be counted.
    if (json.length * 3 <= largePageDataBytes) return
    const bytes = Buffer.byteLength(json)
    if (bytes <= largePageDataBytes) return
    const path = isDynamicRoute(route) ? ` (path ${JSON.stringify(asPath.split('?')[0])})` : ''
    const message = `the props of page \`${route}\`${path} are ${toKilobytes(bytes)} of JSON, more than ${toKilobytes(largePageDataBytes)}: every visitor downloads them. Return only what the page shows, what only its HTML needs as \`serverOnly\`, or raise \`largePageDataBytes\` in the configuration file.`
    if (checks) warnings.warn(message)
    else warnings.once(`props ${route}`, message)
  }
}

function toKilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`
}
