export { ErrorPage as default, type ErrorPageProps as ErrorProps } from '../react/error-page.js'
