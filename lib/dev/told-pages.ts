import type { ClientExports, DataKind } from '../protocol/client-site.js'
import { tablePages, type PageFile, type PageFiles } from '../vite/page-files.js'
import type { PageTexts } from '../vite/page-texts.js'

/** What the table of pages that browsers have says of the pages. An edit can make it untrue. */
export interface ToldPages {
  /** For making the table: a page that cannot be read is left for its own visitors to hear of. */
  readonly texts: PageTexts
  /** Whether the pages are not what browsers have been told any more. */
  isOutdated(): Promise<boolean>
}

export function createToldPages(texts: PageTexts, files: () => PageFiles): ToldPages {
  const told = new Map<string, PageFacts>()

  /** `undefined` while the page, or a layout around it, cannot be read: an edit is under way. */
  async function read(page: PageFile): Promise<PageFacts | undefined> {
    try {
      return {
        data: await texts.dataKind(page),
        takesParams: await texts.takesParams(page),
        client: await texts.clientExports(page),
      }
    } catch {
      return undefined
    }
  }

  async function tell(page: PageFile): Promise<PageFacts> {
    const facts = (await read(page)) ?? told.get(page.path) ?? unknown
    told.set(page.path, facts)
    return facts
  }

  return {
    texts: {
      dataKind: async (page) => (await tell(page)).data,
      takesParams: async (page) => (await tell(page)).takesParams,
      clientExports: async (page) => (await tell(page)).client,
    },
    async isOutdated() {
      const changes = tablePages(files()).map(async (page) => {
        const before = told.get(page.path)
        const now = before && (await read(page))
        return now !== undefined && JSON.stringify(now) !== JSON.stringify(before)
      })
      return (await Promise.all(changes)).includes(true)
    },
  }
}

interface PageFacts {
  readonly data: DataKind
  readonly takesParams: boolean
  readonly client: ClientExports | undefined
}

const unknown: PageFacts = { data: undefined, takesParams: false, client: undefined }
