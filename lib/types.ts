import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import type { ComponentType, ReactElement, ReactNode } from 'react'
import type { Query } from './protocol/payload.js'
import type { PagesRouter } from './react/router-context.js'

export type * from './protocol/client-functions.js'
export type { Query } from './protocol/payload.js'
export type { PagesRouter } from './react/router-context.js'
export type * from './protocol/inferred-props.js'

/** The parameters of a dynamic route, decoded: a string for `[slug]`, an array for `[...slug]`. */
export type Params = Record<string, string | string[] | undefined>

type AnyProps = { [prop: string]: any }

/**
 * A redirect, as `getServerSideProps` and `getStaticProps` may return it. A relative destination is inside the mount
 * path unless `basePath` is `false`. Without `permanent` and `statusCode` the status is 307.
 */
export type Redirect =
  | { destination: string; permanent: boolean; statusCode?: never; basePath?: false }
  | { destination: string; statusCode: 301 | 302 | 303 | 307 | 308; permanent?: never; basePath?: false }

/** Data that a preview session carries. */
export type PreviewData = string | false | object | undefined

export interface GetStaticPropsContext<P extends Params = Params, D extends PreviewData = PreviewData> {
  /** Only on dynamic routes. */
  params?: P
  /** Why the function runs: `build` while prerendering, `on-demand` for `revalidate()`, otherwise `stale`. */
  revalidateReason: 'build' | 'on-demand' | 'stale'
  /** What `cache.key` returned for the visitors of this page, e.g. `{ tenant: 'a' }`; each has a page of its own. */
  key?: KeyParts
  /** The search parameters that the page has asked for with `config.query`; each combination has a page of its own. */
  query?: Readonly<Record<string, string | string[]>>
  preview?: true
  draftMode?: true
  previewData?: D
}

/** How long a page lives, and by which names its life can be ended early. */
export interface StaticLifetime {
  /** Seconds after which the page is due again: a positive whole number; `true` is 1, `false` (the default) never. */
  revalidate?: number | boolean
  /** Seconds after which a page that could not be refreshed is not served any more, one year by default. */
  expire?: number
  /** Names for `revalidate({ tag })`, e.g. of the records that the page shows. */
  tags?: readonly string[]
}

/**
 * Props that only the server's HTML needs, such as rendered Markdown. The component gets them beside the others; the
 * document does not carry them a second time, so that they are `undefined` while it comes to life.
 */
export interface ServerOnlyProps<ServerOnly extends object = object> {
  serverOnly?: ServerOnly | undefined
}

export type GetStaticPropsResult<Props, ServerOnly extends object = object> =
  | ({ props: Props } & ServerOnlyProps<ServerOnly> & StaticLifetime)
  | ({ redirect: Redirect } & StaticLifetime)
  | ({ notFound: true } & StaticLifetime)
  /** "I could not refresh": the page that there is stays, and the function is asked again a little later. */
  | { keep: true }

/** Named parts of a page's key besides its path. */
export type KeyParts = Readonly<Record<string, string>>

/** What `revalidate()` takes: a path, or one name that pages bear. Paths are without the mount path. */
export type RevalidateTarget =
  | string
  /**
   * One page. With `soft` it is not produced at once, but behind its next visitor. With `key` it is that of these parts
   * of `cache.key`; without, all that the path has are outdated.
   */
  | { path: string; soft?: boolean; key?: KeyParts }
  /** All pages that returned this tag. Hard: none older is served again; `soft`: once more, while it is refreshed. */
  | { tag: string; soft?: boolean }
  /** All pages of a route, e.g. `/blog/[slug]`. */
  | { route: string; soft?: boolean }
  /** All pages at a path and below it: `/blog` is `/blog` and `/blog/...`, not `/blogs`. */
  | { prefix: string; soft?: boolean }

