import type { WebVitalsMetric } from '../react/app.js'

type Report = (metric: WebVitalsMetric) => void

interface LayoutShift extends PerformanceEntry {
  readonly value: number
  readonly hadRecentInput: boolean
}

/** Layout shifts closer to each other than this, in milliseconds, are one disturbance, of at most `SHIFT_WINDOW`. */
const SHIFT_GAP = 1000
const SHIFT_WINDOW = 5000
/** Interactions quicker than this are not looked at. */
const SLOW_EVENT = 40

/**
 * Tells `reportWebVitals` of `_app` how the page's first visit went: TTFB and FCP when they are known; LCP, CLS and INP when
 * the visitor turns away, since until then they may still grow.
 *
 * @see https://web.dev/articles/vitals
 */
export function observeWebVitals(report: Report): void {
  const visit = `v-${Date.now()}-${Math.random().toString(36).slice(2, 10)}`
  const tell = (name: string, value: number, startTime = 0) =>
    report({ id: `${visit}-${name}`, name, value, startTime, label: 'web-vital' })

  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  if (navigation) tell('TTFB', navigation.responseStart)
  observe('paint', ({ name, startTime }) => {
    if (name === 'first-contentful-paint') tell('FCP', startTime, startTime)
  })

  let largestPaint: number | undefined
  observe('largest-contentful-paint', ({ startTime }) => (largestPaint = startTime))
  let slowest: PerformanceEntry | undefined
  observe('event', (entry) => {
    if (entry.duration > (slowest?.duration ?? 0) && 'interactionId' in entry && entry.interactionId)
      slowest = entry
  })
  const shift = observeShifts()

  const finish = () => {
    if (document.visibilityState !== 'hidden') return
    removeEventListener('visibilitychange', finish, true)
    if (largestPaint !== undefined) tell('LCP', largestPaint, largestPaint)
    tell('CLS', shift())
    if (slowest) tell('INP', slowest.duration, slowest.startTime)
  }
  addEventListener('visibilitychange', finish, true)
}

/** The sum of the worst disturbance so far. */
function observeShifts(): () => number {
  let worst = 0
  let sum = 0
  let begin = -Infinity
  let last = -Infinity
  observe('layout-shift', (entry) => {
    const { value, hadRecentInput, startTime } = entry as LayoutShift
    if (hadRecentInput) return
    if (startTime - last > SHIFT_GAP || startTime - begin > SHIFT_WINDOW) {
      sum = 0
      begin = startTime
    }
    sum += value
    last = startTime
    worst = Math.max(worst, sum)
  })
  return () => worst
}

/** Sees every entry of a type, also those of before; none in browsers that do not know it. */
function observe(type: string, callback: (entry: PerformanceEntry) => void): void {
  if (!PerformanceObserver.supportedEntryTypes.includes(type)) return
  const observer = new PerformanceObserver((list) => list.getEntries().forEach(callback))
  observer.observe({ type, buffered: true, durationThreshold: SLOW_EVENT } as PerformanceObserverInit)
}
