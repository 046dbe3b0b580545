import type { CacheEntry } from '../../lib/cache/entry.js'
import { failOnConsole } from '../support/console.js'
import { expressVersions } from '../support/express.js'
import { askRaw } from '../support/raw.js'
import { serveSecuritySite } from '../support/security-site.js'
import { stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

describe.each(expressVersions)('cache keys on %s', (_, createApp) => {
  it('has one entry for a page, whatever stands behind its path [S51]', async () => {
    const site = await serveSecuritySite({ createApp })
    for (const path of [
      '/isr/a',
      '/isr/a/',
      '/isr/a?',
      '/isr/a?x',
      '/isr/a/?x',
      '/_data/isr/a.json',
      '/_data/isr/a.json?x',
    ]) {
      const { status, headers } = await site.ask(path)
      if (status === 308) expect(headers.location?.replace(/\?.*/, '')).toBe('/isr/a')
      else expect([path, status]).toEqual([path, 200])
    }
    for (const path of [
      '/isr/%61',
      '/ISR/a',
      '/isr//a',
      '//isr/a',
      '/isr/./a',
      '/isr/%2e/a',
      '/isr\\a',
      '/_data/isr/%61.json',
      '/_data/ISR/a.json',
      '/_data/isr//a.json',
    ]) {
      const { status, headers } = await askRaw(site.port, path)
      if (status === 308) expect([path, headers['location']]).toEqual([path, '/isr/a'])
      else expect([path, status]).toEqual([path, 404])
    }
    await site.settled()
    expect(pageKeys(site.stored)).toEqual(['/isr/a'])
    expect(site.staticRuns('/isr/a')).toBe(1)
  })

  it('has an entry of its own for every value of the parameters [S52]', async () => {
    const site = await serveSecuritySite({ createApp })
    const paths: Record<string, string[]> = {
      '/docs/a/b/c': ['a', 'b', 'c'],
      '/docs/a/b%2Fc': ['a', 'b/c'],
      '/docs/a%2Fb/c': ['a/b', 'c'],
      '/docs/a%252Fb': ['a%2Fb'],
      '/docs/a%2Fb': ['a/b'],
      '/docs/a,b/c': ['a,b', 'c'],
      '/docs/a/b,c': ['a', 'b,c'],
      '/docs/a%7Cb': ['a|b'],
      '/docs/a/%7Cb': ['a', '|b'],
      '/docs/a%00b': ['a\0b'],
      '/docs/a%00/b': ['a\0', 'b'],
      '/docs/%C3%A9': ['\u00e9'],
      '/docs/e%CC%81': ['e\u0301'],
      '/docs/route:': ['route:'],
      '/docs/__proto__': ['__proto__'],
      '/docs/index': ['index'],
      '/docs/x.json': ['x.json'],
      '/docs/x': ['x'],
    }
    for (let round = 0; round < 2; round += 1) {
      for (const [path, all] of Object.entries(paths)) {
        const data = await site.ask(`/_data${path}.json`)
        expect([path, JSON.parse(data.body)]).toEqual([path, { pageProps: { all } }])
        const document = await site.ask(path)
        expect([path, readProps(document.body)]).toEqual([path, { all }])
      }
    }
    await site.settled()
    expect(pageKeys(site.stored)).toHaveLength(Object.keys(paths).length)

    for (const path of [
      '/docs/%ED%A0%80',
      '/docs/%ED%A0%81',
      '/docs/%ff',
      '/docs/%c0%af',
      '/docs/%',
      '/docs/a/%E2%82',
    ]) {
      for (const target of [path, `/_data${path}.json`])
        expect([target, (await site.ask(target)).status]).toEqual([target, 400])
    }
    await site.settled()
    expect(pageKeys(site.stored)).toHaveLength(Object.keys(paths).length)
  })
})

/** Keys of pages; those of error pages have no slash in front. */
function pageKeys(stored: ReadonlyMap<string, CacheEntry>): string[] {
  return [...stored.keys()].filter((key) => key.startsWith('/'))
}

function readProps(html: string): unknown {
  const json =
    /<script id="__PAGE_DATA__" type="application\/json">(.*?)<\/script>/s.exec(html)?.[1] ?? 'null'
  return (JSON.parse(json) as { props: { pageProps: unknown } }).props.pageProps
}
