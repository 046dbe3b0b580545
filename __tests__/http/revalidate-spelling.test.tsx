/** @timed */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createTestApp } from 'pagepress/testing'
import { createGovernor } from '../../lib/cache/governor.js'
import { createPageMemory } from '../../lib/cache/memory.js'
import { createResponseCache } from '../../lib/cache/response-cache.js'
import { emptyStore } from '../../lib/cache/store.js'
import { createClock } from '../support/clock.js'
import { serve, stopServers } from '../support/serve.js'

afterEach(stopServers)

async function open(mount = '/') {
  let calls = 0
  const test = createTestApp({
    mount,
    pages: {
      '/p/[id]': {
        default: ({ call }: { call: number }) => <p>{call}</p>,
        getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
        getStaticProps: () => ({ props: { call: ++calls }, revalidate: 3_600 }),
      },
    },
  })
  const { ask } = await serve(test.app)
  const shown = async (path: string) => {
    const { headers, body } = await ask(path)
    return [headers['cache-status'], Number(/<p>(\d+)<\/p>/.exec(body)?.[1])]
  }
  return { ...test, shown, calls: () => calls }
}

describe('revalidate()', () => {
  const spellings = ['/p/é', '/p/%C3%A9', '/p/%c3%a9', '/p/é/', '/p/%C3%A9/', '/p/é?x=1', '/p/%C3%A9#y']

  it.each(['/', '/shop'])(
    'below %s finds one page by all spellings of its path, and makes no new key [S130]',
    async (mount) => {
      const { site, shown, calls } = await open(mount)
      const url = `${mount === '/' ? '' : mount}/p/%C3%A9`
      await shown(url)
      const { entries } = site.stats()!
      for (const [index, path] of spellings.entries()) {
        for (const target of [path, { path }]) {
          const before = calls()
          await site.revalidate(target)
          expect([path, calls()]).toEqual([path, before + 1])
          expect(await shown(url)).toEqual(['pagepress; hit', before + 1])
        }
        expect([index, site.stats()!.entries]).toEqual([index, entries])
      }
      // The same by a name that is outdated from now on.
      for (const path of spellings) {
        const before = calls()
        await site.revalidate({ prefix: path.replace(/[?#].*/, '') })
        expect((await shown(url))[1]).toBe(before + 1)
        expect(site.stats()!.entries).toBe(entries)
      }
    },
  )

  it.each([
    ['of no page', '/nowhere'],
    ['with the mount in it', '/shop/p/a'],
    ['whose encoding is damaged', '/p/%E9'],
    ['that is no path', 'p/a'],
  ])('refuses a path %s, and makes no key [S130]', async (_what, path) => {
    const { site, calls } = await open('/shop')
    await site.ready()
    await expect(site.revalidate(path)).rejects.toThrow()
    expect([calls(), site.stats()!.entries]).toEqual([0, 0])
  })

  it('takes a thousand calls at once, with a few renders that each caller is served by [S130]', async () => {
    const { site, shown, calls } = await open()
    await shown('/p/%C3%A9')
    await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => site.revalidate(spellings[index % spellings.length]!)),
    )
    // One that was running, and one that all who came meanwhile share.
    expect(calls()).toBeLessThanOrEqual(1 + 3)
    expect(await shown('/p/%C3%A9')).toEqual(['pagepress; hit', calls()])
  })
})

it('a tag of 100,000 pages is revalidated at once, and none of them is served any more [S130]', async () => {
  const clock = createClock()
  const count = 100_000
  const memory = createPageMemory({ maxBytes: 1024 ** 3, notFoundEntries: 10 })
  const cache = createResponseCache({
    store: emptyStore,
    memory,
    governor: createGovernor({ renders: 100, refreshes: 100, queue: 1_000 }),
    limits: { entryBytes: 10_000, timeoutMs: 10_000 },
    now: clock.now,
    onError(error) {
      throw error
    },
  })
  const keyOf = (index: number) => ({ key: `/${index}`, basePath: '', route: '/[id]', path: `/${index}` })
  const tags = ['all']
  for (let index = 0; index < count; index += 1)
    await cache.serve(keyOf(index), async () => ({
      type: 'redirect',
      status: 307,
      destination: '/x',
      basePath: true,
      lifetime: { revalidateSeconds: false, expireSeconds: 1, tags },
    }))
  expect(memory.entries).toBe(count)

  // A busy machine may hold up any of the attempts; one that costs as much as there are pages holds up all.
  let longest = Infinity
  for (let attempt = 0; attempt < 5 && longest >= 50; attempt += 1) {
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const begun = performance.now()
    await cache.invalidate({ name: 'tag:all', isSoft: false })
    const taken = performance.now() - begun
    await new Promise((resolve) => setTimeout(resolve, 20))
    delay.disable()
    longest = Math.max(taken, delay.max / 1e6)
  }
  expect(longest).toBeLessThan(50)
  for (let index = 0; index < count; index += 1)
    if (cache.lookup(keyOf(index)) !== undefined) throw new Error(`/${index} is still served.`)
}, 60_000)
