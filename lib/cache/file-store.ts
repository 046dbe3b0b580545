import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, rename, rm, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createDiskBudget } from './disk-budget.js'
import { decodeEntry, encodeEntry, type CacheEntry } from './entry.js'
import { createMarkLog } from './mark-log.js'
import { grantLease, type CacheStore } from './store.js'

export interface FileStoreOptions {
  /** Folder for what is produced after the build; made when the first entry is kept. */
  directory: string
  buildId?: string
  /** Where invalidations are noted; they concern all builds, the folder is one build's. @default `marks.log` in it */
  marksFile?: string
  /** Bytes that the folder may hold, about. @default 1 GiB */
  maxBytes?: number
  now?: () => number
  /** Hears that the folder cannot be written, once until it can be again. Pages then live in memory. */
  onError(error: unknown): void
}

export interface FileStore extends CacheStore {
  /** Resolves when the folder has been measured and has room. */
  settled(): Promise<void>
}

const GIB = 1024 ** 3
/** Milliseconds without a try after a write has failed: a full disk is not asked for every page. */
const PAUSE_AFTER_FAILURE = 10_000
/** No entry is near it; a larger file is none of ours. */
const LARGEST_FILE = 256 * 1024 * 1024

/**
 * Keeps entries as files, one each. A file is named by a hash of its key and appears whole or not at all; a damaged or
 * foreign one is a miss, and removed.
 */
export function createFileStore(options: FileStoreOptions): FileStore {
  const { directory, buildId = '', maxBytes = GIB, now = Date.now, onError } = options
  /** The last of the writes under way for a file: they run one after another, or an older one could end last. */
  const writing = new Map<string, Promise<void>>()
  const budget = createDiskBudget(directory, maxBytes)
  const log = createMarkLog(options.marksFile ?? join(directory, 'marks.log'))
  let hasWarned = false
  let pausedUntil = -Infinity

  function fileOf(key: string): string {
    // Lone surrogates all encode alike: what tells them apart is written out.
    const name = createHash('sha256').update(key, 'utf16le').digest('hex')
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

  async function read(file: string, key: string): Promise<{ entry?: CacheEntry; size: number }> {
    const bytes = await readWhole(file)
    if (bytes === undefined) return { size: 0 }
    const entry = bytes === 'unusable' ? undefined : decodeEntry(key, bytes, buildId)
    if (entry !== undefined) return { entry, size: bytes.length }
    await rm(file, { recursive: true, force: true }).catch(() => undefined)
    return { size: 0 }
  }

  /** Another process may have written what was rendered later, unless its clock was wrong. */
  async function writeUnlessNewer(file: string, key: string, entry: CacheEntry): Promise<void> {
    const kept = await read(file, key)
    const keptAt = kept.entry?.renderedAt ?? -Infinity
    if (keptAt > entry.renderedAt && keptAt <= now() + LARGEST_LEAD) return
    const bytes = encodeEntry(key, entry, buildId)
    await writeWhole(file, bytes)
    budget.grew(bytes.length - kept.size)
  }

  function failed(error: unknown): void {
    pausedUntil = performance.now() + PAUSE_AFTER_FAILURE
    if (!hasWarned) onError(error)
    hasWarned = true
  }

  return {
    async get(key) {
      await log.ready
      return (await read(fileOf(key), key)).entry
    },
    async set(key, entry) {
      if (performance.now() < pausedUntil) return
      const file = fileOf(key)
      try {
        await inTurn(file, () => writeUnlessNewer(file, key, entry))
        hasWarned = false
      } catch (error) {
        failed(error)
      }
    },
    delete(key) {
      const file = fileOf(key)
      return inTurn(file, () => rm(file, { force: true }))
    },
    lease: grantLease,
    async invalidate({ name, isSoft, before = now() + 1 }) {
      try {
        await log.append({ name, isSoft, before })
      } catch (error) {
        failed(error)
      }
      return before
    },
    subscribe: ({ invalidated }) => log.follow(invalidated),
    settled: () => budget.settled(),
  }
}

/** An entry further ahead of the clock was written while the clock was wrong. */
const LARGEST_LEAD = 1_000

async function readWhole(file: string): Promise<Buffer | 'unusable' | undefined> {
  try {
    // A link is nobody's entry.
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      const found = await handle.stat()
      if (!found.isFile() || found.size > LARGEST_FILE) return 'unusable'
      return await handle.readFile()
    } finally {
      await handle.close()
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ELOOP' || code === 'EISDIR' ? 'unusable' : undefined
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
