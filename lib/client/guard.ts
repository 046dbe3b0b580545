/**
 * Loads the document once more, unless that is how it came; `false` then. Nobody asked for it, so it must end.
 */
export function reloadOnce(): boolean {
  const [{ type }] = performance.getEntriesByType('navigation') as [PerformanceNavigationTiming]
  const isFirst = type !== 'reload'
  if (isFirst) location.reload()
  return isFirst
}

// A script of the document cannot be had: what a deployment may do to a page that was sent before it. The event does not
// bubble, but can be caught on its way down. Tools that only look at the modules have no document.
globalThis.document?.addEventListener(
  'error',
  ({ target }) => /_assets.*js$/.test((target as HTMLScriptElement).src) && reloadOnce(),
  true,
)
