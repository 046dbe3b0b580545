import { readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Keeps a folder of hashed files within a number of bytes, and removes what killed processes have left half written.
 *
 * The folder is measured behind the first write, one sub-folder after another; a process that writes nothing reads
 * nothing. Where there is too much, a few sub-folders after the others lose the older half of their files until a tenth of
 * the room is free: hashes spread the files, so that the oldest of any few are about the oldest of all. Writes wait for
 * that, or a flood of them would be faster.
 */
export interface DiskBudget {
  /** Counts bytes that are about to be written, when there is room: whoever writes faster than it is made waits. */
  take(bytes: number): Promise<void>
  /** Counts bytes that are there no more, or never came to be. */
  give(bytes: number): void
  /** Resolves when nothing is being measured or removed. */
  settled(): Promise<void>
}

/** A temporary file that is older was left behind by a process that died. */
const ABANDONED_AFTER = 60_000
const FREE_PART = 0.1
/** What may be added to a folder of which nobody knows yet how full it is. */
const UNMEASURED_PART = 0.05
/** Sub-folders that are looked at together. */
const BATCH = 32

export function createDiskBudget(directory: string, maxBytes: number): DiskBudget {
  let total = 0
  let work: Promise<void> | undefined
  let isMeasured = false

  function begin(task: () => Promise<void>): void {
    work ??= task()
      .catch(() => undefined)
      .finally(() => {
        work = undefined
      })
  }

  async function measure(): Promise<void> {
    const before = total
    let measured = 0
    for (const folder of await subfolders(directory))
      for (const { size } of await filesOf(join(directory, folder))) measured += size
    // What was written meanwhile may have been measured or not: it is counted, and where that is twice, room is made early.
    total = measured + Math.max(0, total - before)
    isMeasured = true
    if (total > maxBytes) await makeRoom()
  }

  async function makeRoom(): Promise<void> {
    const folders = await subfolders(directory)
    const first = Math.floor(Math.random() * folders.length)
    const enough = maxBytes * (1 - FREE_PART)
    for (let index = 0; index < folders.length && total > enough; index += BATCH) {
      const batch = folders.slice(index, index + BATCH).keys()
      const files: KeptFile[] = []
      for (const at of batch)
        files.push(...(await filesOf(join(directory, folders[(first + index + at) % folders.length]!))))
      files.sort((a, b) => a.changedAt - b.changedAt)
      await removeOldest(files.slice(0, Math.ceil(files.length / 2)), enough)
    }
    // What is left over comes from miscounting: count anew.
    if (total > maxBytes) isMeasured = false
  }

  async function removeOldest(files: readonly KeptFile[], enough: number): Promise<void> {
    for (const { path, size } of files) {
      if (total <= enough) return
      await unlink(path).catch(() => undefined)
      total -= size
    }
  }

  return {
    async take(bytes) {
      while (work !== undefined && total > maxBytes * (isMeasured ? 1 : UNMEASURED_PART)) await work
      total += bytes
      if (!isMeasured) begin(measure)
      else if (total > maxBytes) begin(makeRoom)
    },
    give(bytes) {
      total -= bytes
    },
    async settled() {
      while (work !== undefined) await work
    },
  }
}

async function subfolders(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => [])
  return names.filter((name) => /^[0-9a-f]{2}$/.test(name))
}

interface KeptFile {
  readonly path: string
  readonly size: number
  readonly changedAt: number
}

async function filesOf(folder: string): Promise<KeptFile[]> {
  const files: KeptFile[] = []
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => undefined)
    if (found === undefined || !found.isFile()) continue
    const isLock = name.endsWith('.lock')
    const isAbandoned = (isLock || name.endsWith('.tmp')) && Date.now() - found.mtimeMs > ABANDONED_AFTER
    if (isAbandoned) await unlink(path).catch(() => undefined)
    else if (!isLock) files.push({ path, size: found.size, changedAt: found.mtimeMs })
  }
  return files
}
