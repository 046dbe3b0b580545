import {
  startBrowserSite,
  visit,
  type BrowserSite,
  type BrowserSiteOptions,
  type Visit,
} from './browser-site.js'

/** Starts the fixture for the tests of a file; each test gets fresh contexts, whose consoles must stay empty. */
export function useBrowserSite(options: BrowserSiteOptions = {}): {
  at(path: string): Promise<Visit>
  url(): string
} {
  let site: BrowserSite
  let open: Visit[] = []

  beforeAll(async () => {
    site = await startBrowserSite(options)
  }, 120_000)
  afterAll(() => site?.stop())
  afterEach(async () => {
    const visits = open
    open = []
    for (const { close } of visits) await close()
    // A test that expects problems empties the list.
    expect(visits.flatMap(({ problems }) => problems)).toEqual([])
  })

  return {
    url: () => site.url,
    async at(path) {
      const opened = await visit(site, path)
      open.push(opened)
      return opened
    },
  }
}
