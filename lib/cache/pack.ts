import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open, readFile, writeFile, type FileHandle } from 'node:fs/promises'
import { once } from 'node:events'
import { join } from 'node:path'
import { decodeEntry, encodeEntry, type CacheEntry } from './entry.js'

/*
 * The prerendered pages of a build: one file of encoded entries, one after another, and an index of fixed-width records
 * sorted by key hash. Two files stay two files at any number of pages, and start-up reads neither.
 */
const PACK_FILE = 'prerendered.pack'
const INDEX_FILE = 'prerendered.index'
const INDEX_MAGIC = 'PPI1'
const HASH_BYTES = 16
const OFFSET_BYTES = 6
const LENGTH_BYTES = 4
const RECORD_BYTES = HASH_BYTES + OFFSET_BYTES + LENGTH_BYTES

/** Bytes that may wait for the disk. */
const MAX_BUFFERED = 16 * 1024 * 1024

export interface PackWriter {
  /** Appends an entry. A key that was added before is an error of the caller. */
  add(key: string, entry: CacheEntry): Promise<void>
  /** Writes the index; resolves with the number of entries. */
  finish(): Promise<number>
}

/** Writes a new pack into a folder, replacing one that is there. */
export async function createPackWriter(directory: string, buildId = ''): Promise<PackWriter> {
  await mkdir(directory, { recursive: true })
  // Pages are small and many: they gather in memory and go to the disk in large pieces.
  const file = createWriteStream(join(directory, PACK_FILE), { highWaterMark: MAX_BUFFERED })
  await once(file, 'open')
  // One buffer that grows, instead of a small one for every page.
  let records = Buffer.alloc(RECORD_BYTES * 1024)
  let count = 0
  let offset = 0

  return {
    async add(key, entry) {
      const bytes = encodeEntry(key, entry, buildId)
      if (count * RECORD_BYTES === records.length) records = Buffer.concat([records], records.length * 2)
      const at = count * RECORD_BYTES
      hashKey(key).copy(records, at)
      records.writeUIntLE(offset, at + HASH_BYTES, OFFSET_BYTES)
      records.writeUInt32LE(bytes.length, at + HASH_BYTES + OFFSET_BYTES)
      count += 1
      offset += bytes.length
      // A stream drains when nothing is left in it. Until it is really full, rendering goes on while the disk writes.
      file.write(bytes)
      if (file.writableLength > MAX_BUFFERED) await once(file, 'drain')
    },
    async finish() {
      file.end()
      await once(file, 'close')
      const views = Array.from({ length: count }, (_, index) =>
        records.subarray(index * RECORD_BYTES, (index + 1) * RECORD_BYTES),
      )
      views.sort(Buffer.compare)
      await writeFile(join(directory, INDEX_FILE), Buffer.concat([Buffer.from(INDEX_MAGIC), ...views]))
      return count
    },
  }
}

export interface PackReader {
  /** Whether a page was prerendered under this key, whatever became of it since. */
  has(key: string): Promise<boolean>
  get(key: string): Promise<CacheEntry | undefined>
  close(): Promise<void>
}

/** Reads a pack; the index is loaded at the first question. A folder without a pack has no entries. */
export function createPackReader(directory: string, buildId = ''): PackReader {
  let opening: Promise<OpenPack | undefined> | undefined
  const opened = () => (opening ??= openPack(directory))

  return {
    async has(key) {
      const pack = await opened()
      return pack !== undefined && findRecord(pack.index, hashKey(key)) !== undefined
    },
    async get(key) {
      const pack = await opened()
      const record = pack && findRecord(pack.index, hashKey(key))
      if (record === undefined) return undefined
      const bytes = Buffer.allocUnsafe(record.length)
      const { bytesRead } = await pack!.file.read(bytes, 0, record.length, record.offset)
      return bytesRead === record.length ? decodeEntry(key, bytes, buildId) : undefined
    },
    async close() {
      const pack = await opening
      await pack?.file.close()
    },
  }
}

interface OpenPack {
  file: FileHandle
  index: Buffer
}

async function openPack(directory: string): Promise<OpenPack | undefined> {
  const index = await readFile(join(directory, INDEX_FILE)).catch(() => undefined)
  const isWhole = index !== undefined && (index.length - INDEX_MAGIC.length) % RECORD_BYTES === 0
  if (!isWhole || index.toString('latin1', 0, INDEX_MAGIC.length) !== INDEX_MAGIC) return undefined
  const file = await open(join(directory, PACK_FILE)).catch(() => undefined)
  return file && { file, index: index.subarray(INDEX_MAGIC.length) }
}

function findRecord(index: Buffer, hash: Buffer): { offset: number; length: number } | undefined {
  let low = 0
  let high = index.length / RECORD_BYTES - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const start = middle * RECORD_BYTES
    const order = index.compare(hash, 0, HASH_BYTES, start, start + HASH_BYTES)
    if (order === 0) {
      const at = start + HASH_BYTES
      return { offset: index.readUIntLE(at, OFFSET_BYTES), length: index.readUInt32LE(at + OFFSET_BYTES) }
    }
    if (order < 0) low = middle + 1
    else high = middle - 1
  }
  return undefined
}

function hashKey(key: string): Buffer {
  return createHash('sha256').update(key).digest().subarray(0, HASH_BYTES)
}
