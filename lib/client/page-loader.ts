import type { ClientPage, ClientSite } from '../protocol/client-site.js'
import { toDataPath } from '../protocol/data-url.js'
import type { DataBody, PagePayload, Query } from '../protocol/payload.js'
import type { UrlStyle } from '../react/href.js'
import type { PagesRouter } from '../react/router-context.js'
import type { Page } from '../types.js'
import type { DataClient } from './data-client.js'
import { createHead } from './head-updates.js'
import { pageAt } from './page-at.js'
import type { PageState } from './page-state.js'
import { preloadPage } from './page-styles.js'

/** A page to be loaded, and what its legacy `getInitialProps` is told. */
export interface PageTask {
  readonly page: ClientPage
  /** The canonical path below the mount path. */
  readonly pathname: string
  readonly search: string
  readonly query: Query
  /** Those of the route alone. */
  readonly params?: Query
  readonly asPath: string
  readonly router: PagesRouter
  readonly err?: unknown
  /** Somebody wants this page anew. */
  readonly isReload?: boolean
  /** The first page has the server's props. */
  readonly isFirst?: boolean
  /** The page is shown without props of its own. */
  readonly isBare?: boolean
}

export type Redirect = Extract<DataBody, { redirect: unknown }>['redirect']

export interface PageLoader {
  /** The page, the 404 page in its place, or where else to go. Rejects when code or data cannot be had. */
  load(task: PageTask, signal?: AbortSignal): Promise<PageState | Redirect>
  /** The page to show for an error; without one, for a page that was not found. */
  loadErrorPage(task: Pick<PageTask, 'query' | 'asPath' | 'router'>, err?: unknown): Promise<PageState>
  /** Whether the page that is shown wants data for another URL of itself. */
  wantsData(task: PageTask, to: URL): Promise<boolean>
  /** Fetches what `load` will need, as far as that may be fetched ahead of time; without data its code alone. */
  prefetch(page: ClientPage, pathname: string, withData?: boolean): Promise<unknown>
}

export interface PageLoaderParts {
  readonly site: ClientSite
  readonly data: DataClient
  readonly style: UrlStyle
  current(): PageState
}

/** Loads a page's code and data, side by side. */
export function createPageLoader({ site, data, style, current }: PageLoaderParts): PageLoader {
  // As the last data told: in draft mode, data is asked for only when it is needed.
  let isDraft = current().isPreview
  const toUrl = ({
    page,
    pathname,
    search = '',
  }: Pick<PageTask, 'page' | 'pathname'> & { search?: string }) =>
    style.basePath + toDataPath(pathname) + (page.data === 'server' ? search : '')
  const loadFunctions = () => import('./client-functions.js')

  async function loadProps(task: PageTask, signal?: AbortSignal) {
    const { page, isReload, isBare, isFirst } = task
    const url = toUrl(task)
    const { module, showStyles } = preloadPage(() => page.load())
    const ask = async () => {
      const body = await data.load(url, { signal, isReload })
      const { staleTime } = await module
      if (typeof staleTime === 'number') data.keep(url, body, staleTime)
      isDraft = 'isPreview' in body
      return body
    }
    const before = { ...current().props, pageProps: {}, ...(isDraft && { isPreview: true as const }) }
    const load = () => {
      if (isBare) return before
      // Of a page that is `static`, and of one of the `server`.
      if (!page.client?.hasProps || isFirst) return page.data?.startsWith('s') && ask()
      const own = { ...task, module, site, signal, ask, before }
      return loadFunctions().then((functions) => functions.loadClientProps(own))
    }
    const [{ default: Component }, body] = await Promise.all([module, load()])
    if (body) return { Component, showStyles, body }
    const App = site.app?.default as Page<any> | undefined
    const isLegacy = page.data || App?.getInitialProps
    const legacy = isLegacy && (await import('./initial-props.js'))
    const props = legacy ? await legacy.loadTreeProps(task, Component, App) : { pageProps: {} }
    return { Component, showStyles, body: props }
  }

  function toState(
    { page, query, asPath }: PageTask,
    code: Pick<PageState, 'Component' | 'showStyles'>,
    { isPreview = false, ...props }: PagePayload['props'] & { isPreview?: boolean },
  ) {
    const head = createHead()
    return { ...code, page, props, query, asPath, isReady: true, isFallback: false, isPreview, head }
  }

  async function loadErrorPage(
    where: Pick<PageTask, 'query' | 'asPath' | 'router'>,
    err?: unknown,
  ): Promise<PageState> {
    const hasNotFound = site.pages.some(({ route }) => route === '/404')
    const page = pageAt(site, err === undefined && hasNotFound ? '/404' : '/_error')
    const task = { ...where, page, pathname: page.route, search: '', err }
    const { body, ...code } = await loadProps(task)
    if ('pageProps' in body) return toState(task, code, body)
    throw new Error(`\`${page.route}\` has no data`)
  }

  return {
    async load(task, signal) {
      const { body, ...code } = await loadProps(task, signal)
      if ('pageProps' in body) return toState(task, code, body)
      return 'redirect' in body ? body.redirect : loadErrorPage(task)
    },
    loadErrorPage,
    async wantsData(task, to) {
      const { page } = task
      if (!page.client) return true
      const { module } = preloadPage(() => page.load())
      const move = { task, module, to, style, known: data.known(toUrl(task)), shown: current() }
      return loadFunctions().then((functions) => functions.wantsData(move))
    },
    async prefetch(page, pathname, withData) {
      await Promise.all([preloadPage(() => page.load()).module, page.client && loadFunctions()])
      if (page.data === 'static' && !isDraft && withData && !page.client?.hasProps)
        await data.prefetch(toUrl({ page, pathname }))
    },
  }
}
