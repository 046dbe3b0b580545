import type { PageState } from './page-state.js'
import { isErrorRoute } from './page-state.js'
import { reloadOnce } from './leave.js'
import { toAsPath, toQuery } from './page-url.js'
import type { Redirect, ClientRouter } from './router.js'

const ATTEMPTS = 3
const RETRY_PAUSE = 300

/**
 * Fills in what the server could not know when it rendered the first page: the search and the hash, the parameters of
 * a page made for all its paths, and the data of a fallback shell. No event tells of it.
 */
export async function completeFirstPage(router: ClientRouter, basePath: string): Promise<void> {
  const { query, isReady, isFallback, page } = router.current()
  if (isFallback) return fillShell(router)
  if (isReady && !location.hash && !isErrorRoute(page.route)) return
  const asPath = toAsPath(location, basePath)
  const search = toQuery(new URLSearchParams(location.search))
  const params = isErrorRoute(page.route) ? {} : { ...router.currentTask()?.query, ...query }
  await router.show({ ...router.current(), query: { ...search, ...params }, asPath, isReady: true })
}

async function fillShell(router: ClientRouter): Promise<void> {
  const shell = router.current()
  const task = router.currentTask()
  let next: PageState | Redirect | undefined
  for (let attempt = 1; task && !next; attempt++) {
    try {
      next = await router.load(task)
    } catch (error) {
      // Only a server that failed may do better in a moment.
      if (!((error as { status?: number }).status! >= 500) || attempt === ATTEMPTS) break
      await new Promise((resolve) => setTimeout(resolve, attempt * RETRY_PAUSE))
    }
  }
  // The visitor has gone on meanwhile.
  if (router.current() !== shell) return
  if (!next) {
    if (reloadOnce()) return
    next = await router.toErrorState(
      { query: {}, asPath: shell.asPath },
      Object.assign(new Error(), { statusCode: 500 }),
    )
  }
  if ('destination' in next) await router.redirect(next, { method: 'replace', options: {} })
  else await router.show(next)
}
