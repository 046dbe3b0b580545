import { Component } from 'react'
import type { ReactNode } from 'react'
import type { AppContext, AppInitialProps, AppProps } from '../types.js'
import { loadInitialProps } from './initial-props.js'

export type { AppContext, AppInitialProps, AppProps } from '../types.js'

/** What a `reportWebVitals` export of `_app` is called with. */
export interface WebVitalsMetric {
  id: string
  name: string
  value: number
  startTime: number
  label: 'web-vital' | 'custom'
}

/** Asks the page for its own `getInitialProps`. */
async function loadPageProps({ Component: Page, ctx }: AppContext): Promise<AppInitialProps> {
  return { pageProps: await loadInitialProps(Page, ctx) }
}

/** The component around every page, for an `_app` written as a class. */
export class App<P = {}> extends Component<P & AppProps> {
  /**
   * Asks the page for its own `getInitialProps`. A class that extends this one without its own has none: inheriting it
   * would keep every page of the site from being static.
   */
  static get getInitialProps(): typeof loadPageProps {
    return (this === App || Object.hasOwn(this, 'getInitialProps') ? loadPageProps : undefined)!
  }

  static set getInitialProps(value: (context: AppContext) => unknown) {
    Object.defineProperty(this, 'getInitialProps', { value, configurable: true, writable: true })
  }

  override render(): ReactNode {
    const { Component: Page, pageProps } = this.props as AppProps
    return <Page {...pageProps} />
  }
}

export default App
