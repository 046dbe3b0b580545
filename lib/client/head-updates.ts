import type { HeadManager } from '../react/head-context.js'

/** The document has one head: which page's tags it shows, and what brings it in line with them, once that is loaded. */
export const headUpdates: { shown?: HeadManager; update?: () => void } = {}

/** The head of a page. The document brought one with it, so there is nothing to do until something changes. */
export function createHead(): HeadManager {
  const head: HeadManager = {
    entries: new Map(),
    onChange(isShown) {
      if (isShown) headUpdates.shown = head
      // A page that has been replaced has no say any more.
      if (headUpdates.shown === head) headUpdates.update?.()
    },
  }
  return head
}
