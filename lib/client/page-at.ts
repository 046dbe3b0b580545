import type { ComponentType } from 'react'
import type { ClientPage, ClientSite } from '../protocol/client-site.js'

/** The page with this route; the built-in error page where the project has none. */
export function pageAt({ pages }: ClientSite, route: string): ClientPage {
  return pages.find((page) => page.route === route) ?? { route, data: 'initial', load: loadErrorPage }
}

async function loadErrorPage() {
  const module = await import('../react/error-page.js')
  return { default: module.ErrorPage as ComponentType<any> }
}
