import type { ComponentType } from 'react'
import { HeadContext, type HeadManager } from './head-context.js'
import { RouterContext, type PagesRouter } from './router-context.js'

export interface PageRootProps {
  /** The project's `_app`, or `DefaultApp`. */
  App: ComponentType<any>
  Component: ComponentType<any>
  /** `pageProps` and whatever else `_app` gets. */
  props: { pageProps: Record<string, unknown>; [name: string]: unknown }
  router: PagesRouter
  head: HeadManager
}

/** The whole React tree of a page. Server and browser render this one, so that hydration agrees. */
export function PageRoot({ App, Component, props, router, head }: PageRootProps) {
  return (
    <RouterContext.Provider value={router}>
      <HeadContext.Provider value={head}>
        <App {...props} Component={Component} router={router} />
      </HeadContext.Provider>
    </RouterContext.Provider>
  )
}

/** Stands in where the project has no `_app`. */
export function DefaultApp({ Component, pageProps }: { Component: ComponentType<any>; pageProps: object }) {
  return <Component {...pageProps} />
}
