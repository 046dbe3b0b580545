import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { decodeEntry, encodeEntry, type CacheEntry } from './entry.js'
import type { PackReader } from './pack.js'
import type { CacheStore } from './store.js'

export interface FileStoreOptions {
  /** Folder for what is produced after the build; made when the first entry is kept. */
  directory: string
  /** What the build prerendered; read-only. */
  seed: PackReader
  /** Hears once that the folder cannot be written. Pages then live in memory and in the seed. */
  onError(error: unknown): void
}

/**
 * Keeps entries as files, one each, over the build's pack. A file is named by a hash of its key and appears whole or
 * not at all; a damaged or foreign one is a miss.
 */
export function createFileStore({ directory, seed, onError }: FileStoreOptions): CacheStore {
  let hasWarned = false
  /** The last of the writes under way for a file: they run one after another, or an older one could end last. */
  const writing = new Map<string, Promise<void>>()

  async function get(key: string): Promise<CacheEntry | undefined> {
    const [kept, seeded] = await Promise.all([readEntry(fileOf(key), key), seed.get(key)])
    if (kept === undefined || seeded === undefined) return kept ?? seeded
    // A new build over an old folder: whichever render is newer counts.
    return kept.renderedAt >= seeded.renderedAt ? kept : seeded
  }

  function fileOf(key: string): string {
    const name = createHash('sha256').update(key).digest('hex')
    return join(directory, name.slice(0, 2), name.slice(2))
  }

  function inTurn(file: string, write: () => Promise<void>): Promise<void> {
    const before = writing.get(file) ?? Promise.resolve()
    const done = before.then(write, write).finally(() => {
      if (writing.get(file) === done) writing.delete(file)
    })
    writing.set(file, done)
    return done
  }

  /** Another process may have written what was rendered later. */
  async function writeUnlessNewer(file: string, key: string, entry: CacheEntry): Promise<void> {
    const kept = await readEntry(file, key)
    if (kept === undefined || kept.renderedAt <= entry.renderedAt)
      await writeWhole(file, encodeEntry(key, entry))
  }

  return {
    get,
    async set(key, entry) {
      const file = fileOf(key)
      try {
        await inTurn(file, () => writeUnlessNewer(file, key, entry))
      } catch (error) {
        if (!hasWarned) onError(error)
        hasWarned = true
      }
    },
    delete(key) {
      const file = fileOf(key)
      return inTurn(file, () => rm(file, { force: true }))
    },
  }
}

async function readEntry(file: string, key: string): Promise<CacheEntry | undefined> {
  try {
    return decodeEntry(key, await readFile(file))
  } catch {
    return undefined
  }
}

async function writeWhole(file: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await unlink(temporary).catch(() => undefined)
    throw error
  }
}
