import { Component, startTransition, useLayoutEffect } from 'react'
import type { ComponentType, ReactNode } from 'react'
import { hydrateRoot, type Root } from 'react-dom/client'
import type { ClientSite } from '../protocol/client-site.js'
import { PAYLOAD_ELEMENT_ID, type PagePayload } from '../protocol/payload.js'
import { currentRouter, setCurrentRouter } from '../react/current-router.js'
import { DefaultApp, PageRoot } from '../react/page-root.js'
import type { PagesRouter } from '../react/router-context.js'
import { createAnnouncer } from './announcer.js'
import { createDataClient } from './data-client.js'
import { completeFirstPage } from './first-page.js'
import { createHistory } from './history.js'
import { createPageLoader } from './page-loader.js'
import { toFirstState, type PageState } from './page-state.js'
import { createRouter } from './router.js'

interface ScreenProps {
  state: PageState
  router: PagesRouter
  onCommit(): void
}

/** Brings the document that the server sent to life. Called once, by the generated entry of the site. */
export function start(site: ClientSite): void {
  const payload = readPayload()
  if (site.rootId === '__next') defineNextGlobals(payload)
  void hydrate(site, payload)
}

async function hydrate(site: ClientSite, payload: PagePayload): Promise<void> {
  const { basePath = '', buildId } = payload
  const entries = createHistory()
  const data = createDataClient({
    fetch: (...args) => fetch(...args),
    buildId: site.dev ? undefined : buildId,
  })
  const loader = createPageLoader({ site, data, basePath })
  const page = loader.pageAt(payload.page)
  const { default: Component } = await page.load()
  const first = toFirstState(payload, { page, Component }, { basePath, trailingSlash: site.trailingSlash })

  let root: Root
  let failures = 0
  let settle = () => {}
  const router = createRouter({ site, payload, loader, entries, first, render })
  const fail = async (error: unknown) => {
    const { toFailureState } = await import('./render-failure.js')
    const next = await toFailureState(router, error)
    if (!next) return
    failures++
    await router.show(next)
  }

  function toScreen({ state, router, onCommit }: ScreenProps): ReactNode {
    const { Component, props, head, App = site.app?.default ?? DefaultApp } = state
    const page = <PageRoot App={App} Component={Component} props={props} router={router} head={head} />
    // In development Fast Refresh mends what failed, which a boundary would keep it from.
    const guarded = site.dev ? page : <Boundary key={failures} onError={fail} children={page} />
    return <Screen onCommit={onCommit} children={guarded} />
  }

  async function render(state: PageState, pagesRouter: PagesRouter): Promise<void> {
    await hydrated
    settle()
    await new Promise<void>((resolve) => {
      settle = resolve
      startTransition(() => root.render(toScreen({ state, router: pagesRouter, onCommit: resolve })))
    })
  }

  const pagesRouter = router.toRouter()
  setCurrentRouter(pagesRouter)
  const hydrated = new Promise<void>((onCommit) =>
    startTransition(() => {
      root = hydrateRoot(
        findOwn(`[id="${site.rootId}"]`)[0]!,
        toScreen({ state: first, router: pagesRouter, onCommit }),
      )
    }),
  )
  await hydrated
  createAnnouncer(site.rootId)
  entries.restore()
  await completeFirstPage(router, basePath)
}

/** Tells when what it holds is on the screen. */
function Screen({ onCommit, children }: { onCommit(): void; children: ReactNode }): ReactNode {
  useLayoutEffect(onCommit, [onCommit])
  return children
}

/** Keeps a page that fails to render from taking the whole tree with it, so that an error page can be shown. */
class Boundary extends Component<{ onError(error: unknown): void; children: ReactNode }> {
  override state = { hasFailed: false }
  static getDerivedStateFromError = () => ({ hasFailed: true })
  override componentDidCatch(error: unknown): void {
    this.props.onError(error)
  }
  override render(): ReactNode {
    return this.state.hasFailed ? null : this.props.children
  }
}

/**
 * Finds an element of ours. Elements of the page may have its id, or hide the methods of `document` behind their names.
 */
function findOwn(selector: string): NodeListOf<HTMLElement> {
  return Document.prototype.querySelectorAll.call(document, selector) as NodeListOf<HTMLElement>
}

function readPayload(): PagePayload {
  const scripts = findOwn(`script[id="${PAYLOAD_ELEMENT_ID}"]`)
  // The server writes it behind the page, so that whatever the page holds comes before it.
  return JSON.parse(scripts[scripts.length - 1]!.textContent!) as PagePayload
}

/** What libraries made for Next.js look for. */
function defineNextGlobals(payload: PagePayload): void {
  const next = {
    version: 'pagepress',
    get router() {
      return currentRouter()
    },
  }
  Object.assign(window, { next, __NEXT_DATA__: payload })
}
