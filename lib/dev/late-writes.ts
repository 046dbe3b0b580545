import { stat } from 'node:fs/promises'
import type { ViteDevServer } from 'vite'

/**
 * For how long, in milliseconds, the watcher keeps quiet about a file of which it has just told (50 in chokidar), and a
 * little more.
 */
const QUIET_MS = 60

/**
 * Tells of a file once more that was written again while the watcher kept quiet about it: by an editor that writes in steps,
 * or a formatter that runs on saving. What was read after the first write would else be shown until the next edit.
 */
export function tellOfLateWrites(watcher: ViteDevServer['watcher']): void {
  watcher.on('change', (path, told) => {
    setTimeout(() => {
      stat(path).then(
        (now) => {
          if (now.mtimeMs !== told?.mtimeMs || now.size !== told.size) watcher.emit('change', path, now)
        },
        // It has been removed, of which the watcher tells.
        () => {},
      )
    }, QUIET_MS).unref()
  })
}