/** Runs when the page is produced: at build time, at the first visit of a path, and when it is due again. */
export type GetStaticProps<
  Props extends AnyProps = AnyProps,
  P extends Params = Params,
  D extends PreviewData = PreviewData,
  ServerOnly extends object = object,
> = (
  context: GetStaticPropsContext<P, D>,
) => Promise<GetStaticPropsResult<Props, ServerOnly>> | GetStaticPropsResult<Props, ServerOnly>

export interface GetStaticPathsContext {
  locales?: string[]
  defaultLocale?: string
}

export interface GetStaticPathsResult<P extends Params = Params> {
  /** Paths as URLs, already encoded, or as parameters, not encoded. */
  paths: (string | { params: P })[]
  /** What happens to a path that is not listed: 404, a shell that the browser fills in, or a first visit that waits. */
  fallback: boolean | 'blocking'
}

/** Lists the paths of a dynamic static page to be produced at build time. */
export type GetStaticPaths<P extends Params = Params> = (
  context: GetStaticPathsContext,
) => Promise<GetStaticPathsResult<P>> | GetStaticPathsResult<P>

/**
 * Lists parameters of a dynamic route to be produced at build time: in a page, in a layout above it, or in a route
 * handler. `params` holds what the layouts above gave, as a plain object.
 */
export type GenerateStaticParams<P extends Params = Params, Given extends Params = Params> = (context: {
  params: Given
}) => Promise<readonly P[]> | readonly P[]

/** Express's request, with `cookies` parsed. */
export type PageIncomingMessage = Request & { cookies: Partial<Record<string, string>> }

export interface GetServerSidePropsContext<P extends Params = Params, D extends PreviewData = PreviewData> {
  /** The app's own request: what its middlewares put on it is there. */
  req: PageIncomingMessage
  /** The app's own response. Ending it ends the page; nothing more is rendered. */
  res: Response
  /** Only on dynamic routes. */
  params?: P
  /** Search parameters and route parameters; the latter win. */
  query: Query
  /** The page's path and search as requested, without mount path, the same for document and data requests. */
  resolvedUrl: string
  /** Aborted when the visitor leaves or the time limit is over: hand it to `fetch` and to database drivers. */
  signal: AbortSignal
  /** The named parts that `cache.key` has for this request; only on pages with `config.microcache`. */
  key?: KeyParts
  preview?: true
  draftMode?: true
  previewData?: D
}

export type GetServerSidePropsResult<Props, ServerOnly extends object = object> =
  | ({ props: Props | Promise<Props> } & ServerOnlyProps<ServerOnly>)
  | { redirect: Redirect }
  | { notFound: true }

/** Runs for every request of the page, document and data alike. */
export type GetServerSideProps<
  Props extends AnyProps = AnyProps,
  P extends Params = Params,
  D extends PreviewData = PreviewData,
  ServerOnly extends object = object,
> = (
  context: GetServerSidePropsContext<P, D>,
) => Promise<GetServerSidePropsResult<Props, ServerOnly>> | GetServerSidePropsResult<Props, ServerOnly>

/** What `getInitialProps` of a page gets; `req` and `res` only on the server, for a page rendered per request. */
export interface PageContext {
  pathname: string
  query: Query
  asPath: string
  req?: PageIncomingMessage
  res?: Response
  /** On `_error` only. */
  err?: (Error & { statusCode?: number }) | null
  AppTree: ComponentType<any>
}

/** A page component, optionally with the legacy `getInitialProps`. */
export type Page<Props = {}, InitialProps = Props> = ComponentType<Props> & {
  getInitialProps?(context: PageContext): InitialProps | Promise<InitialProps>
}

export interface AppContext {
  Component: Page<any>
  AppTree: ComponentType<any>
  ctx: PageContext
  router: PagesRouter
}

/** What `_app` renders with. */
export type AppProps<PageProps = any> = {
  Component: Page<any>
  router: PagesRouter
  pageProps: PageProps
}

