import type { ComponentType } from 'react'
import type { ClientPage } from '../protocol/client-site.js'
import type { PagePayload, Query } from '../protocol/payload.js'
import { toCanonicalPath, type UrlStyle } from '../react/href.js'
import type { HeadManager } from '../react/head.js'
import { toAsPath, toPagePath } from './page-url.js'

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
  /** Made anew for every page, so that its `Head` tags register again. */
  readonly head: HeadManager
}

export function createHead(): HeadManager {
  return { entries: new Map(), collects: false }
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
  const { page, query, props, isFallback, gsp, gssp, gip, appGip, autoExport } = payload
  const isForRequest = gssp || gip || (appGip && !gsp)
  const isForRoute = isFallback || (autoExport && page.includes('['))
  const path = isErrorRoute(page)
    ? toCanonicalPath(page, { ...style, basePath: '' })
    : toPagePath(location, style.basePath)!
  return {
    ...code,
    props,
    query: isForRoute ? {} : query,
    asPath: isForRequest ? toAsPath(location, style.basePath).split('#', 1)[0]! : isForRoute ? page : path,
    isReady: !!isForRequest || (!isForRoute && !location.search),
    isFallback,
    head: createHead(),
  }
}

export function isErrorRoute(route: string): boolean {
  return /^\/(404|500|_error)$/.test(route)
}
