import type { ComponentType } from 'react'
import type { ClientPage } from '../protocol/client-site.js'
import type { PagePayload, Query } from '../protocol/payload.js'
import type { UrlStyle } from '../react/href.js'
import type { HeadManager } from '../react/head-context.js'
import { isDynamicRoute } from '../routing/dynamic-route.js'
import { createHead } from './head-updates.js'

/** All that the tree of a page is rendered from, beside the router's methods. */
export interface PageState {
  readonly page: ClientPage
  readonly Component: ComponentType<any>
  /** Instead of the project's `_app`, when that has failed. */
  readonly App?: ComponentType<any>
  readonly props: PagePayload['props']
  readonly query: Query
  readonly asPath: string
  readonly isReady: boolean
  readonly isFallback: boolean
  /** Shown in draft mode: as it is at this moment, never as it was. */
  readonly isPreview: boolean
  /** Has the page's style sheets show in the place of those before; the document brings those of the first page. */
  readonly showStyles?: (() => void) | undefined
  /** Made anew for every page, so that its `Head` tags register again. */
  readonly head: HeadManager
}

/** The URL as components see it: path, search and hash below the mount path. */
export function toAsPath({ href, origin }: URL | Location, basePath: string): string {
  return href.slice(origin.length + basePath.length).replace(/^(?!\/)/, '/')
}

export function isErrorRoute(route: string): boolean {
  return /^\/(404|500|_error)$/.test(route)
}

/**
 * The state that the server rendered the document with. What only the browser knows, such as the search of a page
 * made for everybody, is filled in after hydration.
 */
export function toFirstState(
  payload: PagePayload,
  code: Pick<PageState, 'page' | 'Component'>,
  style: UrlStyle,
): PageState {
  const { page, query, props, isFallback, isPreview = false, gsp, gssp, gip, appGip, autoExport } = payload
  // An error page that was given a query is one for its URL.
  const isForUrl = isErrorRoute(page) && Object.keys(query)[0]
  const isForRequest = !!(gssp || gip || (appGip && !gsp) || isForUrl)
  const isForRoute = isFallback || (autoExport && isDynamicRoute(page))
  const path = toAsPath(location, style.basePath).split(isForRequest ? '#' : /[?#]/, 1)[0]!
  return {
    ...code,
    props,
    query,
    asPath: isForRoute ? page : path,
    isReady: isForRequest || !(isForRoute || location.search),
    isFallback,
    isPreview,
    head: createHead(),
  }
}
