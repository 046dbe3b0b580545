/** @timed */
import { createTestApp, type TestApp, type TestAppOptions } from 'pagepress/testing'
import request from 'supertest'
import { createClock, type FakeClock } from '../support/clock.js'
import { readPayload } from '../support/page-data.js'

let clock: FakeClock
let versions: Map<string, number>
let runs: Map<string, number>

beforeEach(() => {
  clock = createClock()
  versions = new Map()
  runs = new Map()
})

/** Pages that show the version of their record, and count how often it was read. */
function createSite(given: Partial<TestAppOptions> = {}): TestApp {
  const blocking = () => ({ paths: [], fallback: 'blocking' as const })
  const Page = ({ version }: { version: number }) => <p>{version}</p>
  const read = (path: string, tags?: string[]) => {
    runs.set(path, (runs.get(path) ?? 0) + 1)
    return { props: { version: versions.get(path) ?? 1 }, revalidate: 60, ...(tags && { tags }) }
  }
  return createTestApp({
    now: clock.now,
    ...given,
    pages: {
      '/': { default: Page, getStaticProps: () => read('/') },
      '/about': { default: () => <p>about</p> },
      '/blog': { default: Page, getStaticProps: () => read('/blog', ['index']) },
      '/blogs': { default: Page, getStaticProps: () => read('/blogs') },
      '/blog/[slug]': {
        default: Page,
        getStaticPaths: blocking,
        getStaticProps: ({ params }: { params: { slug: string } }) =>
          read(`/blog/${params.slug}`, ['posts', `post:${params.slug}`]),
      },
      '/api/purge': {
        default: async (
          req: { query: object },
          res: { revalidate(target: unknown): Promise<void>; end(): void },
        ) => {
          await res.revalidate(req.query)
          res.end()
        },
      },
      ...given.pages,
    },
  })
}

async function versionOf({ app }: TestApp, path: string): Promise<unknown> {
  const { text } = await request(app).get(path)
  return (readPayload(text).props as { pageProps: { version?: unknown } }).pageProps.version
}

const all = ['/', '/blog', '/blogs', '/blog/a', '/blog/b']

async function visitAll(site: TestApp): Promise<unknown[]> {
  const found: unknown[] = []
  for (const path of all) found.push(await versionOf(site, path))
  return found
}

function changeAll(): void {
  for (const path of all) versions.set(path, 2)
}

