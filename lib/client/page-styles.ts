import { addLink, findLinks, loading, type Link } from './preload.js'

/** What came with the document. */
const first = new Set(findLinks('[data-n-p]'))

/**
 * Loads a page. Its style sheets are fetched and do not show; `showStyles` shows them, in the place of those of the page
 * before. They stand in the order of the page's imports, as in its document: where another page has them the other way
 * round, there is another link.
 */
export function preloadPage<T>(load: () => Promise<T>): { module: Promise<T>; showStyles(): void } {
  const own = new Set<Link>()
  let after = 0
  loading.page = (href) => {
    // With the end of their place, behind which parts have theirs.
    const links = findLinks('[rel=stylesheet],[data-n-css]')
    const end = links.findIndex(({ rel }) => !rel)
    let place = links.findIndex((link, index) => link.href === href && index >= after && index < end)
    let link = links[place]
    if (!link) {
      place = end
      link = addLink(href, 'stylesheet', links[end])
      link.dataset['nP'] = ''
    }
    after = place + 1
    own.add(link)
    return link.ready
  }
  const module = load()
  loading.page = undefined
  return { module, showStyles: () => showOnly(own) }
}

export function showFirstStyles(): void {
  showOnly(first)
}

function showOnly(own: ReadonlySet<Link>): void {
  for (const link of findLinks('[data-n-p]')) link.media = own.has(link) ? '' : 'not all'
}
