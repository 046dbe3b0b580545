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
  return Object.assign(fields, methods)
}

// Shared by all pages that are rendered: there is nothing of any of them in it.
const methods = {
  isLocaleDomain: false,
  // Listeners may be added anywhere; on the server nothing ever happens.
  events: { on() {}, off() {}, emit() {} },
  push: refuse,
  replace: refuse,
  reload: refuse,
  back: refuse,
  forward: refuse,
  prefetch: refuse,
  beforePopState: refuse,
}
