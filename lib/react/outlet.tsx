import { createContext, useContext, useMemo } from 'react'
import type { ComponentType, ReactNode } from 'react'
import type { PageLayout, TreeFrame } from '../protocol/tree-frame.js'
import { pickParams, toParamsPromise } from './params.js'
import { useRouter } from './router-context.js'

/** @param layouts the layouts around the page, outermost first */
export function createTreeFrame(layouts: readonly PageLayout[], takesParams: boolean): TreeFrame {
  return {
    Outlet,
    provide: (Component, tree) => (
      <OutletContext.Provider value={{ Component, layouts, takesParams }}>{tree}</OutletContext.Provider>
    ),
  }
}

const OutletContext = createContext<{
  readonly Component: ComponentType<any>
  readonly layouts: readonly PageLayout[]
  readonly takesParams: boolean
} | null>(null)

/** Always this one component, so that React keeps layouts, with their state and their DOM, while pages below change. */
function Outlet(pageProps: object): ReactNode {
  const { Component, layouts, takesParams } = useContext(OutletContext)!
  const { route } = useRouter()
  const page = takesParams ? (
    <WithParams Component={Component} route={route} props={pageProps} />
  ) : (
    <Component {...pageProps} />
  )
  return layouts.reduceRight<ReactNode>(
    (children, layout) => (
      <WithParams key={layout.route} Component={layout.Component} route={layout.route} props={{ children }} />
    ),
    page,
  )
}

interface WithParamsProps {
  Component: ComponentType<any>
  /** The part of the route whose parameters it gets. */
  route: string
  props: object
}

/** Hands a component its parameters: the same object until one of them changes. */
function WithParams({ Component, route, props }: WithParamsProps): ReactNode {
  const values = pickParams(route, useRouter().query)
  const text = JSON.stringify(values)
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- the values are what their text says
  const params = useMemo(() => toParamsPromise(values), [text])
  return <Component {...props} params={params} />
}
