import { relative, sep } from 'node:path'
import type { ViteDevServer } from 'vite'
import { toRoute } from '../routing/route-of-file.js'

export interface PageWatch {
  pagesDir: string
  extensions: readonly string[]
  /** Page files have come or gone. */
  onChange(): Promise<void>
}

/** Calls back when page files come and go. Returns the way to stop. */
export function watchPages(
  { watcher, config }: ViteDevServer,
  { pagesDir, extensions, onChange }: PageWatch,
): () => void {
  const listener = (path: string): void => {
    const file = relative(pagesDir, path).split(sep).join('/')
    if (file.startsWith('..') || toRoute(file, extensions) === undefined) return
    onChange().catch((error: unknown) => config.logger.error(String(error), { timestamp: true }))
  }
  watcher.on('add', listener)
  watcher.on('unlink', listener)
  return () => {
    watcher.off('add', listener)
    watcher.off('unlink', listener)
  }
}
