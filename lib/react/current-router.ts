import type { PagesRouter } from './router-context.js'

let current: PagesRouter | null = null
let waiting: (() => void)[] = []

/** The router of this browser tab; `null` on the server and before the first page is hydrated. */
export function currentRouter(): PagesRouter | null {
  return current
}

/** Called by the browser's router, which replaces the value whenever it changes. */
export function setCurrentRouter(router: PagesRouter): void {
  current = router
  const callbacks = waiting
  waiting = []
  for (const callback of callbacks) callback()
}

export function whenRouterReady(callback: () => void): void {
  if (current) callback()
  // On the server it will never be there, and modules outlive pages.
  else if (typeof document !== 'undefined') waiting.push(callback)
}
