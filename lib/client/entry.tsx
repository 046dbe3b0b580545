import type { ComponentType } from 'react'
import type { ClientSite } from '../protocol/client-site.js'
import { PAYLOAD_ELEMENT_ID, type PagePayload } from '../protocol/payload.js'
import { setCurrentRouter } from '../react/current-router.js'
import { DefaultApp, PageRoot } from '../react/page-root.js'
import type { PagesRouter, UrlLike } from '../react/router-context.js'
import { routerEvents } from '../react/router-events.js'
import './guard.js'
import { pageAt } from './page-at.js'
import { loading } from './preload.js'
import { toFirstState, type PageState } from './page-state.js'
import type { Navigator } from './router.js'
import { createScreen } from './screen.js'
import type { Shell } from './shell.js'

export { framed } from './framed.js'
export { nextGlobals } from './next-globals.js'

/** Brings the document that the server sent to life. Called once, by the generated entry of the site. */
export function start(site: ClientSite): void {
  void hydrate(site, readPayload())
}

async function hydrate(site: ClientSite, payload: PagePayload): Promise<void> {
  const style = { basePath: payload.basePath ?? '', trailingSlash: site.trailingSlash }
  site.prepare?.(payload)
  const page = pageAt(site, payload.page)
  // Its style sheets came with the document.
  loading.page = () => {}
  const module = page.load()
  loading.page = undefined
  const { default: Component } = await module
  let state = toFirstState(payload, { page, Component }, style)

  let navigator: Promise<Navigator> | undefined
  const shell: Shell = {
    site,
    payload,
    style,
    url: location.href,
    current: () => state,
    show,
    router: toRouter,
  }
  const navigate = () => (navigator ??= import('./router.js').then((module) => module.createNavigator(shell)))
  /** For what does not matter if the router cannot be had: a click will find out. */
  const prepare = (use?: (ready: Navigator) => unknown) => navigate().then(use as () => void, () => {})
  // Safari has no idea of being idle.
  const whenIdle = window.requestIdleCallback ?? setTimeout
  const idle = new Promise<unknown>((resolve) => whenIdle(resolve))
  const change = (method: 'push' | 'replace') => (url: UrlLike, as?: UrlLike, options?: object) =>
    navigate().then(
      (ready) => ready[method](url, as, options),
      () => {
        // Without its code the router leaves the URL to the browser, if it can be sure what that will read.
        const to = (as ?? url) as string
        if (/^\/(?![/\\])/.test(to)) location.assign(style.basePath + to)
        else location.reload()
        return false
      },
    )
  const methods = {
    events: routerEvents,
    push: change('push'),
    replace: change('replace'),
    reload: () => location.reload(),
    back: () => history.back(),
    forward: () => history.forward(),
    prefetch: (...to: Parameters<PagesRouter['prefetch']>) =>
      idle.then(() => prepare((ready) => ready.prefetch(...to))),
    beforePopState: (callback: Parameters<PagesRouter['beforePopState']>[0]) =>
      void prepare((ready) => ready.beforePopState(callback)),
  }

  function toRouter(): PagesRouter {
    const { query, asPath, isReady, isFallback, isPreview, page } = state
    const { route } = page
    return {
      ...methods,
      ...style,
      route,
      pathname: route,
      query,
      asPath,
      isReady,
      isFallback,
      isPreview,
      isLocaleDomain: false,
    }
  }

  function toTree() {
    const { Component, props, head, App = site.app?.default ?? DefaultApp } = state
    const router = toRouter()
    setCurrentRouter(router)
    // What failed may be a layout: the last thing to be shown has none.
    const frame = state.App ? undefined : state.page.frame
    const shared = { Component, frame, props, router, head }
    return <PageRoot App={App as ComponentType} {...shared} />
  }

  function show(next: PageState): Promise<void> {
    state = next
    return screen.render(toTree(), next.showStyles)
  }

  function fail(error: unknown): void {
    void navigate()
      .then((ready) => ready.recover(error))
      .then((next) => next && show(next))
  }

  // In development Fast Refresh mends what failed, which a boundary would keep it from.
  const screen = createScreen(findOwn(`[id="${site.rootId}"]`)[0]!, toTree(), site.dev ? undefined : fail)
  await screen.hydrated
  if (state.isReady && !location.hash) await idle
  await prepare()
}

/**
 * Finds an element of ours. Elements of the page may have its id, or hide the methods of `document` behind their names.
 */
function findOwn(selector: string): HTMLElement[] {
  return [...(Document.prototype.querySelectorAll.call(document, selector) as NodeListOf<HTMLElement>)]
}

function readPayload(): PagePayload {
  // The server writes it behind the page, so that whatever the page holds comes before it.
  const script = findOwn(`script[id="${PAYLOAD_ELEMENT_ID}"]`).pop()!
  return JSON.parse(script.textContent!) as PagePayload
}
