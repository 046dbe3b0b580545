import type { AppProps } from 'pagepress'
import { Head } from 'pagepress/react'
import { Layout } from '../components/layout.js'
import '../styles/global.css'

export default function App({ Component, pageProps }: AppProps) {
  return (
    <Layout>
      <Head>
        <title>Nowhere Post</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="theme-color" media="(prefers-color-scheme: light)" content="#fcfdfb" />
        <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#1a1d23" />
        <link rel="icon" href="/stamp.svg" type="image/svg+xml" />
      </Head>
      <Component {...pageProps} />
    </Layout>
  )
}
