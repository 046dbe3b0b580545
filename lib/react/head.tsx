import { createContext, useContext, useEffect, useId, useLayoutEffect } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { scheduleHeadUpdate } from './head-dom.js'
import { reduceHead } from './head-elements.js'

/**
 * The `Head` children of one page, by the place where each stands in the tree. Its order is theirs.
 *
 * The browser makes a new one for every navigation, so that each `Head` on the page registers again, in tree order.
 */
export interface HeadManager {
  readonly entries: Map<string, ReactNode>
  /** On the server, where no effect runs, `Head` registers while it renders. */
  readonly collects: boolean
}

export const HeadContext = createContext<HeadManager | null>(null)

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
  if (head?.collects) head.entries.set(id, children)
  useBrowserLayoutEffect(() => {
    if (head === null) return
    head.entries.set(id, children)
    scheduleHeadUpdate(head, true)
  })
  useBrowserLayoutEffect(
    () => () => {
      if (head?.entries.delete(id)) scheduleHeadUpdate(head, false)
    },
    [head, id],
  )
  return null
}

export function createHeadCollector(): HeadCollector {
  const entries = new Map<string, ReactNode>()
  return {
    entries,
    collects: true,
    elements: () => reduceHead(entries.values()),
    reset: () => entries.clear(),
  }
}