describe('revalidate() of a name', () => {
  it.each([
    ['a tag', { tag: 'posts' }, [1, 1, 1, 2, 2]],
    ['a tag of one page', { tag: 'post:a' }, [1, 1, 1, 2, 1]],
    ['a tag that no page has', { tag: 'post' }, [1, 1, 1, 1, 1]],
    ['a route', { route: '/blog/[slug]' }, [1, 1, 1, 2, 2]],
    ['a route without parameters', { route: '/' }, [2, 1, 1, 1, 1]],
    ['a prefix, in whole segments', { prefix: '/blog' }, [1, 2, 1, 2, 2]],
    ['a prefix with a slash at its end', { prefix: '/blog/' }, [1, 2, 1, 2, 2]],
    ['everything', { prefix: '/' }, [2, 2, 2, 2, 2]],
  ])('reaches the pages of %s and no others [S56]', async (_what, target, expected) => {
    const site = createSite()
    expect(await visitAll(site)).toEqual([1, 1, 1, 1, 1])
    changeAll()
    clock.advance(1)

    await site.site.revalidate(target)

    expect(await visitAll(site)).toEqual(expected)
  })

  it('is there for API routes, too', async () => {
    const site = createSite()
    await visitAll(site)
    changeAll()
    await request(site.app).get('/api/purge?tag=posts').expect(200)
    expect(await visitAll(site)).toEqual([1, 1, 1, 2, 2])
  })

  it('serves the old page once more and refreshes it when it is soft', async () => {
    const site = createSite()
    await visitAll(site)
    changeAll()
    clock.advance(5)
    await site.site.revalidate({ tag: 'posts', soft: true })

    const stale = await request(site.app).get('/blog/a')
    expect(stale.text).toContain('<p>1</p>')
    expect(stale.headers['cache-status']).toBe('pagepress; hit; ttl=-1')
    expect(stale.headers['cache-control']).toMatch(/^s-maxage=1,/)
    await site.settled()
    const fresh = await request(site.app).get('/blog/a')
    expect(fresh.text).toContain('<p>2</p>')
    expect(fresh.headers['cache-status']).toBe('pagepress; hit')
    expect(await versionOf(site, '/blog')).toBe(1)
  })

  it('takes a path softly, too, however it is spelled', async () => {
    const site = createSite()
    expect(await versionOf(site, '/blog/%C3%A9')).toBe(1)
    versions.set('/blog/é', 2)
    for (const path of ['/blog/é', '/blog/%c3%a9/', '//blog/%C3%A9'])
      await site.site.revalidate({ path, soft: true })
    expect(await versionOf(site, '/blog/%C3%A9')).toBe(1)
    await site.settled()
    expect(await versionOf(site, '/blog/%C3%A9')).toBe(2)
    expect(runs.get('/blog/é')).toBe(2)
  })

  it('wins over a render that began before it, and shares none of it with later visitors [S129]', async () => {
    const finish: (() => void)[] = []
    const site = createSite({
      pages: {
        '/slow': {
          default: ({ version }: { version: number }) => <p>{version}</p>,
          getStaticProps: async () => {
            const version = versions.get('/slow') ?? 1
            await new Promise<void>((resolve) => finish.push(resolve))
            return { props: { version }, tags: ['slow'] }
          },
        },
      },
    })
    const early = versionOf(site, '/slow')
    while (finish.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    versions.set('/slow', 2)
    await site.site.revalidate({ tag: 'slow' })

    const late = versionOf(site, '/slow')
    while (finish.length === 1) await new Promise((resolve) => setTimeout(resolve, 1))
    finish[1]!()
    expect(await late).toBe(2)
    finish[0]!()
    // There is a newer page by now, also for those who asked before.
    expect(await early).toBe(2)
    await site.settled()
    expect(await versionOf(site, '/slow')).toBe(2)
  })

  it('costs the same for ten pages as for five hundred', async () => {
    const site = createSite({ options: { cache: { maxBytes: 256 * 1024 * 1024 } } })
    const ask = async (count: number) => {
      for (let index = 0; index < count; index += 1) await versionOf(site, `/blog/${index}`)
    }
    const measure = async () => {
      const begun = performance.now()
      for (let turn = 0; turn < 100; turn += 1) await site.site.revalidate({ tag: 'posts' })
      return performance.now() - begun
    }
    await ask(10)
    await measure()
    const few = await measure()
    await ask(500)
    expect(await measure()).toBeLessThan(few * 10 + 20)
  })

  it.each([
    [{}, /was given an object/],
    [{ tag: '' }, /`tag: ""`/],
    [{ tag: 3 }, /`tag: 3`/],
    [{ tag: 'a', path: '/a' }, /one of/],
    [{ prefix: 'blog' }, /starts with `\/`/],
    [{ prefix: '/%E0' }, /damaged/],
    [{ tag: 'a', soft: 1 }, /`soft: 1`/],
    [{ route: '/blog/[id]' }, /route `\/blog\/\[id\]`, which no file has.*`\/blog\/\[slug\]`/],
    [null, /was given null/],
    [undefined, /was given undefined/],
  ])('refuses %j, naming it', async (target, message) => {
    const { site } = createSite()
    await expect(site.revalidate(target as never)).rejects.toThrow(message)
    await expect(site.revalidate(target as never)).rejects.toMatchObject({ code: 'PAGES_REVALIDATE' })
  })
})

describe('a CDN', () => {
  it.each([
    ['Cache-Tag', 'posts,post%3Aa'],
    ['Surrogate-Key', 'posts post%3Aa'],
  ] as const)('is told of tags in %s, by pages that have them', async (tagHeader, expected) => {
    const { app } = createSite({ options: { cache: { tagHeader } } })
    for (const path of ['/blog/a', '/_data/blog/a.json'])
      expect((await request(app).get(path)).headers[tagHeader.toLowerCase()]).toBe(expected)
    for (const path of ['/', '/about'])
      expect((await request(app).get(path)).headers[tagHeader.toLowerCase()]).toBeUndefined()
  })

  it('hears of what is revalidated when it has been', async () => {
    const purged: unknown[] = []
    const { site, errors } = createSite({
      options: {
        cache: {
          onPurge: async (target) => {
            purged.push(target)
            if (target === '/blog') throw new Error('CDN away')
          },
        },
      },
    })
    await site.revalidate({ tag: 'posts' })
    await site.revalidate('/blog')
    await expect(site.revalidate('/nowhere')).rejects.toThrow()
    expect(purged).toEqual([{ tag: 'posts' }, '/blog'])
    expect(errors).toEqual([new Error('CDN away')])
  })
})

describe('getStaticProps', () => {
  const pageOf = (results: (() => unknown)[]) => {
    let call = 0
    return {
      '/p': {
        default: ({ n }: { n: number }) => <p>{n}</p>,
        getStaticProps: () => results[Math.min(call++, results.length - 1)]!(),
      },
    }
  }
  const props =
    (n: number, more = {}) =>
    () => ({ props: { n }, revalidate: 10, ...more })

  it('says with `expire` how long a page may be served that could not be refreshed [S126]', async () => {
    const fail = () => {
      throw new Error('away')
    }
    const { app, settled } = createSite({ pages: pageOf([props(1, { expire: 100 }), fail]) })
    const ask = async () => {
      const { status, headers } = await request(app).get('/p')
      await settled()
      return [status, headers['cache-control']]
    }
    expect(await ask()).toEqual([200, 's-maxage=10, stale-while-revalidate=90'])
    clock.advance(99_999)
    expect((await ask())[0]).toBe(200)
    clock.advance(1)
    expect((await ask())[0]).toBe(500)
  })

  it('keeps the page it has with `keep: true`, and is asked again after three seconds', async () => {
    const { app, settled, errors } = createSite({
      pages: pageOf([props(1), () => ({ keep: true }), props(3)]),
    })
    const ask = async () => {
      const { text } = await request(app).get('/p').expect(200)
      await settled()
      return text.match(/<p>(\d)<\/p>/)![1]
    }
    await ask()
    clock.advance(10_000)
    expect([await ask(), await ask()]).toEqual(['1', '1'])
    clock.advance(3_000)
    expect([await ask(), await ask()]).toEqual(['1', '3'])
    expect(errors).toEqual([])
  })

  it('cannot keep what there is not', async () => {
    const { app, errors } = createSite({ pages: pageOf([() => ({ keep: true })]) })
    const { status, headers } = await request(app).get('/p')
    expect([status, headers['cache-control']]).toEqual([503, expect.stringContaining('no-store')])
    expect(errors).toEqual([expect.objectContaining({ code: 'PAGES_KEPT' })])
  })

  it.each([
    [{ expire: 5 }, /at least as many as `revalidate`/],
    [{ expire: 10.5 }, /whole number/],
    [{ expire: '60' }, /`expire: "60"`/],
    [{ revalidate: false, expire: 60 }, /must be there/],
    [{ tags: 'a' }, /`tags`/],
    [{ tags: [''] }, /1 to 256/],
    [{ tags: [3] }, /strings/],
    [{ tags: Array.from({ length: 129 }, String) }, /at most 128/],
  ])('is told what is wrong with %j', async (more, message) => {
    const { app, errors } = createSite({ pages: pageOf([props(1, more)]) })
    await request(app).get('/p').expect(500)
    expect(errors).toEqual([expect.objectContaining({ code: 'PAGES_DATA_RESULT' })])
    expect(String((errors[0] as Error).message)).toMatch(message)
  })
})
