import { createElement, type ComponentType } from 'react'
import type { PagePayload } from '../protocol/payload.js'
import { loadInitialProps } from '../react/initial-props.js'
import type { AppContext, Page, PageContext } from '../types.js'
import { AuthorError } from './author-error.js'
import type { PageTask } from './page-loader.js'
import { DefaultApp } from '../react/page-root.js'

type AppComponent = Page<any> | (ComponentType<any> & { getInitialProps?(context: AppContext): unknown })

/** Runs the legacy `getInitialProps` of `_app`, or else of the page. */
export async function loadTreeProps(
  { page, query, asPath, router, err }: PageTask,
  Component: Page<any>,
  App: AppComponent = DefaultApp,
): Promise<PagePayload['props']> {
  const ctx: PageContext = {
    pathname: page.route,
    query,
    asPath,
    AppTree: (props) => createElement(App, { ...props, Component, router }),
    ...(err !== undefined && { err: err as Error }),
  }
  try {
    if (!App.getInitialProps) return { pageProps: await loadInitialProps(Component, ctx) }
    const props = await App.getInitialProps({ Component, AppTree: ctx.AppTree, ctx, router } as any)
    return { pageProps: {}, ...(props as object) }
  } catch (cause) {
    // What the error page will show, unless the author's error knows better.
    if (cause instanceof Error && !('statusCode' in cause)) Object.assign(cause, { statusCode: 500 })
    throw new AuthorError('getInitialProps failed', { cause })
  }
}
