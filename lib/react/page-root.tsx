import type { ComponentType } from 'react'
import type { TreeFrame } from '../protocol/tree-frame.js'
import { HeadContext, type HeadManager } from './head-context.js'
import { RouterContext, type PagesRouter } from './router-context.js'

export interface PageRootProps {
  /** The project's `_app`, or `DefaultApp`. */
  App: ComponentType<any>
  Component: ComponentType<any>
  /** What stands between `_app` and the page. A site without layouts does not load the code for it. */
  frame?: TreeFrame | undefined
  /** `pageProps` and whatever else `_app` gets. */
  props: { pageProps: Record<string, unknown>; [name: string]: unknown }
  router: PagesRouter
  head: HeadManager
}

/** The whole React tree of a page. Server and browser render this one, so that hydration agrees. */
export function PageRoot({ App, Component, frame, props, router, head }: PageRootProps) {
  // Spread last: an object that is spread first and added to has a shape of its own each time, which is slow.
  const page = <App Component={frame?.Outlet ?? Component} router={router} {...props} />
  return (
    <RouterContext.Provider value={router}>
      <HeadContext.Provider value={head}>
        {frame ? frame.provide(Component, page) : page}
      </HeadContext.Provider>
    </RouterContext.Provider>
  )
}

/** Stands in where the project has no `_app`. */
export function DefaultApp({ Component, pageProps }: { Component: ComponentType<any>; pageProps: object }) {
  return <Component {...pageProps} />
}
