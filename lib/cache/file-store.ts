import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, rename, rm, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PagesError, toReason } from '../errors.js'
import { createDiskBudget } from './disk-budget.js'
import { decodeEntry, encodeEntry, entryBytes, type CacheEntry } from './entry.js'
import { whileLocked } from './file-lock.js'
import { nextTurnIfLarge } from './loop.js'
import { createMarkLog } from './mark-log.js'
import { grantLease, type CacheStore } from './store.js'
import { createWriteQueue } from './write-queue.js'

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
/**
 * Bytes of pages that may wait to be written; what comes on top stays in memory alone. A flood of renders is faster than a
 * disk, and what waits for it occupies memory.
 */
const MOST_WAITING = 4 * 1024 * 1024
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
  const writes = createWriteQueue(MOST_WAITING)
  /** What is being written: who asks meanwhile gets it, not the page from before. */
  const pending = new Map<string, CacheEntry>()

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
    // One that waited before it has failed.
    if (performance.now() < pausedUntil) return
    await nextTurnIfLarge(entryBytes(entry))
    const bytes = encodeEntry(key, entry, buildId)
    await budget.take(bytes.length)
    let gone = bytes.length
    try {
      await writeWhole(file, bytes, (replace) =>
        whileLocked(file, async () => {
          const kept = await read(file, key)
          const keptAt = kept.entry?.renderedAt ?? -Infinity
          if (keptAt > entry.renderedAt && keptAt <= now() + LARGEST_LEAD) return
          await replace()
          gone = kept.size
        }),
      )
    } finally {
      budget.give(gone)
    }
  }

  function remove(file: string): Promise<void> {
    pending.delete(file)
    return inTurn(file, () => rm(file, { force: true }))
  }

  function failed(error: unknown): void {
    pausedUntil = performance.now() + PAUSE_AFTER_FAILURE
    if (!hasWarned) onError(folderUnusable(directory, error))
    hasWarned = true
  }

  return {
    async get(key) {
      await log.ready
      const file = fileOf(key)
      const own = pending.get(file)
      const { entry } = await read(file, key)
      // While ours waits for its turn, another process may have put a younger one there.
      const isYounger = entry !== undefined && entry.renderedAt <= now() + LARGEST_LEAD
      return own === undefined || (isYounger && entry.renderedAt > own.renderedAt) ? entry : own
    },
    async set(key, entry) {
      if (performance.now() < pausedUntil) return
      const file = fileOf(key)
      const bytes = entryBytes(entry)
      // What is on the disk is older than what memory has, and must not come back.
      if (!writes.take(bytes)) return remove(file).catch(() => undefined)
      if ((pending.get(file)?.renderedAt ?? -Infinity) <= entry.renderedAt) pending.set(file, entry)
      try {
        await inTurn(file, () => writes.run(() => writeUnlessNewer(file, key, entry)))
        hasWarned = false
      } catch (error) {
        failed(error)
      } finally {
        writes.give(bytes)
        if (pending.get(file) === entry) pending.delete(file)
      }
    },
    delete: (key) => remove(fileOf(key)),
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

function folderUnusable(directory: string, cause: unknown): PagesError {
  return new PagesError(
    'PAGES_STORE',
    `The folder of cached pages \`${directory}\` cannot be written: ${toReason(cause)} Pages stay in memory, and writing is tried again every ${PAUSE_AFTER_FAILURE / 1000} seconds. See that the disk has room, and that this process may write there.`,
    { cause },
  )
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

/** Writes a file that is at hand, whole, when it is to take another's place, if it is to. */
async function writeWhole(
  file: string,
  bytes: Buffer,
  decide: (replace: () => Promise<void>) => Promise<void>,
): Promise<void> {
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
    await decide(() => rename(temporary, file))
  } finally {
    await unlink(temporary).catch(() => undefined)
  }
}
