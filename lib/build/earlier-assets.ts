import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildFolders } from '../server/build-manifest.js'
import { findFiles } from '../server/find-files.js'
import { ASSETS_FOLDER } from './bundle-settings.js'

/** Beside the server's modules: nobody is served it. */
const LIST_FILE = join(buildFolders.server, 'assets.json')
/** How many builds back a page may be that is still open in a browser. */
const EARLIER_BUILDS = 3

interface BuildAssets {
  readonly buildId: string
  /** Names in the assets' folder. */
  readonly files: readonly string[]
}

/**
 * Adds the hashed files of the builds before to a new build, so that pages that are open in browsers find the code they
 * were built with. Only the last few builds are kept; a build folder that begins empty has none.
 */
export async function keepEarlierAssets(outDir: string, folder: string, buildId: string): Promise<void> {
  const [from, to] = [outDir, folder].map((build) => join(build, buildFolders.client, ASSETS_FOLDER)) as [
    string,
    string,
  ]
  const own = await findFiles(to)
  const earlier = (await readList(join(outDir, LIST_FILE)))
    .filter((build) => build.buildId !== buildId)
    .slice(0, EARLIER_BUILDS)
  const present = new Set(own)
  for (const file of earlier.flatMap(({ files }) => files)) {
    if (present.has(file) || !existsSync(join(from, file))) continue
    present.add(file)
    await copyFile(join(from, file), join(to, file))
  }
  const list: BuildAssets[] = [{ buildId, files: own }, ...earlier]
  await writeFile(join(folder, LIST_FILE), `${JSON.stringify(list)}\n`)
}

/** A list that is missing or damaged is one of no builds: what is lost is a document load in a tab that is open. */
async function readList(file: string): Promise<BuildAssets[]> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as BuildAssets[]
  } catch {
    return []
  }
}
