import type { PageState } from './page-state.js'

/** How many visited pages are kept, so that back and forward show them at once. */
const MAX_VISITED = 20

/** Keeps a page as the youngest of those that were visited; the key is that of its history entry. */
export function keepVisited(visited: Map<string, PageState>, key: string, state: PageState): void {
  visited.delete(key)
  visited.set(key, state)
  if (visited.size > MAX_VISITED) visited.delete(visited.keys().next().value!)
}
