import { jest } from '@jest/globals'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { isAbsolute, join, posix, relative, win32 } from 'node:path'
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
    expect([...site.stored.keys()].filter((key) => key.startsWith('/'))).toEqual(['/isr/a'])
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
    expect(site.stored.size).toBe(Object.keys(paths).length)

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
    expect(site.stored.size).toBe(Object.keys(paths).length)
  })
})

function readProps(html: string): unknown {
  const json =
    /<script id="__PAGE_DATA__" type="application\/json">(.*?)<\/script>/s.exec(html)?.[1] ?? 'null'
  return (JSON.parse(json) as { props: { pageProps: unknown } }).props.pageProps
}

describe('files of the cache', () => {
  const fragments = [
    '..',
    '.',
    '%2e',
    '%2e%2e',
    '..%2f',
    '..%5c',
    '\\',
    '%5C',
    '/',
    '%2F',
    '%252f',
    '%255c',
    ':',
    '%3A',
    'C:',
    '%00',
    'a',
    'CON',
    '~',
    'a::$DATA',
    '%E2%80%AE',
    ' ',
    '%20',
    '.json',
  ]

  function* slugs(count: number): Generator<string> {
    let state = 57
    for (let n = 0; n < count; n += 1) {
      let slug = ''
      for (let left = 1 + (n % 7); left > 0; left -= 1) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0
        slug += fragments[state % fragments.length]
      }
      yield slug
    }
  }

  it('lie inside its folder under names that no URL can choose [S57]', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'pagepress-keys-'))
    const directory = join(parent, 'cache')
    const opened = spyOnFiles()
    try {
      // Imported here, so that it gets the functions that are watched.
      const { createFileStore } = await import('../../lib/cache/file-store.js')
      const seed = { has: () => false, get: async () => undefined, close: async () => {} }
      const store = createFileStore({ directory, seed: seed as never, onError: () => {} })

      const site = await serveSecuritySite({ store })
      let served = 0
      for (const slug of slugs(5_000)) {
        const { status } = await askOnce(site, `/isr/${slug}`)
        expect([slug, status < 500]).toEqual([slug, true])
        if (status === 200) served += 1
      }
      await site.settled()
      expect(served).toBeGreaterThan(500)
      for (const slug of slugs(500))
        await store.set(`/isr/${slug}`, entry).then(() => store.get(`/isr/${slug}`))

      expect(opened.paths.length).toBeGreaterThan(1_000)
      for (const path of opened.paths) {
        expect(isAbsolute(path)).toBe(true)
        const below = relative(directory, path)
        expect(below).toMatch(/^[0-9a-f]{2}(?:\/[0-9a-f]{62}(?:\.[0-9a-f]{12}\.tmp)?)?$/)
        // Nothing in these names has a meaning to any file system.
        for (const rules of [posix, win32]) expect(rules.normalize(below).replaceAll('\\', '/')).toBe(below)
      }
      expect(await readdir(parent)).toEqual(['cache'])
    } finally {
      opened.restore()
      await rm(parent, { recursive: true })
    }
  }, 60_000)

  const entry: CacheEntry = { type: 'not-found', renderedAt: 1, staleAt: 2, expiresAt: 3 }

  async function askOnce(site: { port: number }, target: string) {
    return askRaw(site.port, target.replaceAll(' ', '%20'))
  }

  /** Remembers every path that the file system is asked for. */
  function spyOnFiles(): { paths: string[]; restore(): void } {
    const promises = createRequire(import.meta.url)('node:fs/promises') as typeof import('node:fs/promises')
    const paths: string[] = []
    const spies = (['open', 'readFile', 'writeFile', 'mkdir', 'rename', 'unlink', 'rm', 'stat'] as const).map(
      (name) => {
        const original = promises[name] as (...parts: unknown[]) => unknown
        return jest.spyOn(promises, name).mockImplementation(((...parts: unknown[]) => {
          paths.push(String(parts[0]))
          if (name === 'rename') paths.push(String(parts[1]))
          return original(...parts)
        }) as never)
      },
    )
    return { paths, restore: () => spies.forEach((spy) => spy.mockRestore()) }
  }
})
