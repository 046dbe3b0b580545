import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { buildFolders } from '../server/build-manifest.js'

/** How many builds back a server may be that still runs. */
const EARLIER_BUILDS = 3
const NAME = /^build-\w+$/

/**
 * A folder for the modules of a new build. A server loads a page's module when it first needs it, which may be after the
 * next build: then it must find its own, not the next build's under the same name.
 */
export function newServerDir(): string {
  // Names sort by age.
  return `${buildFolders.server}/build-${Date.now().toString(36)}`
}

/** Puts the modules of a new build beside those of the last few, and removes all others. */
export async function replaceServer(folder: string, made: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const present = await readdir(folder)
  const earlier = present.filter((name) => NAME.test(name)).sort()
  const kept = new Set(earlier.slice(-EARLIER_BUILDS))
  for (const name of present)
    if (!kept.has(name)) await rm(join(folder, name), { recursive: true, force: true })
  for (const name of await readdir(made)) await rename(join(made, name), join(folder, name))
}
