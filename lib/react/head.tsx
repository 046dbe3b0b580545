import { useContext, useEffect, useId, useLayoutEffect } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { HeadContext, type HeadManager } from './head-context.js'
import { reduceHead } from './head-elements.js'

export { HeadContext, type HeadManager } from './head-context.js'

export interface HeadProps {
  children?: ReactNode
}

/** The server's head manager: one for each render. */
export interface HeadCollector extends HeadManager {
  /** The tags to write into the document's head, marked as the page's. */
  elements(): ReactElement[]
  /** Forgets everything, for a page that is rendered once more. */
  reset(): void
}

// React 18 warns about layout effects in a server render, though none is expected to run there.
const useBrowserLayoutEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect

/**
 * Puts tags into the document's head while the component is on the page.
 *
 * Of several `title` or `base` tags, and of `meta` tags with the same `name`, `httpEquiv`, `itemProp` or `charSet`, the
 * last one on the page wins; so it does of any tags with the same `key`.
 */
export function Head({ children }: HeadProps): null {
  const head = useContext(HeadContext)
  // Stable when React renders the same place again after suspending.
  const id = useId()
  // On the server no effect runs.
  if (!head?.onChange) head?.entries.set(id, children)
  useBrowserLayoutEffect(() => {
    head?.entries.set(id, children)
    head?.onChange?.(true)
  })
  useBrowserLayoutEffect(
    () => () => {
      head?.entries.delete(id)
      head?.onChange?.(false)
    },
    [head, id],
  )
  return null
}

export function createHeadCollector(): HeadCollector {
  const entries = new Map<string, ReactNode>()
  return {
    entries,
    elements: () => reduceHead(entries.values()),
    reset: () => entries.clear(),
  }
}
