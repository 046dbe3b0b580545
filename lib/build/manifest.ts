import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MANIFEST_FILE, MANIFEST_FORMAT, type BuildManifest } from '../server/build-manifest.js'
import { listFiles } from '../vite/page-files.js'

export async function writeManifest(outDir: string, manifest: Omit<BuildManifest, 'format'>): Promise<void> {
  await writeFile(
    join(outDir, MANIFEST_FILE),
    `${JSON.stringify({ format: MANIFEST_FORMAT, ...manifest })}\n`,
  )
}

/** A name for what was built: the same for the same output, another one for any other. */
export async function toBuildId(folders: readonly string[], extra: unknown): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(extra))
  for (const folder of folders) {
    for (const file of await listFiles(folder)) {
      // Maps hold the paths of the machine that built.
      if (file.endsWith('.map')) continue
      const bytes = await readFile(join(folder, file))
      hash.update(`\0${file}\0${bytes.length}\0`).update(bytes)
    }
  }
  return hash.digest('base64url').replace(/[-_]/g, '').slice(0, 16)
}
