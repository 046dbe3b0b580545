import { isDynamicRoute } from '../routing/pattern.js'
import { readFile, stat } from 'node:fs/promises'
import type { ClientExports, DataKind } from '../protocol/client-site.js'
import { pageExportError } from '../errors.js'
import { readPageExports } from './page-exports.js'
import { layoutsAround, type PageFile, type PageFiles } from './page-files.js'

/** What the text of page files tells of them, without running them. */
export interface PageTexts {
  /** Where a page's props come from. Throws for what can be told to be wrong. */
  dataKind(page: PageFile): Promise<DataKind>
  /** Whether a page's parameters are its props. */
  takesParams(page: PageFile): Promise<boolean>
  /** What a page exports for the router in the browser. */
  clientExports(page: PageFile): Promise<ClientExports | undefined>
}

interface PageText {
  readonly data: DataKind
  readonly listsParams: boolean
  readonly client: ClientExports | undefined
}

/** Reads a file again only after it has changed. */
export function createPageTexts(files: () => PageFiles): PageTexts {
  const known = new Map<string, PageText & { changed: number }>()

  async function read(page: PageFile): Promise<PageText> {
    const { mtimeMs } = await stat(page.path)
    const entry = known.get(page.path)
    if (entry?.changed === mtimeMs) return entry
    const code = await readFile(page.path, 'utf8')
    // Also what an editor leaves for a moment, before it writes.
    if (code === '') throw pageExportError(page.file, 'is empty', "Export the page's component by default")
    const { names, data } = readPageExports({ ...page, code })
    const text = {
      changed: mtimeMs,
      data,
      listsParams: names.has('generateStaticParams'),
      client: toClientExports(page.file, names),
    }
    known.set(page.path, text)
    return text
  }

  async function takesParams(page: PageFile): Promise<boolean> {
    const text = await read(page)
    if (text.data !== undefined || text.listsParams || !isDynamicRoute(page.route)) return isFed(text)
    const around = await Promise.all(layoutsAround(page, files()).map(read))
    return around.some(isFed)
  }

  return {
    takesParams,
    clientExports: async (page) => (await read(page)).client,
    async dataKind(page) {
      const { data } = await read(page)
      // Data then says whether the page is there.
      return data ?? ((await takesParams(page)) ? 'static' : undefined)
    },
  }
}

function toClientExports(file: string, names: ReadonlySet<string>): ClientExports | undefined {
  const hasProps = names.has('getClientProps')
  return hasProps || names.has('shouldRefetch') ? { file, hasProps } : undefined
}

function isFed({ data, listsParams }: PageText): boolean {
  return data === undefined && listsParams
}
