import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A build that has been served within this time may be so again: a roll-back finds its pages. */
const KEPT_FOR = 7 * 86_400_000

/**
 * Removes what builds have kept that nobody has served for a week. A build's folder changes when a page is kept in it
 * for the first time, and its list of invalidations with each.
 *
 * @param directory holds a folder for each build
 */
export async function removeOldCaches(directory: string, buildId: string, now = Date.now()): Promise<void> {
  const names = await readdir(directory).catch(() => [])
  for (const name of names.filter((one) => one !== buildId)) {
    const folder = join(directory, name)
    const changedAt = await lastChange(folder)
    if (changedAt !== undefined && now - changedAt > KEPT_FOR)
      await rm(folder, { recursive: true, force: true }).catch(() => undefined)
  }
}

/** The youngest of a folder and what lies directly in it. */
async function lastChange(folder: string): Promise<number | undefined> {
  const names = await readdir(folder).catch(() => undefined)
  if (names === undefined) return undefined
  const times = await Promise.all(
    ['', ...names].map((name) =>
      stat(join(folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  )
  return Math.max(...times)
}
