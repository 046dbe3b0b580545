import type { PageContext } from '../types.js'
import { Head } from './head.js'

export interface ErrorPageProps {
  /** The HTTP status; without one the page speaks of a failure in the browser. */
  statusCode?: number | undefined
  /** Replaces the text that goes with the status. */
  title?: string
  /** Follow the visitor's preference for dark pages. @default true */
  withDarkMode?: boolean
}

const TEXTS: Record<number, string> = {
  400: 'Bad Request',
  404: 'This page could not be found',
  405: 'Method Not Allowed',
  500: 'Internal Server Error',
}

/** The page shown for an error when the project has none of its own; also for use in pages. The build adds its style. */
export function ErrorPage({ statusCode, title, withDarkMode = true }: ErrorPageProps) {
  const text = title ?? (statusCode && TEXTS[statusCode]) ?? 'An unexpected error has occurred'
  const message = statusCode ? text : (title ?? 'Application error: a client-side exception has occurred')
  return (
    <main className={withDarkMode ? 'pagepress-error' : 'pagepress-error pagepress-light'}>
      <Head>
        <title>{statusCode ? `${statusCode}: ${message}` : message}</title>
        <meta name="robots" content="noindex" key="pagepress-error" />
      </Head>
      <div>
        {statusCode ? <h1>{statusCode}</h1> : null}
        <p>{message}</p>
      </div>
    </main>
  )
}

ErrorPage.getInitialProps = ({ res, err }: Pick<PageContext, 'res' | 'err'>): ErrorPageProps => ({
  statusCode: res?.statusCode ?? (err ? err.statusCode : 404),
})
