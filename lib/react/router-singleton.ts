import type { PagesRouter, RouterEventName } from './router-context.js'
import { routerEvents } from './router-events.js'
import { current } from './current-router.js'

const EVENT_NAMES: RouterEventName[] = [
  'routeChangeStart',
  'beforeHistoryChange',
  'routeChangeComplete',
  'routeChangeError',
  'hashChangeStart',
  'hashChangeComplete',
]

type Handlers = { [Name in RouterEventName as `on${Capitalize<Name>}`]?: (...args: any[]) => void }

/** The router for code outside of components. Reading it or navigating fails until a page is in the browser. */
export interface SingletonRouter extends PagesRouter, Handlers {
  readonly router: PagesRouter | null
  /** Calls back when the router exists: at once, or after the first page is hydrated. Never on the server. */
  ready(callback: () => void): void
}

let waiting: (() => void)[] = []

function whenReady(callback: () => void): void {
  if (current.router) return callback()
  // On the server it will never be there, and modules outlive pages.
  if (typeof document === 'undefined') return
  waiting.push(callback)
  current.onChange = () => {
    const callbacks = waiting
    waiting = []
    for (const waited of callbacks) waited()
  }
}

function createSingleton(): SingletonRouter {
  const handlers: Handlers = {}
  for (const name of EVENT_NAMES) {
    const property = `on${name[0]!.toUpperCase()}${name.slice(1)}` as keyof Handlers
    routerEvents.on(name, (...args) => handlers[property]?.(...args))
  }
  return new Proxy(handlers as SingletonRouter, {
    get(target, name) {
      if (name === 'events') return routerEvents
      if (name === 'ready') return whenReady
      if (name === 'router') return current.router
      if (typeof name === 'symbol' || name in target || name.startsWith('on'))
        return Reflect.get(target, name)
      const { router } = current
      if (router) return Reflect.get(router, name)
      // Looked at by inspectors, module systems and promises, none of which mean to navigate.
      if (name === 'then' || name === 'toJSON' || name === '$$typeof' || name === '__esModule')
        return undefined
      throw new Error(
        `No router instance: \`Router.${name}\` was used on the server or before the page was there. Use it in an event handler, in an effect, or in \`Router.ready\`.`,
      )
    },
  })
}

export const Router: SingletonRouter = /* @__PURE__ */ createSingleton()
