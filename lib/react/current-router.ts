import type { PagesRouter } from './router-context.js'

/** The router of this browser tab, for code outside of components; none on the server. */
export const current: {
  router: PagesRouter | null
  onChange?: () => void
  /** HTML that only the server had is not on the page any more. */
  isLost?: boolean
  /** Told of it, once the code that navigates is there. */
  onLoss?: () => unknown
} = { router: null }

/** Called by the browser's side, which replaces the value whenever it changes. */
export function setCurrentRouter(router: PagesRouter): void {
  current.router = router
  current.onChange?.()
}
