import Shell from '../shell.jsx'

export default function App({ Component, pageProps }) {
  return (
    <Shell>
      <Component {...pageProps} />
    </Shell>
  )
}
