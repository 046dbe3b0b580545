import type { Request, Response } from 'express'
import type { ComponentType } from 'react'
import { PagesError } from '../errors.js'
import type { Query } from '../protocol/payload.js'
import { loadInitialProps } from '../react/initial-props.js'
import type { PagesRouter } from '../react/router-context.js'
import type { AppContext, Page, PageContext, PageIncomingMessage } from '../types.js'

export interface InitialPropsInput {
  readonly App: ComponentType<any> & { getInitialProps?(context: AppContext): unknown }
  readonly Component: Page<any>
  /** The file of `_app`, for messages. */
  readonly appFile: string
  readonly router: PagesRouter
  readonly query: Query
  /** Only for pages produced per request. */
  readonly request: { req: Request; res: Response } | undefined
  readonly err?: unknown
}

/** The props of the whole tree before a page's own data function: what `getInitialProps` of `_app` or of the page gives. */
export async function loadTreeProps(
  input: InitialPropsInput,
): Promise<{ pageProps: Record<string, unknown>; [name: string]: unknown }> {
  const { App, Component, appFile, router } = input
  const context = toPageContext(input)
  if (App.getInitialProps === undefined) return { pageProps: await loadInitialProps(Component, context) }

  const props: unknown = await App.getInitialProps({
    Component,
    AppTree: context.AppTree,
    ctx: context,
    router,
  })
  if (context.res?.headersSent) return { pageProps: {} }
  if (typeof props !== 'object' || props === null)
    throw new PagesError(
      'PAGES_INITIAL_PROPS',
      `\`App.getInitialProps()\` of \`${appFile}\` must resolve to an object, but it resolved to \`${String(props)}\`. Return \`{ pageProps }\`.`,
    )
  const reserved = ['router', 'Component'].find((key) => key in props)
  if (reserved !== undefined)
    throw new PagesError(
      'PAGES_INITIAL_PROPS',
      `\`App.getInitialProps()\` of \`${appFile}\` returned \`${reserved}\`, which \`_app\` is given anyway. Remove it from the result.`,
    )
  return { ...props, pageProps: toObject((props as { pageProps?: unknown }).pageProps) }
}

export function toPageContext({
  App,
  Component,
  router,
  query,
  request,
  err,
}: InitialPropsInput): PageContext {
  return {
    pathname: router.pathname,
    query,
    asPath: router.asPath,
    AppTree: (props: Record<string, unknown>) => <App {...props} Component={Component} router={router} />,
    ...(request && { req: request.req as PageIncomingMessage, res: request.res }),
    ...(err !== undefined && { err: err as Error }),
  }
}

function toObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
