import type { PagePayload } from '../protocol/payload.js'
import { current } from '../react/current-router.js'

/** What libraries made for Next.js look for. */
export function nextGlobals(payload: PagePayload): void {
  const next = {
    version: 'pagepress',
    get router() {
      return current.router
    },
  }
  Object.assign(window, { next, __NEXT_DATA__: payload })
}
