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

/** The component around every page, for an `_app` written as a class. */
export class App<P = {}> extends Component<P & AppProps> {
  /** Asks the page for its own `getInitialProps`. */
  static async getInitialProps({ Component: Page, ctx }: AppContext): Promise<AppInitialProps> {
    return { pageProps: await loadInitialProps(Page, ctx) }
  }

  override render(): ReactNode {
    const { Component: Page, pageProps } = this.props as AppProps
    return <Page {...pageProps} />
  }
}

export default App
