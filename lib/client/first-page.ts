import { current } from '../react/current-router.js'
import { reloadOnce } from './guard.js'
import type { PageLoader, PageTask, Redirect } from './page-loader.js'
import { isErrorRoute, toAsPath, type PageState } from './page-state.js'
import { toQuery } from './page-url.js'
import type { Shell } from './shell.js'

export interface FirstPageParts {
  readonly shell: Shell
  readonly loader: PageLoader
  /** The page at the current URL, and what loading it takes; `undefined` if the URL is no page. */
  readonly task: PageTask | undefined
  show(state: PageState): Promise<void>
  redirect(to: Redirect): Promise<boolean>
}

const ATTEMPTS = 3
const RETRY_PAUSE = 300

/**
 * Fills in what the server could not know when it rendered the first page: the search and the hash, the parameters of
 * a page made for all its paths, and the data of a fallback shell. No event tells of it.
 */
export async function completeFirstPage(parts: FirstPageParts): Promise<void> {
  const { shell, task, show } = parts
  mendLostHtml(parts)
  const first = shell.current()
  const { query, isReady, isFallback, page } = first
  if (isFallback) return fillShell(parts)
  if (isReady && !location.hash) return
  const asPath = toAsPath(location, shell.style.basePath)
  const search = toQuery(new URLSearchParams(location.search))
  await show({
    ...first,
    query: { ...search, ...(isErrorRoute(page.route) ? {} : task?.query), ...query },
    asPath,
    isReady: true,
  })
}

/** Loads what only the HTML of the first page had, when that is not on the page any more. */
function mendLostHtml({ shell, loader, task, show }: FirstPageParts): void {
  const { payload } = shell
  const isShown = () => shell.current().props === payload.props
  const mend = async () => {
    // Without the data the page stays as it is.
    const next = task && isShown() && (await loader.load(task).catch(() => {}))
    const first = shell.current()
    if (next && 'props' in next && next.page === first.page && isShown())
      await show({ ...first, props: next.props })
  }
  if (!payload.isPartial) return
  current.onLoss = mend
  if (current.isLost) void mend()
}

async function fillShell({ shell, loader, task, show, redirect }: FirstPageParts): Promise<void> {
  const first = shell.current()
  let next: PageState | Redirect | undefined
  for (let attempt = 1; task && !next; attempt++) {
    try {
      next = await loader.load(task)
    } catch (error) {
      // Only a server that failed may do better in a moment.
      if (!((error as { status?: number }).status! >= 500) || attempt === ATTEMPTS) break
      await new Promise((resolve) => setTimeout(resolve, attempt * RETRY_PAUSE))
    }
  }
  // The visitor has gone on meanwhile.
  if (shell.current() !== first) return
  if (!next) {
    if (reloadOnce()) return
    const err = Object.assign(new Error(), { statusCode: 500 })
    next = await loader.loadErrorPage({ ...first, router: shell.router() }, err)
  }
  if ('destination' in next) await redirect(next)
  else await show(next)
}
