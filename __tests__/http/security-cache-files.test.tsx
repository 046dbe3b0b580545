import { jest } from '@jest/globals'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { isAbsolute, join, posix, relative, win32 } from 'node:path'
import type { CacheEntry } from '../../lib/cache/entry.js'
import { askRaw } from '../support/raw.js'
import { stopServers } from '../support/serve.js'

afterEach(stopServers)

// Not imported: a module that imports it gets its functions as they are at that moment.
const promises = createRequire(import.meta.url)('node:fs/promises') as typeof import('node:fs/promises')

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
    const parent = await promises.mkdtemp(join(tmpdir(), 'pagepress-keys-'))
    const directory = join(parent, 'cache')
    const opened = spyOnFiles()
    try {
      // Imported here, so that they get the functions that are watched.
      const { createFileStore } = await import('../../lib/cache/file-store.js')
      const { serveSecuritySite } = await import('../support/security-site.js')
      const store = createFileStore({ directory, onError: () => {} })

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
        // The one name that is not made of a key.
        if (path === join(directory, 'marks.log')) continue
        expect(isAbsolute(path)).toBe(true)
        const below = relative(directory, path)
        expect(below).toMatch(/^[0-9a-f]{2}(?:\/[0-9a-f]{62}(?:\.(?:[0-9a-f]{12}\.tmp|lock))?)?$/)
        // Nothing in these names has a meaning to any file system.
        for (const rules of [posix, win32]) expect(rules.normalize(below).replaceAll('\\', '/')).toBe(below)
      }
      expect(await promises.readdir(parent)).toEqual(['cache'])
    } finally {
      opened.restore()
      await promises.rm(parent, { recursive: true })
    }
  }, 60_000)

  const entry: CacheEntry = { type: 'not-found', renderedAt: 1, staleAt: 2, expiresAt: 3 }

  async function askOnce(site: { port: number }, target: string) {
    return askRaw(site.port, target.replaceAll(' ', '%20'))
  }

  /** Remembers every path that the file system is asked for. */
  function spyOnFiles(): { paths: string[]; restore(): void } {
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
