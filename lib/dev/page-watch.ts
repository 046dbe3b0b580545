import { relative, sep } from 'node:path'
import type { ViteDevServer } from 'vite'
import { toRoute } from '../routing/route-of-file.js'

export interface PageWatch {
  pagesDir: string
  extensions: readonly string[]
  /** Whether an edit has made another thing of a page: a route handler, or one whose data comes from elsewhere. */
  changesRole(path: string): Promise<boolean>
  /** Page files have come or gone. */
  onChange(): Promise<void>
}

/** Calls back when page files come and go. Returns the way to stop. */
export function watchPages(
  { watcher, config }: ViteDevServer,
  { pagesDir, extensions, changesRole, onChange }: PageWatch,
): () => void {
  const log = (error: unknown) => config.logger.error(String(error), { timestamp: true })
  const isPage = (path: string) => {
    const file = relative(pagesDir, path).split(sep).join('/')
    return !file.startsWith('..') && toRoute(file, extensions) !== undefined
  }
  const listener = (path: string): void => {
    if (isPage(path)) onChange().catch(log)
  }
  const changed = (path: string): void => {
    if (isPage(path))
      changesRole(path)
        .then((isNew) => (isNew ? onChange() : undefined), log)
        .catch(log)
  }
  watcher.on('change', changed)
  watcher.on('add', listener)
  watcher.on('unlink', listener)
  return () => {
    watcher.off('change', changed)
    watcher.off('add', listener)
    watcher.off('unlink', listener)
  }
}
