import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { conflictingPublicFiles, reservedPublicFolder } from '../errors.js'
import { listFiles, routedFiles, toRelative, type PageFiles } from './page-files.js'

/** First path segments that belong to the library, or to what browsers know from the field. */
const RESERVED = ['_assets', '_data', '_next']

/** Throws if the public folder holds a folder or file at a URL that the library serves itself. */
export function assertNothingReserved(root: string, publicDir: string): void {
  for (const name of RESERVED)
    if (existsSync(join(publicDir, name))) throw reservedPublicFolder(toRelative(root, join(publicDir, name)))
}

/** Throws, naming them all, if files of the public folder have the URLs of pages. */
export async function assertNoPublicConflicts(
  root: string,
  publicDir: string,
  files: PageFiles,
): Promise<void> {
  const byRoute = new Map(routedFiles(files).map((page) => [page.route, page.file]))
  const conflicts = (await listFiles(publicDir)).flatMap((name) => {
    const page = byRoute.get(`/${name}`)
    return page === undefined
      ? []
      : [{ path: `/${name}`, file: toRelative(root, join(publicDir, name)), with: `\`${page}\`` }]
  })
  if (conflicts.length > 0) throw conflictingPublicFiles(conflicts)
}
