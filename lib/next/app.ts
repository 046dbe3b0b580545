export {
  App as default,
  type AppContext,
  type AppInitialProps,
  type AppProps,
  type WebVitalsMetric as NextWebVitalsMetric,
} from '../react/app.js'
