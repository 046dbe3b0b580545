import type { PagePayload } from '../protocol/payload.js'
import { currentRouter } from '../react/current-router.js'

/** What libraries made for Next.js look for. */
export function defineNextGlobals(payload: PagePayload): void {
  const next = {
    version: 'pagepress',
    get router() {
      return currentRouter()
    },
  }
  Object.assign(window, { next, __NEXT_DATA__: payload })
}
