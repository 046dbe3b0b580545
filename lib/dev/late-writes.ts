import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { ViteDevServer } from 'vite'

/**
 * For how long, in milliseconds, the watcher keeps quiet about a file of which it has just told (50 in chokidar), and a
 * little more.
 */
const QUIET_MS = 60

/** An editor that never stops is read as it stands. */
const MOST_READS = 5

/**
 * Reads a file of which the watcher has told, when nobody is at it: many editors empty a file before they write it. Of what
 * is written while the watcher keeps quiet, as by a formatter that runs on saving, it is made to tell after all. What was read
 * in between would else be shown until the next edit.
 *
 * @param read reads the file, and waits a moment for one that is empty
 */
export async function readWritten(
  file: string,
  read: () => string | Promise<string>,
  watcher: ViteDevServer['watcher'],
): Promise<string> {
  let seen = await statOf(file)
  let text = await read()
  for (let reads = 1; reads < MOST_READS; reads += 1) {
    const now = await statOf(file)
    if (isSame(seen, now)) break
    seen = now
    text = await read()
  }
  setTimeout(() => {
    void statOf(file).then((now) => {
      if (now && !isSame(seen, now)) watcher.emit('change', file, now)
    })
  }, QUIET_MS).unref()
  return text
}

/** Nothing, if it has been removed. */
function statOf(file: string): Promise<Stats | undefined> {
  return stat(file).catch(() => undefined)
}

function isSame(a: Stats | undefined, b: Stats | undefined): boolean {
  return a?.mtimeMs === b?.mtimeMs && a?.size === b?.size
}
