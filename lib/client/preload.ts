/** A link in the head of the document. `data-n-p` marks style sheets of pages, which show while their page does. */
export interface Link extends HTMLLinkElement {
  /** When a style sheet is there that was added here; those of the document are. */
  ready?: Promise<unknown>
}

/** Who sees to the style sheets of a page while that page is asked for; what is asked for otherwise is a part of one. */
export const loading: { page?: ((href: string) => unknown) | undefined } = {}

/**
 * Loads a module whose style sheets are in place before it, and whose own imports are fetched beside it. The build puts
 * it where Vite has a helper of its own, several times the size.
 *
 * Rejects when a style sheet cannot be had: a page without it would be broken.
 */
export function preload<T>(load: () => Promise<T>, deps: string[] = [], importer?: string): Promise<T> {
  return Promise.all(deps.map((dep) => need(new URL(dep, importer).href))).then(load)
}

function need(href: string): unknown {
  const isSheet = href.endsWith('.css')
  if (isSheet && loading.page) return loading.page(href)
  const rel = isSheet ? 'stylesheet' : 'modulepreload'
  const link = findLinks(`[rel=${rel}]`).find((one) => one.href === href) ?? addLink(href, rel)
  // A part of a page may outlive it.
  delete link.dataset['nP']
  link.media = ''
  return link.ready
}

export function findLinks(which: string): Link[] {
  return [...document.head.querySelectorAll<Link>(which)]
}

/** Adds a link with the nonce and the `crossorigin` of those that came with the document. A style sheet is not shown. */
export function addLink(href: string, rel: string, before: Node | null = null): Link {
  const link = findLinks('[rel=modulepreload]')[0]!.cloneNode() as Link
  link.href = href
  if (rel !== link.rel) {
    link.rel = rel
    link.media = 'not all'
    link.ready = new Promise((resolve, reject) => {
      link.onload = resolve
      // Whoever needs it after this loads the document, and with it the style sheet.
      link.onerror = () => reject(new Error(href))
    })
  }
  document.head.insertBefore(link, before)
  return link
}
