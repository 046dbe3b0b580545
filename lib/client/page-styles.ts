import { HIDDEN, links, loading, type Sheet } from './preload.js'

/**
 * Loads a page. Its style sheets are fetched and do not show; `showStyles` shows them, in the place of those of the page
 * before.
 */
export function preloadPage<T>(load: () => Promise<T>): { module: Promise<T>; showStyles(): void } {
  const own = new Set<Sheet>()
  loading.page = own
  const module = load()
  loading.page = undefined
  return { module, showStyles: () => showOnly(own) }
}

/** The first page's came with the document, where they stay. */
export function showFirstStyles(): void {
  showOnly(new Set())
}

function showOnly(own: ReadonlySet<Sheet>): void {
  for (const sheet of links.values())
    if (sheet && !sheet.isPart) sheet.link.media = own.has(sheet) ? '' : HIDDEN
}
