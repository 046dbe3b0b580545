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

const LIGHT = `
.pagepress-error{min-height:100vh;min-height:100dvh;display:flex;align-items:center;justify-content:center;
padding:2rem;box-sizing:border-box;color:#1c2024;background:#fcfcfd;text-align:center;
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
.pagepress-error h1{margin:0;font-size:clamp(3.5rem,14vw,6rem);font-weight:650;line-height:1;letter-spacing:-.03em}
.pagepress-error p{margin:1rem 0 0;font-size:1.125rem;color:#60646c;max-width:34rem}
body:has(>div>.pagepress-error:only-child){margin:0}`

const DARK = `
@media (prefers-color-scheme:dark){.pagepress-error{color:#edeef0;background:#111113}
.pagepress-error p{color:#b0b4ba}}`

/** The page shown for an error when the project has none of its own; also for use in pages. */
export function ErrorPage({ statusCode, title, withDarkMode = true }: ErrorPageProps) {
  const text = title ?? (statusCode && TEXTS[statusCode]) ?? 'An unexpected error has occurred'
  const message = statusCode ? text : (title ?? 'Application error: a client-side exception has occurred')
  return (
    <main className="pagepress-error">
      <Head>
        <title>{statusCode ? `${statusCode}: ${message}` : message}</title>
        <meta name="robots" content="noindex" key="pagepress-error" />
      </Head>
      <style dangerouslySetInnerHTML={{ __html: withDarkMode ? LIGHT + DARK : LIGHT }} />
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
