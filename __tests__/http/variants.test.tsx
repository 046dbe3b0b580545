import type { Request } from 'express'
import { createTestApp, type TestAppOptions } from 'pagepress/testing'
import request from 'supertest'
import { createMemoryStore } from '../../lib/cache/memory-store.js'
import { createClock } from '../support/clock.js'

interface Told {
  params?: { id: string }
  key?: Record<string, string>
  query?: Record<string, unknown>
}

/** A site whose pages show all that they were told, and how often they ran. */
function createSite(given: Partial<TestAppOptions> = {}) {
  const clock = createClock()
  const state = { version: 1, runs: 0 }
  const Page = (props: object) => <p>{JSON.stringify(props)}</p>
  const show = ({ key, query, params }: Told) => {
    state.runs += 1
    const told = JSON.stringify({ key, query })
    if (params?.id === 'none') return { notFound: true }
    if (params?.id === 'moved')
      return { redirect: { destination: `/of/${key?.['tenant']}`, permanent: false } }
    return { props: { told, version: state.version }, revalidate: 10, tags: ['t'] }
  }
  const blocking = () => ({ paths: [], fallback: 'blocking' as const })
  const test = createTestApp({
    now: clock.now,
    pages: {
      '/p/[id]': { default: Page, getStaticPaths: blocking, getStaticProps: show },
      '/list': { default: Page, getStaticProps: show, config: { query: ['page', 'sort'] } },
      '/about': { default: () => <p>about</p> },
    },
    ...given,
  })
  const ask = (path: string, host = 'a.com') => request(test.app).get(path).set('Host', host)
  const told = async (path: string, host?: string) => {
    const { pageProps } = JSON.parse(
      (await ask(`/_data${path.replace(/(\?|$)/, '.json$1')}`, host)).text,
    ) as {
      pageProps: { told: string; version: number }
    }
    return { ...(JSON.parse(pageProps.told) as Told), version: pageProps.version }
  }
  return { ...test, clock, state, ask, told }
}

const tenants: Record<string, string> = { 'a.com': 'a', 'b.com': 'b' }
const byTenant = {
  cache: {
    key: (req: Request) => {
      const host = (req.headers.host ?? '').toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '')
      const tenant = Object.hasOwn(tenants, host) ? tenants[host] : undefined
      return tenant === undefined ? undefined : { tenant }
    },
  },
}

describe('cache.key', () => {
  it('gives each tenant pages of its own, in every form [S42]', async () => {
    const store = createMemoryStore()
    const { ask, told, clock, settled, state } = createSite({ options: byTenant, store })
    for (const host of ['a.com', 'b.com']) {
      const { key, version } = await told('/p/x', host)
      expect([key, version]).toEqual([{ tenant: tenants[host] }, 1])
      expect((await ask('/p/x', host)).text).toContain(`\\&quot;${tenants[host]}\\&quot;`)
      expect((await ask('/p/moved', host)).headers['location']).toBe(`/of/${tenants[host]}`)
      expect((await ask('/p/none', host)).status).toBe(404)
    }
    expect(state.runs).toBe(6)
    clock.advance(10_000)
    state.version = 2
    await ask('/p/x', 'a.com').expect('Cache-Status', /ttl=-1/)
    await settled()
    expect(await told('/p/x', 'a.com')).toMatchObject({ key: { tenant: 'a' }, version: 2 })
    expect(await store.get('/p/x?k.tenant=a')).toMatchObject({ type: 'page' })
    expect(JSON.stringify(await store.get('/p/x?k.tenant=b'))).toContain('"type":"page"')
    expect(await store.get('/p/x')).toBeUndefined()
  })

  it('knows one tenant by all spellings of its host, and answers nobody else [S42]', async () => {
    const { ask, state, site } = createSite({ options: byTenant })
    for (const host of ['a.com', 'A.COM:443', 'a.com.', 'A.com'])
      expect((await ask('/p/x', host)).status).toBe(200)
    expect(state.runs).toBe(1)
    const entries = site.stats()!.entries
    for (let index = 0; index < 500; index += 1) expect((await ask('/p/x', `${index}.evil`)).status).toBe(404)
    expect([state.runs, site.stats()!.entries]).toEqual([1, entries + 1])
  })

  it('leaves pages without data alone', async () => {
    const { ask } = createSite({ options: byTenant })
    await ask('/about', 'nobody.com').expect(200)
  })

  it('is revalidated for one, or for all', async () => {
    const { told, site, state } = createSite({ options: byTenant })
    const versions = async () => [
      (await told('/p/x', 'a.com')).version,
      (await told('/p/x', 'b.com')).version,
    ]
    expect(await versions()).toEqual([1, 1])
    state.version = 2
    await site.revalidate({ path: '/p/x', key: { tenant: 'b' } })
    expect(await versions()).toEqual([1, 2])
    state.version = 3
    await site.revalidate('/p/x')
    expect(await versions()).toEqual([3, 3])
    state.version = 4
    await site.revalidate({ tag: 't' })
    expect(await versions()).toEqual([4, 4])
  })

  it.each([
    ['text', () => 'a'],
    ['numbers', () => ({ a: 1 })],
    ['what is too long', () => ({ a: 'x'.repeat(257) })],
  ])('that returns %s is an error that says so', async (_what, key) => {
    const { ask, errors } = createSite({ options: { cache: { key: key as never } } })
    await ask('/p/x').expect(500)
    expect(errors).toEqual([expect.objectContaining({ code: 'PAGES_OPTION' })])
  })

  it('is told to `explain`, which tells of one key, and says what is missing without', async () => {
    const { ask, site } = createSite({ options: byTenant })
    await ask('/p/x', 'a.com').expect(200)
    const a = await site.explain('/p/x', { key: { tenant: 'a' } })
    expect(a).toMatchObject({ key: '/p/x?k.tenant=a', state: 'fresh', inMemory: true })
    expect(await site.explain('/p/x', { key: { tenant: 'b' } })).toMatchObject({ state: 'absent' })
    const any = await site.explain('/p/x')
    expect(any).toMatchObject({ isCached: true, why: expect.stringContaining('`{ key }`') })
    expect(any).not.toHaveProperty('state')
    expect(await site.explain('/about')).toMatchObject({ key: '/about', state: 'absent' })
    await expect(site.explain('/p/x', { key: 'a' as never })).rejects.toThrow(/'a'|"a"|`a`/)
  })

  it('keeps parts apart that hold what separates them', async () => {
    let parts = {}
    const { told, state } = createSite({ options: { cache: { key: () => parts } } })
    const all = [
      { a: '1', b: '2' },
      { a: '1&k.b=2' },
      { a: '1', 'b=2': '' },
      { a: '1&', b: '2' },
      {},
      { q: '' },
      { 'a&k.b': '2' },
    ]
    for (parts of all) expect((await told('/p/x')).key).toEqual(parts)
    for (parts of all) expect((await told('/p/x')).key).toEqual(parts)
    expect(state.runs).toBe(all.length)
  })
})

