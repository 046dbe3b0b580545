import type { ComponentType } from 'react'
import type { ClientPage, ClientSite } from '../protocol/client-site.js'
import { toDataPath } from '../protocol/data-url.js'
import type { DataBody, PagePayload, Query } from '../protocol/payload.js'
import type { PagesRouter } from '../react/router-context.js'
import type { DataClient } from './data-client.js'

/** A page to be loaded, and what its legacy `getInitialProps` is told. */
export interface PageTask {
  readonly page: ClientPage
  /** The canonical path below the mount path. */
  readonly pathname: string
  readonly search: string
  readonly query: Query
  readonly asPath: string
  readonly router: PagesRouter
  readonly err?: unknown
}

export interface LoadedPage {
  readonly Component: ComponentType<any>
  readonly props: PagePayload['props']
}

/** What the site answered: a page, or where else to look. */
export type LoadResult = LoadedPage | Exclude<DataBody, { pageProps: unknown }>

export interface PageLoader {
  load(task: PageTask, signal?: AbortSignal): Promise<LoadResult>
  /** Fetches what `load` will need, as far as that may be fetched ahead of time. */
  prefetch(page: ClientPage, pathname: string): Promise<unknown>
  /** The page with this route; the built-in error page where the project has none. */
  pageAt(route: string): ClientPage
}

export interface PageLoaderParts {
  readonly site: ClientSite
  readonly data: DataClient
  readonly basePath: string
}

/** Loads a page's code and data, side by side. */
export function createPageLoader({ site, data, basePath }: PageLoaderParts): PageLoader {
  return {
    async load(task, signal) {
      const { page, pathname, search } = task
      const url = basePath + toDataPath(pathname)
      const [{ default: Component }, body] = await Promise.all([
        page.load(),
        page.data === 'static'
          ? data.load(url, signal)
          : page.data === 'server' && data.load(url + search, signal),
      ])
      if (body) return 'pageProps' in body ? { Component, props: body } : body
      const App = site.app?.default
      if (page.data === undefined && !(App && 'getInitialProps' in App))
        return { Component, props: { pageProps: {} } }
      const { loadTreeProps } = await import('./initial-props.js')
      return { Component, props: await loadTreeProps(task, Component, App) }
    },

    async prefetch(page, pathname) {
      await page.load()
      if (page.data === 'static') await data.prefetch(basePath + toDataPath(pathname))
    },

    pageAt(route) {
      return (
        site.pages.find((page) => page.route === route) ?? { route, data: 'initial', load: loadErrorPage }
      )
    },
  }
}

async function loadErrorPage() {
  const { ErrorPage } = await import('../react/error-page.js')
  return { default: ErrorPage as ComponentType<any> }
}
