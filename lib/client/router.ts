import type { ClientSite } from '../protocol/client-site.js'
import type { DataBody, PagePayload } from '../protocol/payload.js'
import { setCurrentRouter } from '../react/current-router.js'
import type { HistoryState, PagesRouter, TransitionOptions, UrlLike } from '../react/router-context.js'
import { routerEvents } from '../react/router-events.js'
import { announce } from './announcer.js'
import { isEntryState, type BrowserHistory, type ChangeMethod } from './history.js'
import { leave } from './leave.js'
import { createLocate, type Destination } from './locate.js'
import type { PageLoader, PageTask } from './page-loader.js'
import { createHead, type PageState } from './page-state.js'
import { toAsPath, toHref, toQuery } from './page-url.js'
import { enqueuePrefetch, isFrugal } from './prefetch.js'
import type { PageMatch } from './routes.js'
import { scrollToHash } from './scroll.js'

export interface ClientRouterParts {
  readonly site: ClientSite
  readonly payload: PagePayload
  readonly loader: PageLoader
  readonly entries: BrowserHistory
  /** The state that the server rendered, which is to be hydrated. */
  readonly first: PageState
  /** Shows a page; resolves when it is on the screen, or when another one took its place. */
  render(state: PageState, router: PagesRouter): Promise<void>
}

export type Redirect = Extract<DataBody, { redirect: unknown }>['redirect']

/** What the first page, which no navigation leads to, needs to be completed. */
export interface ClientRouter {
  current(): PageState
  /** The current page's router, as components see it. */
  toRouter(): PagesRouter
  /** Shows a page, or the same page with more of it known, without a navigation. */
  show(state: PageState): Promise<void>
  /** What loading the page at the current URL takes; `undefined` if that is no page. */
  currentTask(): PageTask | undefined
  load(task: PageTask): Promise<PageState | Redirect>
  toErrorState(task: Pick<PageTask, 'query' | 'asPath'>, err?: unknown): Promise<PageState>
  redirect(to: Redirect, how: Change): Promise<boolean>
}

interface Change {
  readonly method: ChangeMethod
  readonly options: TransitionOptions
  /** How many redirects led here. */
  readonly redirects?: number
}

interface Navigation extends Change, Destination {
  readonly asPath: string
  /** As events have it, with the mount path. */
  readonly href: string
  readonly shallow: boolean
  readonly controller: AbortController
}

/** How many visited pages are kept, so that back and forward show them at once. */
const MAX_VISITED = 20
const MAX_REDIRECTS = 10

