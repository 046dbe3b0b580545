import { useContext, useEffect, useMemo, useState } from 'react'
import type { HTMLAttributes, ReactElement } from 'react'
import { current } from './current-router.js'
import { HeadContext } from './head-context.js'
import { useIsInBrowser } from './use-is-in-browser.js'

/** `html`, and what its element takes. */
export interface ServerHtmlProps extends Omit<
  HTMLAttributes<HTMLElement>,
  'children' | 'dangerouslySetInnerHTML' | 'suppressHydrationWarning'
> {
  /** The element that holds the HTML. @default 'div' */
  as?: keyof HTMLElementTagNameMap
  /**
   * The HTML, usually a prop of the page that its data function returned as `serverOnly`. `undefined` where the document
   * has it and the page's script has not: what the server has written stays. `null` is nothing.
   */
  html?: string | null | undefined
}

/**
 * Stands for what the server has written, which React leaves alone: it never compares while it hydrates, and later writes
 * only what is another object (React 19) or text (React 18) than before. So it is always the same object, and its text
 * that of no other; without one React would remove the nodes.
 */
const KEPT = { __html: typeof document === 'undefined' ? '' : '<!---->' }

/**
 * An element with HTML that was made on the server, such as rendered Markdown. While the first page comes to life its HTML
 * is taken as it is, so that the document need not carry it a second time as a prop.
 *
 * The HTML is trusted as it stands: a script in it runs. Give it what you or your build have made; what visitors have
 * written must be sanitized before.
 */
export function ServerHtml({ as: Element = 'div', html, ...props }: ServerHtmlProps): ReactElement {
  const isInBrowser = useIsInBrowser()
  const [wasWritten] = useState(!isInBrowser)
  // Another one for each page that is shown, and the same for as long as that page is.
  const page = useContext(HeadContext)
  const [firstPage] = useState(page)
  const isKept = html === undefined && wasWritten && page === firstPage
  const content = useMemo(() => (isKept ? KEPT : { __html: html ?? '' }), [isKept, html])
  // Not hydrated but made in the browser: shown a second time, or where the server's HTML did not fit.
  const isLost = html === undefined && !wasWritten
  useEffect(() => {
    if (!isLost) return
    current.isLost = true
    current.onLoss?.()
  }, [isLost])
  // The types of the elements differ in more than React's attributes, and no compiler wants to compare them all.
  const Tag = Element as 'div'
  return <Tag {...props} dangerouslySetInnerHTML={content} suppressHydrationWarning />
}
