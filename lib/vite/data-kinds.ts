import { readFile, stat } from 'node:fs/promises'
import type { DataKind } from '../protocol/client-site.js'
import { readPageExports } from './page-exports.js'
import type { PageFile } from './page-files.js'

/** Reads where the props of page files come from, and reads a file again only after it has changed. */
export function createDataKinds(): (page: PageFile) => Promise<DataKind> {
  const known = new Map<string, { changed: number; data: DataKind }>()
  return async (page) => {
    const { mtimeMs } = await stat(page.path)
    const entry = known.get(page.path)
    if (entry?.changed === mtimeMs) return entry.data
    const { data } = readPageExports({ ...page, code: await readFile(page.path, 'utf8') })
    known.set(page.path, { changed: mtimeMs, data })
    return data
  }
}
