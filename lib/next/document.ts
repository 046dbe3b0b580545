export {
  Document as default,
  Head,
  Html,
  Main,
  Scripts as NextScript,
  type DocumentContext,
  type DocumentInitialProps,
  type DocumentProps,
} from '../react/document.js'
