import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * All files in a directory and below, relative to it and with slashes; none if there is no such directory. Names that
 * begin with a dot are left out, `.well-known` excepted. Links are followed, but never back to a folder they are in.
 */
export async function findFiles(directory: string): Promise<string[]> {
  const files: string[] = []
  await collect({ directory, path: '', above: [] }, files)
  return files.sort()
}

interface Folder {
  readonly directory: string
  /** Relative to the directory that was asked for: `''`, or e.g. `images/`. */
  readonly path: string
  readonly above: readonly string[]
}

async function collect({ directory, path, above }: Folder, files: string[]): Promise<void> {
  const real = await realpath(directory).catch(ignoreMissing)
  if (real === undefined || above.includes(real)) return
  for (const entry of await readdir(real, { withFileTypes: true })) {
    if (entry.name.startsWith('.') && entry.name !== '.well-known') continue
    const full = join(real, entry.name)
    const kind = entry.isSymbolicLink() ? await stat(full).catch(ignoreMissing) : entry
    if (kind?.isFile()) files.push(path + entry.name)
    else if (kind?.isDirectory()) {
      await collect({ directory: full, path: `${path}${entry.name}/`, above: [...above, real] }, files)
    }
  }
}

/** A link that leads nowhere is no file. */
function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ELOOP') return undefined
  throw error
}