/** One navigation at a time: find the page, load it, show it, or leave the URL to the browser. */
export function createRouter(parts: ClientRouterParts): ClientRouter {
  const { site, payload, loader, entries } = parts
  const { basePath = '' } = payload
  const style = { basePath, trailingSlash: site.trailingSlash }
  const locate = createLocate(site.pages, style)
  const { emit } = routerEvents
  let state = parts.first
  const visited = new Map([[entries.key(), state]])
  let pending: Navigation | undefined
  let wasShallow = false
  let allowsPop: (entry: HistoryState) => boolean = () => true

  const methods = {
    events: routerEvents,
    push: toMethod('push'),
    replace: toMethod('replace'),
    reload: () => location.reload(),
    back: () => history.back(),
    forward: () => history.forward(),
    async prefetch(url: string, as?: string) {
      if (site.dev || isFrugal()) return
      try {
        const { match, shown } = locate(state.asPath, url, as)
        if (match && toAsPath(shown, basePath) !== state.asPath)
          enqueuePrefetch(() => loader.prefetch(match.page, match.pathname))
      } catch {
        // A URL that leads nowhere: whoever follows it will be told.
      }
    },
    beforePopState(callback: typeof allowsPop) {
      allowsPop = callback
    },
  }

  function toMethod(method: ChangeMethod) {
    return async (url: UrlLike, as?: UrlLike, options: TransitionOptions = {}) =>
      change(locate(state.asPath, url, as), { method, options })
  }

  function toRouter(): PagesRouter {
    const { page, query, asPath, isReady, isFallback } = state
    const { route } = page
    const isPreview = !!payload.isPreview
    const fields = {
      route,
      pathname: route,
      query,
      asPath,
      isReady,
      isFallback,
      isPreview,
      isLocaleDomain: false,
    }
    return { ...fields, ...style, ...methods }
  }

  function show(next: PageState): Promise<void> {
    state = next
    const key = entries.key()
    visited.delete(key)
    visited.set(key, next)
    if (visited.size > MAX_VISITED) visited.delete(visited.keys().next().value!)
    const router = toRouter()
    setCurrentRouter(router)
    return parts.render(next, router)
  }

  function fail({ href, shallow }: Navigation, error: unknown): void {
    pending = undefined
    emit('routeChangeError', error, href, { shallow })
  }

  function change(destination: Destination, how: Change): Promise<boolean> {
    const { shown, match } = destination
    const asPath = toAsPath(shown, basePath)
    const shallow = !!how.options.shallow && match?.page.route === state.page.route
    const navigation = {
      ...destination,
      ...how,
      asPath,
      href: toHref(shown),
      shallow,
      controller: new AbortController(),
    }
    if (pending) {
      pending.controller.abort()
      fail(pending, Object.assign(new Error('Route change cancelled'), { cancelled: true }))
    }
    if (isHashChange(navigation)) return changeHash(navigation)
    return match ? changePage(navigation, match) : leave(shown, how.method !== 'push')
  }

  function isHashChange({ asPath, method }: Navigation): boolean {
    const [path, hash] = asPath.split('#', 2)
    const [oldPath, oldHash] = state.asPath.split('#', 2)
    return path === oldPath && (hash !== oldHash || (hash !== undefined && method !== 'pop'))
  }

  async function changeHash(navigation: Navigation): Promise<boolean> {
    const { href, asPath, options } = navigation
    const details = { shallow: !!options.shallow }
    emit('hashChangeStart', href, details)
    commit(navigation)
    await show({ ...state, asPath })
    scroll(navigation, true)
    emit('hashChangeComplete', href, details)
    return true
  }

  async function changePage(navigation: Navigation, match: PageMatch): Promise<boolean> {
    const { href, shallow, method, controller } = navigation
    pending = navigation
    emit('routeChangeStart', href, { shallow })
    const task = toTask(navigation, match)
    const kept = method === 'pop' ? visited.get(entries.key()) : undefined
    let failure: unknown
    let next: PageState | Redirect
    try {
      if (shallow) next = { ...state, query: task.query, asPath: task.asPath }
      else next = kept ?? (await load(task, controller.signal))
    } catch (error) {
      if (controller.signal.aborted) return false
      if ((error as Error).name !== 'InitialPropsError') {
        fail(navigation, error)
        return leave(navigation.shown, method !== 'push')
      }
      failure = (error as Error).cause
      next = await toErrorState(task, failure)
    }
    // Code that has begun to load cannot be stopped: the navigation may have been cancelled meanwhile.
    if (controller.signal.aborted) return false
    if ('destination' in next) return redirect(next, navigation)

    emit('beforeHistoryChange', href, { shallow })
    commit(navigation)
    await show(next)
    if (controller.signal.aborted) return false
    wasShallow = shallow
    scroll(navigation, !shallow)
    if (failure) fail(navigation, failure)
    else {
      pending = undefined
      emit('routeChangeComplete', href, { shallow })
    }
    announce(task.asPath)
    if (next === kept) void refresh(kept, task)
    return !failure
  }

  function toTask({ target, asPath }: Pick<Navigation, 'target' | 'asPath'>, match: PageMatch): PageTask {
    const query = { ...toQuery(target.searchParams), ...match.params }
    return { ...match, search: target.search, query, asPath, router: toRouter() }
  }

  async function load(task: PageTask, signal?: AbortSignal): Promise<PageState | Redirect> {
    const result = await loader.load(task, signal)
    if ('redirect' in result) return result.redirect
    if ('notFound' in result) return toErrorState(task)
    const { page, query, asPath } = task
    return { ...result, page, query, asPath, isReady: true, isFallback: false, head: createHead() }
  }

  async function toErrorState(
    { query, asPath }: Pick<PageTask, 'query' | 'asPath'>,
    err?: unknown,
  ): Promise<PageState> {
    const hasNotFound = site.pages.some(({ route }) => route === '/404')
    const page = loader.pageAt(err === undefined && hasNotFound ? '/404' : '/_error')
    const loaded = await loader.load({
      page,
      pathname: page.route,
      search: '',
      query,
      asPath,
      router: toRouter(),
      err,
    })
    if (!('props' in loaded)) throw new Error(`\`${page.route}\` has no data`)
    return { ...loaded, page, query, asPath, isReady: true, isFallback: false, head: createHead() }
  }

  function redirect(
    { destination, basePath: isInside }: Redirect,
    { method, options, redirects = 0 }: Change,
  ) {
    pending = undefined
    const isPush = method === 'push'
    if (!destination.startsWith('/') || isInside === false || redirects >= MAX_REDIRECTS)
      return leave(new URL(destination, location.href), !isPush)
    return change(locate(state.asPath, destination), {
      method: isPush ? method : 'replace',
      options,
      redirects: redirects + 1,
    })
  }

  /** Brings a page up to date that back or forward has shown as it was. */
  async function refresh(kept: PageState, task: PageTask): Promise<void> {
    const isGone = () => state.props !== kept.props
    try {
      const next = await load(task)
      if (isGone()) return
      if ('destination' in next) await redirect(next, { method: 'replace', options: {} })
      else if (next.page !== kept.page) await show(next)
      else if (JSON.stringify(next.props) !== JSON.stringify(kept.props))
        await show({ ...state, props: next.props })
    } catch (error) {
      // Without a connection the page stays as it was. An answer that is not its data is for the browser to show.
      if (!isGone() && (error as Error).name === 'DataError') location.reload()
    }
  }

  function commit({ method, target, href, options, asPath }: Navigation): void {
    if (method === 'pop') return
    entries.leave()
    const url = toHref(target)
    entries.change(asPath === state.asPath ? 'replace' : method, { url, as: href, options })
  }

  function scroll({ method, options, shown }: Navigation, byDefault: boolean): void {
    if (method === 'pop' ? !entries.restore() : (options.scroll ?? byDefault)) scrollToHash(shown.hash)
  }

  addEventListener('popstate', ({ state: entry }) => {
    const as = toHref(location)
    if (!isEntryState(entry)) {
      // An anchor of the page's own made an entry. Any other entry is somebody else's.
      if (entry === null) {
        entries.adopt({ url: as, as, options: {} })
        void show({ ...state, asPath: toAsPath(location, basePath) })
      }
      return
    }
    entries.leave()
    entries.enter(entry)
    const { url, options } = entry
    if (!allowsPop({ url, as: entry.as, options })) return
    const at = locate(state.asPath, location.origin + url, location.href)
    void change(at, { method: 'pop', options: { ...options, shallow: options.shallow && wasShallow } })
  })

  return {
    current: () => state,
    toRouter,
    show,
    currentTask() {
      const destination = locate(state.asPath, location.href)
      return (
        destination.match &&
        toTask({ ...destination, asPath: toAsPath(location, basePath) }, destination.match)
      )
    },
    load,
    toErrorState,
    redirect,
  }
}
