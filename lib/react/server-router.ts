import { BASE_PATH_TOKEN, ROOT_PATH_TOKEN } from '../protocol/base-path.js'
import type { UrlStyle } from './href.js'
import type { PagesRouter } from './router-context.js'

/** What the server knows of a router while it renders a page. */
export type ServerRouterFields = Omit<
  PagesRouter,
  | 'isLocaleDomain'
  | 'events'
  | 'push'
  | 'replace'
  | 'reload'
  | 'back'
  | 'forward'
  | 'prefetch'
  | 'beforePopState'
>

function refuse(): never {
  throw new Error(
    'No router instance: a page was navigated while it renders on the server. ' +
      'Call the methods of the router in an event handler or in an effect, which only run in the browser.',
  )
}

/** The router that components see on the server: it can be read, and refuses to navigate. */
export function createServerRouter(fields: ServerRouterFields): PagesRouter {
  const router: PagesRouter & UrlStyle = {
    route: fields.route,
    pathname: fields.pathname,
    query: fields.query,
    asPath: fields.asPath,
    basePath: fields.basePath,
    trailingSlash: fields.trailingSlash === true,
    isFallback: fields.isFallback,
    isReady: fields.isReady,
    isPreview: fields.isPreview,
    isLocaleDomain: false,
    events: silent,
    push: refuse,
    replace: refuse,
    reload: refuse,
    back: refuse,
    forward: refuse,
    prefetch: refuse,
    beforePopState: refuse,
  }
  // Whether the root's path is `/` or the mount path alone shows when that is known. For links, not for authors.
  if (router.basePath === BASE_PATH_TOKEN)
    Object.defineProperty(router, 'rootPath', { value: ROOT_PATH_TOKEN })
  return router
}

/** Listeners may be added anywhere; on the server nothing ever happens. One for all: there is nothing of a page in it. */
const silent = { on() {}, off() {}, emit() {} }