describe('config.query', () => {
  it('lets a page see the parameters it asks for, and no others [S40]', async () => {
    const { told, state } = createSite()
    expect((await told('/list?page=2&sort=up&utm=x')).query).toEqual({ page: '2', sort: 'up' })
    expect((await told('/list?utm=y&sort=up&page=2')).query).toEqual({ page: '2', sort: 'up' })
    expect(state.runs).toBe(1)
    expect((await told('/list?page=3')).query).toEqual({ page: '3' })
    expect((await told('/list?page=3&page=4')).query).toEqual({ page: ['3', '4'] })
    expect((await told('/list')).query).toEqual({})
    expect((await told('/list?utm=1')).query).toEqual({})
    expect((await told(`/list?page=${'x'.repeat(300)}`)).query).toEqual({})
    expect(state.runs).toBe(4)
    expect((await told('/p/x?page=2')).query).toBeUndefined()
  })

  it('never serves the page of one query for another, whichever came first', async () => {
    const { ask, told } = createSite()
    await ask('/list')
    await ask('/list?page=1')
    expect((await told('/list?page=2')).query).toEqual({ page: '2' })
    expect((await told('/list?page=1')).query).toEqual({ page: '1' })
    expect((await told('/list')).query).toEqual({})
  })

  it('tells `explain` of which page a URL speaks', async () => {
    const { ask, site } = createSite()
    await ask('/list?page=2&utm=x').expect(200)
    const found = await site.explain('/list?utm=y&page=2#end')
    expect(found).toMatchObject({ path: '/list', key: '/list?q.page=2', state: 'fresh', inMemory: true })
    expect(await site.explain('/list?page=3')).toMatchObject({ key: '/list?q.page=3', state: 'absent' })
    expect(await site.explain('/list')).toMatchObject({ key: '/list', state: 'absent' })
  })

  it('is revalidated with its path', async () => {
    const { told, site, state } = createSite()
    for (const query of ['', '?page=1', '?page=2']) await told(`/list${query}`)
    state.version = 2
    await site.revalidate('/list')
    for (const query of ['', '?page=1', '?page=2']) expect((await told(`/list${query}`)).version).toBe(2)
  })

  it.each([
    [{ config: { query: 'page' }, getStaticProps: () => ({ props: {} }) }, /list of names/],
    [{ config: { query: ['a b'] }, getStaticProps: () => ({ props: {} }) }, /list of names/],
    [{ config: { query: ['page'] } }, /no `getStaticProps`/],
  ])('is refused where it makes no sense', async (page, message) => {
    const { app, errors } = createSite({ pages: { '/x': { default: () => <p>x</p>, ...page } } })
    await request(app).get('/x').expect(500)
    expect(String(errors[0])).toMatch(message)
  })
})
