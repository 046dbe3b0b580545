import type { HistoryState, PagesRouter, TransitionOptions, UrlLike } from '../react/router-context.js'
import { blockers, mayLeave } from '../react/blockers.js'
import { routerEvents } from '../react/router-events.js'
import { announce, createAnnouncer } from './announcer.js'
import { AuthorError } from './author-error.js'
import { createDataClient } from './data-client.js'
import { completeFirstPage } from './first-page.js'
import { startHeadUpdates } from './head-dom.js'
import { createHistory, isEntryState, type ChangeMethod, type EntryState } from './history.js'
import { leave } from './leave.js'
import { createLocate, type Destination } from './locate.js'
import { createPageLoader, type PageTask, type Redirect } from './page-loader.js'
import { toAsPath, type PageState } from './page-state.js'
import { showFirstStyles } from './page-styles.js'
import { isHashChange, toHref, toQuery, withoutHash } from './page-url.js'
import { enqueuePrefetch, isFrugal } from './prefetch.js'
import type { PageMatch } from './routes.js'
import { moveFocus, scrollToHash } from './scroll.js'
import type { Shell } from './shell.js'
import { inTransition } from './view-transition.js'

/** The methods of the router, which the shell loads when they are first needed. */
export interface Navigator extends Pick<PagesRouter, 'push' | 'replace' | 'prefetch' | 'beforePopState'> {
  /** What to show in place of a page that failed to render; `undefined` when nothing is left to try. */
  recover(error: unknown): Promise<PageState | undefined>
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

type Place = Pick<Navigation, 'target' | 'asPath'> & Partial<Change>

/** How many visited pages are kept, so that back and forward show them at once. */
const MAX_VISITED = 20
const MAX_REDIRECTS = 10

/** One navigation at a time: find the page, load it, show it, or leave the URL to the browser. */
export function createNavigator(shell: Shell): Navigator {
  const { site, payload, style, current } = shell
  const { basePath } = style
  const entries = createHistory()
  const data = createDataClient({
    fetch: (...args) => fetch(...args),
    buildId: site.dev ? undefined : payload.buildId,
  })
  const loader = createPageLoader({ site, data, style, current })
  const locate = createLocate(site.pages, style)
  const { emit } = routerEvents
  const hasMoved = withoutHash(location.href) !== withoutHash(shell.url)
  const visited = new Map(hasMoved ? [] : [[entries.key(), current()]])
  let pending: Navigation | undefined
  let wasShallow = false
  /** The next step through the history is our own doing. */
  let isExpected = false
  let allowsPop: (entry: HistoryState) => boolean = () => true

  const toMethod =
    (method: ChangeMethod) =>
    async (url: UrlLike, as?: UrlLike, options: TransitionOptions = {}) => {
      const destination = locate(current().asPath, url, as)
      return (await mayLeave(toHref(destination.shown))) && change(destination, { method, options })
    }

  async function prefetch(url: string, as?: string, options?: { data?: boolean | undefined }): Promise<void> {
    if (site.dev || isFrugal()) return
    try {
      const { match, shown } = locate(current().asPath, url, as)
      if (match && toAsPath(shown, basePath) !== current().asPath)
        enqueuePrefetch(() => loader.prefetch(match.page, match.pathname, options?.data !== false))
    } catch {
      // A URL that leads nowhere: whoever follows it will be told.
    }
  }

  function show(state: PageState): Promise<void> {
    const key = entries.key()
    visited.delete(key)
    visited.set(key, state)
    if (visited.size > MAX_VISITED) visited.delete(visited.keys().next().value!)
    return shell.show({ showStyles: showFirstStyles, ...state })
  }

  function fail({ href, shallow }: Navigation, error: unknown): void {
    pending = undefined
    emit('routeChangeError', error, href, { shallow })
  }

  async function change(destination: Destination, how: Change): Promise<boolean> {
    const { shown, match } = destination
    const navigation: Navigation = {
      ...destination,
      ...how,
      asPath: toAsPath(shown, basePath),
      href: toHref(shown),
      shallow: !!how.options.shallow && match?.page === current().page,
      controller: new AbortController(),
    }
    if (pending) {
      pending.controller.abort()
      fail(pending, Object.assign(new Error('Route change cancelled'), { cancelled: true }))
    }
    if (isHashChange(current().asPath, navigation)) return changeHash(navigation)
    return match ? changePage(navigation, match) : leave(shown, how.method !== 'push')
  }

  async function changeHash(navigation: Navigation): Promise<boolean> {
    const { href, asPath, options } = navigation
    const details = { shallow: !!options.shallow }
    emit('hashChangeStart', href, details)
    commit(navigation)
    await show({ ...current(), asPath })
    scroll(navigation, true)
    emit('hashChangeComplete', href, details)
    return true
  }

  async function changePage(navigation: Navigation, match: PageMatch): Promise<boolean> {
    const { href, shallow, method, controller, options, shown: to } = navigation
    pending = navigation
    emit('routeChangeStart', href, { shallow })
    const task = toTask(navigation, match)
    const { query, asPath } = task
    const known = method === 'pop' && !shallow ? visited.get(entries.key()) : undefined
    // Of a first page that is partial, the props do not suffice to show it again.
    const isPartial = payload.isPartial && known?.props === payload.props
    const kept = known?.isPreview || isPartial ? undefined : known
    const isSame = match.page === current().page && !current().isFallback
    const isBare = options.data === false && (method !== 'pop' || !!kept)
    let failure: unknown
    let next: PageState | Redirect
    try {
      if (isBare && kept) next = kept
      else if (shallow || (isSame && (isBare || !(await loader.wantsData(task, to)))))
        next = { ...current(), query, asPath }
      else next = kept ?? (await loader.load({ ...task, isBare }, controller.signal))
    } catch (error) {
      if (controller.signal.aborted) return false
      const shown = await toFailurePage(task, error)
      if (!shown) {
        fail(navigation, error)
        return leave(to, method !== 'push')
      }
      failure = (error as Error).cause
      next = shown
    }
    // Code that has begun to load cannot be stopped: the navigation may have been cancelled meanwhile.
    if (controller.signal.aborted) return false
    if ('destination' in next) return redirect(next, navigation)

    emit('beforeHistoryChange', href, { shallow })
    commit(navigation)
    const page = next
    await inTransition(options.viewTransition, async () => {
      await show(page)
      if (!controller.signal.aborted) scroll(navigation, !shallow)
    })
    if (controller.signal.aborted) return false
    wasShallow = shallow
    if (failure) fail(navigation, failure)
    else {
      pending = undefined
      emit('routeChangeComplete', href, { shallow })
    }
    if (!shallow) moveFocus(site.rootId)
    announce(asPath)
    if (page === kept && !isBare) void refresh(page, task)
    return !failure
  }

  /** The page for a failure of the author's own; `undefined` for one that the server had better answer. */
  async function toFailurePage(task: PageTask, error: unknown): Promise<PageState | undefined> {
    if (!(error instanceof AuthorError && error.cause)) return undefined
    return loader.loadErrorPage(task, error.cause).catch(() => undefined)
  }

  /** Without a method it is not gone to: it is the first page. */
  function toTask({ target, asPath, method }: Place, match: PageMatch): PageTask {
    const isReload = asPath === current().asPath
    const query = { ...toQuery(target.searchParams), ...match.params }
    const { search } = target
    return { ...match, search, query, asPath, router: shell.router(), isReload, isFirst: !method }
  }

  function redirect(
    { destination, basePath: isInside }: Redirect,
    { method, options, redirects = 0 }: Change,
  ) {
    pending = undefined
    if (!destination.startsWith('/') || isInside === false || redirects >= MAX_REDIRECTS)
      return leave(new URL(destination, location.href), method !== 'push')
    return change(locate(current().asPath, destination), {
      method: method === 'push' ? method : 'replace',
      options: { ...options, data: undefined },
      redirects: redirects + 1,
    })
  }

  /** Brings a page up to date that back or forward has shown as it was. */
  async function refresh(kept: PageState, task: PageTask): Promise<void> {
    const isGone = () => current().props !== kept.props
    try {
      const next = await loader.load(task)
      if (isGone()) return
      if ('destination' in next) await redirect(next, { method: 'replace', options: {} })
      else if (next.page !== kept.page) await show(next)
      else if (next.page.client?.hasProps || JSON.stringify(next.props) !== JSON.stringify(kept.props))
        await show({ ...current(), props: next.props })
    } catch (error) {
      // Without a connection the page stays as it was. An answer that is not its data is for the browser to show.
      if (!isGone() && (error as Error).name === 'DataError') location.reload()
    }
  }

  function commit({ method, target, href, options, asPath }: Navigation): void {
    if (method === 'pop') return
    entries.leave()
    const isSame = asPath === current().asPath
    entries.change(isSame ? 'replace' : method, { url: toHref(target), as: href, options })
  }

  function scroll({ method, options, shown }: Navigation, byDefault: boolean): void {
    if (method === 'pop' ? !entries.restore() : (options.scroll ?? byDefault)) scrollToHash(shown.hash)
  }

  addEventListener('popstate', ({ state: entry }) => {
    if (!isEntryState(entry)) {
      if (entry !== null) return
      // An anchor of the page's own made an entry. Any other entry is somebody else's.
      const url = toHref(location)
      entries.adopt({ url, as: url, options: {} })
      void show({ ...current(), asPath: toAsPath(location, basePath) })
      return
    }
    if (isExpected) isExpected = false
    else if (blockers.size) void askToPop(entry)
    else pop(entry)
  })

  function pop(entry: EntryState): void {
    entries.leave()
    entries.enter(entry)
    const { url, as, options } = entry
    if (!allowsPop({ url, as, options })) return
    void change(locate(current().asPath, location.origin + url, location.href), {
      method: 'pop',
      options: { ...options, shallow: options.shallow && wasShallow },
    })
  }

  /** The browser has gone there already: goes back to where it was until everybody has agreed. */
  async function askToPop(entry: EntryState): Promise<void> {
    const steps = entries.distance(entry)
    const url = toHref(location)
    const go = (by: number) => {
      isExpected = true
      history.go(by)
      return new Promise((resolve) => addEventListener('popstate', resolve, { once: true }))
    }
    if (steps) await go(-steps)
    if (!(await mayLeave(url))) return
    if (steps) await go(steps)
    pop(entry)
  }

  const reportWebVitals = site.app?.['reportWebVitals']
  if (typeof reportWebVitals === 'function')
    void import('./web-vitals.js').then((vitals) => vitals.observeWebVitals(reportWebVitals as () => void))
  createAnnouncer(site.rootId)
  startHeadUpdates()
  const here = locate(current().asPath, location.href)
  const task = here.match && toTask({ ...here, asPath: toAsPath(location, basePath) }, here.match)
  const redirectHere = (to: Redirect) => redirect(to, { method: 'replace', options: {} })
  if (hasMoved) pop(history.state as EntryState)
  else void completeFirstPage({ shell, loader, task, show, redirect: redirectHere })

  return {
    push: toMethod('push'),
    replace: toMethod('replace'),
    prefetch,
    beforePopState(callback) {
      allowsPop = callback
    },
    recover: (error) =>
      import('./render-failure.js').then((module) => module.toFailureState(shell, loader, error)),
  }
}