export interface AppInitialProps<PageProps = any> {
  pageProps: PageProps
}

export interface RenderPageResult {
  html: string
  head?: ReactNode[]
}

type Enhancer<T> = (component: T) => T

export interface DocumentContext extends PageContext {
  /** Renders the page once, optionally wrapped. */
  renderPage(
    options?:
      | Enhancer<ComponentType<any>>
      | { enhanceApp?: Enhancer<ComponentType<any>>; enhanceComponent?: Enhancer<ComponentType<any>> },
  ): RenderPageResult | Promise<RenderPageResult>
  defaultGetInitialProps(
    context: DocumentContext,
    options?: { nonce?: string },
  ): Promise<DocumentInitialProps>
}

export interface DocumentInitialProps extends RenderPageResult {
  styles?: ReactElement[] | Iterable<ReactNode> | ReactElement
}

/**
 * `export const middleware` of a page or an API route: Express's middlewares, run for it alone, before anything of it is
 * shown. For a page they stand in front of its document and its data alike, also when the page is kept in the cache.
 */
export type PageMiddleware = RequestHandler | ErrorRequestHandler | readonly PageMiddleware[]

/** Options of a page or an API route: `export const config: PageConfig`. */
export interface PageConfig {
  /** `false` sends the page as HTML and styles alone, without any script. @default true */
  hydrate?: boolean
  /** Names of search parameters that the page depends on; the others are not seen by a page that is kept. */
  query?: readonly string[]
  /**
   * Seconds that what `getServerSideProps` leads to is kept for visitors without cookies and credentials, and given to all
   * of them. The function then gets a request that holds nothing of a visitor. @default not at all
   */
  microcache?: number
  api?: {
    /** `false` leaves the request's stream unread; `sizeLimit` is `'1mb'` by default. */
    bodyParser?: boolean | { sizeLimit?: number | string }
    /** The route answers through a library that ends the response later; no warning about it. */
    externalResolver?: boolean
    /** Largest response without a warning, `'4mb'` by default; `false` for none. */
    responseLimit?: boolean | number | string
  }
  [key: string]: unknown
}

/** What only a visitor in preview has. */
export interface PreviewFields<D extends PreviewData = PreviewData> {
  preview?: true
  draftMode?: true
  /** What `res.setPreviewData` was given; an empty object in draft mode without data. */
  previewData?: D
}

/** Express's request in an API route: query with route parameters, cookies, and the parsed body. */
export type ApiRequest = PageIncomingMessage & PreviewFields

export interface RevalidateOptions {
  /** Leave a page alone that was never produced: its first visitor will find the new one. */
  unstable_onlyGenerated?: boolean
}

/**
 * Express's response in an API route. `send`, `json`, `status` and `redirect` do there what the Pages Router's do: text
 * gets no type of its own, and a redirect without a status is 307. They are Express's again when the response is over.
 */
export type ApiResponse<Body = any> = Response<Body> & {
  /**
   * Produces the page at a path (without the mount path) anew and resolves when the new page is in place; or makes all
   * pages that bear a name outdated, and resolves when none older is served any more.
   */
  revalidate(target: RevalidateTarget, options?: RevalidateOptions): Promise<void>
  /** Shows this visitor static pages as they would be produced now, or ends that. */
  setDraftMode(options: { enable: boolean }): ApiResponse<Body>
  /** Draft mode with data that `getStaticProps` and others find as `previewData`; at most 2 kB, encrypted in a cookie. */
  setPreviewData(data: object | string, options?: { maxAge?: number; path?: string }): ApiResponse<Body>
  /** Ends what `setPreviewData` began, with the same `path`. */
  clearPreviewData(options?: { path?: string }): ApiResponse<Body>
}

/** The default export of a module under `pages/api`. */
export type ApiHandler<Body = any> = (req: ApiRequest, res: ApiResponse<Body>) => unknown
