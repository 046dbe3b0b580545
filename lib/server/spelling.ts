import type { FoundPage } from './find-page.js'
import { toVisiblePath } from './produce.js'
import type { PageRequest } from './request.js'

/** What the configuration file says of a slash at the end. */
export interface SpellingSettings {
  readonly trailingSlash: boolean
  /** Serve a page with and without a slash at the end. */
  readonly skipTrailingSlashRedirect: boolean
}

/** A page has one true path; a request that writes it differently is sent there. */
export interface Spelling {
  /** Whether the ending is right of a path that a page in memory was found by; nothing else can be wrong with it. */
  endsRight(request: PageRequest): boolean
  /** The page's one true path below the mount, if the request's is another. */
  correct(request: PageRequest, found: FoundPage): string | undefined
}

export function createSpelling({ trailingSlash, skipTrailingSlashRedirect }: SpellingSettings): Spelling {
  /** The root of a mount is `/shop`, or `/shop/` with trailing slashes; every other path shows its ending in itself. */
  function endsRight({ pathname, basePath, hasTrailingSlash }: PageRequest): boolean {
    return (
      pathname !== '/' || basePath === '' || hasTrailingSlash === trailingSlash || skipTrailingSlashRedirect
    )
  }

  function correct(request: PageRequest, { pathname }: FoundPage): string | undefined {
    if (request.representation === 'data') return request.pathname === pathname ? undefined : pathname
    const visible = toVisiblePath(pathname, trailingSlash)
    if (request.pathname === visible && endsRight(request)) return undefined
    const differsInSlash = request.pathname === pathname || request.pathname === `${pathname}/`
    if (skipTrailingSlashRedirect && differsInSlash) return undefined
    return visible === '/' && request.basePath !== '' && !trailingSlash ? '' : visible
  }

  return { endsRight, correct }
}
