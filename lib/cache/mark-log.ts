import { randomBytes } from 'node:crypto'
import { appendFile, mkdir, open, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Mark } from './store.js'

/**
 * Invalidations in a file, one a line: what a process knows of them when it starts again, and how several processes
 * with one folder hear of each other's.
 */
export interface MarkLog {
  append(mark: Mark): Promise<void>
  /** Reads all marks that are there, then those that come. Returns what ends it. */
  follow(onMark: (mark: Mark) => void): () => void
  /** Resolves when what was there at the start has been read. */
  readonly ready: Promise<void>
}

/** Lines from which on it is worth while to leave only the last of each name. */
const LONG = 1_000

/** How often the file is looked at for what other processes have added. */
const LOOK_EVERY = 500

export function createMarkLog(file: string): MarkLog {
  let position = 0
  let rest = ''
  let reading: Promise<void> | undefined
  let onMark: (mark: Mark) => void = () => {}

  /** Reads what has been added since the last time; a file that became shorter is another one. */
  async function readMore(): Promise<void> {
    const handle = await open(file, 'r').catch(() => undefined)
    if (handle === undefined) return
    try {
      const { size } = await handle.stat()
      if (size < position) [position, rest] = [0, '']
      if (size === position) return
      const bytes = Buffer.alloc(size - position)
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, position)
      position += bytesRead
      const lines = (rest + bytes.toString('latin1', 0, bytesRead)).split('\n')
      rest = lines.pop()!
      for (const line of lines) {
        const mark = parseMark(line)
        if (mark !== undefined) onMark(mark)
      }
    } finally {
      await handle.close()
    }
  }

  /** One reading at a time, or a line would be read twice. */
  function read(): Promise<void> {
    return (reading ??= readMore()
      .catch(() => undefined)
      .finally(() => {
        reading = undefined
      }))
  }

  /** Reads what there is, and leaves a file of what still counts if that is much shorter. */
  async function readAll(): Promise<void> {
    const last = new Map<string, Mark>()
    let lines = 0
    const tell = onMark
    onMark = (mark) => {
      lines += 1
      last.set(`${mark.isSoft ? 'soft' : 'hard'} ${mark.name}`, mark)
      tell(mark)
    }
    await read()
    onMark = tell
    if (lines < LONG || last.size > lines / 2) return
    const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
    await writeFile(temporary, [...last.values()].map(toLine).join(''), { flag: 'wx', mode: 0o600 })
    await rename(temporary, file)
  }

  let ready: Promise<void> = Promise.resolve()
  return {
    async append(mark) {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      await appendFile(file, toLine(mark), { mode: 0o600 })
    },
    follow(listener) {
      onMark = listener
      ready = readAll().catch(() => undefined)
      const timer = setInterval(() => void read(), LOOK_EVERY)
      timer.unref()
      return () => clearInterval(timer)
    },
    get ready() {
      return ready
    },
  }
}

/** ASCII alone, so that bytes can be split anywhere; begins with a newline in case the last writer was killed in a line. */
function toLine({ name, before, isSoft }: Mark): string {
  return `\n${JSON.stringify([encodeURIComponent(name.toWellFormed()), before, isSoft])}\n`
}

function parseMark(line: string): Mark | undefined {
  try {
    const [name, before, isSoft] = JSON.parse(line) as unknown[]
    if (typeof name !== 'string' || typeof before !== 'number') return undefined
    return { name: decodeURIComponent(name), before, isSoft: isSoft === true }
  } catch {
    return undefined
  }
}
