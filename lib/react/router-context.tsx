import { createContext, useContext } from 'react'
import type { Query } from '../protocol/payload.js'

/** A URL to go to: text, or its parts. `pathname` may be a route whose parameters are taken from `query`. */
export type UrlLike =
  | string
  | {
      pathname?: string | null
      query?: string | null | Record<string, unknown>
      search?: string | null
      hash?: string | null
    }

export interface TransitionOptions {
  /** Change the URL and the query without fetching data; for the same page only. */
  shallow?: boolean | undefined
  /**
   * `false` asks for no data: the page keeps its props where it is shown already, and has none otherwise.
   *
   * @default true
   */
  data?: boolean | undefined
  /** Scroll to the top, or to the hash, after the transition. @default true */
  scroll?: boolean | undefined
  /** Show the change as a view transition, where the browser has them. @default false */
  viewTransition?: boolean | undefined
  locale?: string | false | undefined
}

export interface PrefetchOptions {
  /** `false` loads the code alone. @default true */
  data?: boolean | undefined
  priority?: boolean | undefined
  locale?: string | false | undefined
}

export type RouterEventName =
  | 'routeChangeStart'
  | 'beforeHistoryChange'
  | 'routeChangeComplete'
  | 'routeChangeError'
  | 'hashChangeStart'
  | 'hashChangeComplete'

export interface RouterEvents {
  on(event: RouterEventName, listener: (...args: any[]) => void): void
  off(event: RouterEventName, listener: (...args: any[]) => void): void
  emit(event: RouterEventName, ...args: unknown[]): void
}

export interface HistoryState {
  url: string
  as: string
  options: TransitionOptions
}

/** What `useRouter()` returns. The same shape on the server, where the methods throw. */
export interface PagesRouter {
  /** The route, e.g. `/blog/[slug]`. */
  readonly route: string
  /** The same as `route`, under the name that authors know. */
  readonly pathname: string
  /** Search parameters and route parameters; empty until `isReady` on static pages. */
  readonly query: Query
  /** The path as shown in the address bar, with search and hash, without the mount path. */
  readonly asPath: string
  /** The mount path, `''` or e.g. `/shop`. */
  readonly basePath: string
  /** Page URLs end with a slash (`trailingSlash` of the configuration file). */
  readonly trailingSlash?: boolean
  readonly isFallback: boolean
  readonly isReady: boolean
  readonly isPreview: boolean
  readonly isLocaleDomain: boolean
  readonly locale?: string
  readonly locales?: string[]
  readonly defaultLocale?: string
  readonly events: RouterEvents
  push(url: UrlLike, as?: UrlLike, options?: TransitionOptions): Promise<boolean>
  replace(url: UrlLike, as?: UrlLike, options?: TransitionOptions): Promise<boolean>
  reload(): void
  back(): void
  forward(): void
  prefetch(url: string, as?: string, options?: PrefetchOptions): Promise<void>
  beforePopState(callback: (state: HistoryState) => boolean): void
}

export const RouterContext = createContext<PagesRouter | null>(null)

/** The router of the page being rendered. Throws outside a page. */
export function useRouter(): PagesRouter {
  const router = useContext(RouterContext)
  if (router === null) throw new Error('useRouter(): the router was not mounted')
  return router
}
