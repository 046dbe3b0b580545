import type { ClientSite } from '../protocol/client-site.js'
import type { PagePayload } from '../protocol/payload.js'
import type { UrlStyle } from '../react/href.js'
import type { PagesRouter } from '../react/router-context.js'
import type { PageState } from './page-state.js'

/** The part of the browser's side that every page needs at once; what navigates is loaded after it. */
export interface Shell {
  readonly site: ClientSite
  readonly payload: PagePayload
  /** Where the first page is; by the time the router is there, the visitor may have gone back. */
  readonly url: string
  readonly style: UrlStyle & { basePath: string }
  readonly current: () => PageState
  /** Shows a page; resolves when it is on the screen, or when another one took its place. */
  show(state: PageState): Promise<void>
  /** The router as components see it, for the current page. */
  router(): PagesRouter
}
