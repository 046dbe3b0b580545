/** A style sheet that was added here; those of the document itself are not ours to turn off. */
export interface Sheet {
  readonly link: HTMLLinkElement
  readonly ready: Promise<unknown>
  /** Something other than a page needs it, which may outlive pages. */
  isPart?: boolean
}

/** What was asked for, by URL: `undefined` for modules, and for what the document has brought. */
export const links = new Map<string, Sheet | undefined>()
/** The sheets of the page that is being asked for at this moment, which show when the page does. */
export const loading: { page: Set<Sheet> | undefined } = { page: undefined }

export const HIDDEN = 'not all'

/**
 * Loads a module whose style sheets are in place before it, and whose own imports are fetched beside it. The build puts
 * it where Vite has a helper of its own, several times the size.
 *
 * Rejects when a style sheet cannot be had: a page without it would be broken.
 */
export async function preload<T>(load: () => Promise<T>, deps: string[] = [], importer?: string): Promise<T> {
  await Promise.all(deps.map((dep) => need(new URL(dep, importer).href)))
  return load()
}

async function need(href: string): Promise<void> {
  if (!links.has(href)) links.set(href, addLink(href))
  const sheet = links.get(href)
  if (!sheet) return
  if (loading.page) loading.page.add(sheet)
  else {
    sheet.isPart = true
    sheet.link.media = ''
  }
  await sheet.ready
}

function addLink(href: string): Sheet | undefined {
  const { head } = document
  if ([...head.querySelectorAll('link')].some((link) => link.href === href)) return undefined
  const isSheet = href.endsWith('.css')
  const link = document.createElement('link')
  link.rel = isSheet ? 'stylesheet' : 'modulepreload'
  link.href = href
  if (isSheet) link.media = HIDDEN
  head.append(link)
  if (!isSheet) return undefined
  const ready = new Promise((resolve, reject) => {
    link.onload = resolve
    // Whoever needs it after this loads the document, and with it the style sheet.
    link.onerror = () => reject(new Error(href))
  })
  return { link, ready }
}
