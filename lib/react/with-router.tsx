import type { ComponentType } from 'react'
import type { Page } from '../types.js'
import { useRouter, type PagesRouter } from './router-context.js'

export interface WithRouterProps {
  router: PagesRouter
}

/** Gives a component, for example a class that can call no hooks, the router as a prop. */
export function withRouter<P extends WithRouterProps>(
  Component: ComponentType<P>,
): ComponentType<Omit<P, keyof WithRouterProps>> {
  const WithRouter: Page<Omit<P, keyof WithRouterProps>, any> = (props) => (
    <Component {...(props as P)} router={useRouter()} />
  )
  const { getInitialProps } = Component as Page<P, any>
  if (getInitialProps) WithRouter.getInitialProps = getInitialProps
  WithRouter.displayName = `withRouter(${Component.displayName ?? Component.name})`
  return WithRouter
}
