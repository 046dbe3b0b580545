import { ErrorPage } from '../react/error-page.js'
import { DefaultApp } from '../react/page-root.js'
import type { PageState } from './page-state.js'
import type { ClientRouter } from './router.js'

const failed = new WeakSet<PageState>()

/**
 * What to show when a page failed to render: the error page. When that fails as well, the built-in one without the
 * project's `_app`; `undefined` when there is nothing left to try.
 */
export async function toFailureState(router: ClientRouter, error: unknown): Promise<PageState | undefined> {
  const current = router.current()
  if (current.App) return undefined
  const { query, asPath } = current
  const err = error instanceof Error ? error : new Error(`A page threw ${String(error)}, which is no error.`)
  const next = failed.has(current)
    ? undefined
    : await router.toErrorState({ query, asPath }, err).catch(() => undefined)
  const shown = next ?? { ...current, App: DefaultApp, Component: ErrorPage, props: { pageProps: {} } }
  failed.add(shown)
  return shown
}
