import { ErrorPage } from '../react/error-page.js'
import { DefaultApp } from '../react/page-root.js'
import type { PageLoader } from './page-loader.js'
import type { PageState } from './page-state.js'
import type { Shell } from './shell.js'

const failed = new WeakSet<PageState>()

/**
 * What to show when a page failed to render: the error page. When that fails as well, the built-in one without the
 * project's `_app`; `undefined` when there is nothing left to try.
 */
export async function toFailureState(
  shell: Shell,
  loader: PageLoader,
  error: unknown,
): Promise<PageState | undefined> {
  const current = shell.current()
  if (current.App) return undefined
  const err = error instanceof Error ? error : new Error(`A page threw ${String(error)}, which is no error.`)
  const next = failed.has(current)
    ? undefined
    : await loader.loadErrorPage({ ...current, router: shell.router() }, err).catch(() => undefined)
  const shown = next ?? { ...current, App: DefaultApp, Component: ErrorPage, props: { pageProps: {} } }
  failed.add(shown)
  return shown
}
