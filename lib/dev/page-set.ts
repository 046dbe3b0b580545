import { createRouteTable } from '../routing/table.js'
import type { RouteTable } from '../routing/trie.js'
import type { PageRecord, SpecialPages } from '../server/page-source.js'
import {
  findPages,
  routedFiles,
  type FindPagesOptions,
  type PageFile,
  type PageFiles,
} from '../vite/page-files.js'

/** The pages of a project as they are now, in the forms that its readers need. */
export interface PageSet {
  readonly files: PageFiles
  /** Throws while two page files are in conflict. */
  readonly routes: RouteTable<PageRecord>
  readonly special: SpecialPages
  fileOf(record: PageRecord): PageFile
}

/** Reads the pages folder. Two files for one route are reported, and the first is served. */
export async function readPageSet(
  options: FindPagesOptions,
  onWarning: (message: string) => void,
): Promise<PageSet> {
  const files = await findPages(options)
  const all = routedFiles(files)
  const table = attempt(() =>
    createRouteTable<PageRecord>(
      all.map((page) => ({ route: page.route, file: page.file, value: page })),
      {
        onDuplicate: (first, second) =>
          onWarning(
            `Duplicate page detected: \`${first.file}\` and \`${second.file}\` are both ${first.route}. The first is served.`,
          ),
      },
    ),
  )
  return {
    files,
    get routes() {
      return table()
    },
    special: { notFound: files.notFound, serverError: files.serverError, error: files.error },
    fileOf: (record) => record as PageFile,
  }
}

/** The result, or a function that throws what was thrown, whenever it is asked. */
function attempt<T>(make: () => T): () => T {
  try {
    const value = make()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}
