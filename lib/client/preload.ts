const known = new Map<string, Promise<void>>()

/**
 * Loads a module whose style sheets are in place before it, and whose own imports are fetched beside it. The build puts
 * it where Vite has a helper of its own, several times the size.
 *
 * Rejects when a style sheet cannot be had: a page without it would be broken.
 */
export async function preload<T>(load: () => Promise<T>, deps: string[] = [], importer?: string): Promise<T> {
  await Promise.all(
    deps.map((dep) => {
      const { href } = new URL(dep, importer)
      if (!known.has(href)) known.set(href, addLink(href))
      return known.get(href)!
    }),
  )
  return load()
}

async function addLink(href: string): Promise<void> {
  const rel = href.endsWith('.css') ? 'stylesheet' : 'modulepreload'
  if ([...document.head.querySelectorAll('link')].some((link) => link.href === href && link.rel === rel))
    return
  const link = document.createElement('link')
  link.rel = rel
  link.href = href
  link.nonce = document.head.querySelector<HTMLElement>('[nonce]')?.nonce ?? ''
  document.head.append(link)
  if (rel !== 'stylesheet') return
  await new Promise((resolve, reject) => {
    link.onload = resolve
    link.onerror = () => {
      known.delete(href)
      link.remove()
      reject(new Error(`Failed to load ${href}`))
    }
  })
}
