import { createContext } from 'react'
import type { ReactNode } from 'react'

/**
 * The `Head` children of one page, by the place where each stands in the tree. Its order is theirs.
 *
 * The browser makes a new one for every navigation, so that each `Head` on the page registers again, in tree order.
 */
export interface HeadManager {
  readonly entries: Map<string, ReactNode>
  /** Told in the browser of every change, and whether it was made by a `Head` that is on the page. */
  readonly onChange?: (isShown: boolean) => void
}

export const HeadContext = createContext<HeadManager | null>(null)
