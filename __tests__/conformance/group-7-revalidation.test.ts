import { setTimeout as pause } from 'node:timers/promises'
import request from 'supertest'
import type { SiteStats } from '../../lib/server/observation.js'
import { useConformanceSite } from '../support/conformance-site.js'
import { createControls } from '../support/controls.js'

const OWN_404 = { fallthrough: false }
const site = useConformanceSite('caching', { options: OWN_404 })
const { write, advance, held, release, settled } = createControls(site)

const MISS = 'pagepress; fwd=uri-miss; stored'
const HIT = 'pagepress; hit'

const cacheStatusOf = async (path: string) => (await site.get(path)).headers['cache-status']

describe('res.revalidate', () => {
  const revalidate = (...body: unknown[]) => site.post('/api/revalidate').send(body)

  it('resolves when the new page is in place, of a page that is never due, too [7.27][7.31][7.36]', async () => {
    await write('ordered', { revalidate: false, props: { text: 'old' } }, { props: { text: 'new' } })
    const cookies = (await site.get('/api/draft')).get('Set-Cookie')!.map((cookie) => cookie.split(';')[0])
    await site.get('/p/ordered')

    await revalidate('/p/ordered').set('Cookie', cookies.join('; ')).expect(200, '"done"')

    const { answer, payload } = await site.page('/p/ordered')
    expect([payload.props.pageProps['text'], answer.headers['cache-status']]).toEqual(['new', HIT])
    expect(payload).not.toHaveProperty('isPreview')
    expect(site.calls('ordered')).toEqual([{ revalidateReason: 'stale' }, { revalidateReason: 'on-demand' }])
    expect(site.calls('for-ever')).toEqual([])
    await revalidate('/for-ever').expect(200)
    expect(site.calls('for-ever')).toEqual(['on-demand'])
  })

  it.each([5, null, {}, ['/p/a'], 'p/a', '', 'https://example.com/p/a'])(
    'refuses %j, which is no path [7.28]',
    async (target) => {
      const { body } = await revalidate(target).expect(500)

      expect(body).toContain('path')
      if (typeof target === 'string')
        expect(body).toContain(`Invalid urlPath: revalidate() was given ${JSON.stringify(target)}`)
    },
  )

  it('rejects for what is no page of the cache, with path and status, and takes a server page [7.29]', async () => {
    await write('elsewhere', { redirect: { destination: '/', permanent: false } })
    for (const [path, status] of [
      ['/listed/b', 404],
      ['/missing', 404],
      ['/p/elsewhere', 307],
    ] as const)
      expect((await revalidate(path).expect(500)).body).toContain(
        `Failed to revalidate \`${path}\`: status ${status}`,
      )
    expect(site.calls('listed')).toEqual([])
    await revalidate('/server').expect(200)
    await revalidate('/listed/a').expect(200)
  })

  it('leaves alone what nobody has asked for yet, if it is told to [7.30]', async () => {
    const options = { unstable_onlyGenerated: true }
    await revalidate('/p/never', options).expect(200)
    expect(site.calls('never')).toEqual([])
    expect(await cacheStatusOf('/p/never')).toBe(MISS)
    await revalidate('/p/never', options).expect(200)
    expect(site.calls('never')).toHaveLength(2)
  })

  it('makes a page a 404, and leaves it as it is when it fails [7.32]', async () => {
    await write('judged', {}, { throws: 'source down' }, { notFound: true })
    const first = await site.get('/p/judged')

    expect((await revalidate('/p/judged').expect(500)).body).toContain('source down')
    expect((await site.get('/p/judged')).text).toBe(first.text)
    await revalidate('/p/judged').expect(200)
    await site.get('/p/judged').expect(404)
    await site.get('/p/judged').expect(404)
    expect(site.calls('judged')).toHaveLength(3)
  })

  it('does not settle for a refresh that began before it [7.34]', async () => {
    await write(
      'overtaken',
      { revalidate: 1 },
      { held: true, revalidate: 1, props: { text: 'older' } },
      { revalidate: 1, props: { text: 'newer' } },
    )
    await site.get('/p/overtaken')
    await advance(1_000)
    await site.get('/p/overtaken')
    await held('overtaken')

    await revalidate('/p/overtaken').expect(200)
    const textOf = async () => (await site.page('/p/overtaken')).payload.props.pageProps['text']
    expect(await textOf()).toBe('newer')
    await release('overtaken')
    await settled()
    expect(await textOf()).toBe('newer')
    expect(site.calls('overtaken')).toHaveLength(3)
  })
})

describe('where pages are kept', () => {
  const explain = async (path: string) =>
    (await request(site.url()).get('/controls/explain').query({ path })).body as {
      inMemory: boolean
      inStore: boolean
    }

  it('outlives the process, unless it is in its memory [7.18]', async () => {
    for (const [mount, status] of [
      ['/', HIT],
      ['/kept', MISS],
    ] as const) {
      await site.restart({ mount, options: OWN_404 })
      const before = await site.get('/p/lasting').expect('Cache-Status', MISS)
      await site.restart({ mount, options: OWN_404 })
      const after = await site.get('/p/lasting').expect('Cache-Status', status)
      expect(after.text === before.text).toBe(status === HIT)
    }
    expect(site.calls('lasting')).toHaveLength(3)
  })

  it('is memory within its bounds, for the pages used last, and files behind it [7.19]', async () => {
    const maxBytes = 110_000
    await site.restart({ options: { ...OWN_404, cache: { maxBytes } } })
    const text = 'x'.repeat(10_000)
    const names = Array.from({ length: 12 }, (_, index) => `large-${index}`)
    for (const name of names) {
      await write(name, { props: { text } })
      await site.get(`/p/${name}`)
      await site.get(`/p/${names[0]}`)
    }
    expect(await explain(`/p/${names[0]}`)).toMatchObject({ inMemory: true })
    expect(await explain(`/p/${names[1]}`)).toMatchObject({ inMemory: false, inStore: true })
    const { bytes, evictions } = (await request(site.url()).get('/controls/stats')).body as SiteStats
    expect(bytes).toBeLessThanOrEqual(maxBytes)
    expect(evictions).toBeGreaterThan(0)
    expect(await cacheStatusOf(`/p/${names[1]}`)).toBe(HIT)
    for (const name of names) expect(site.calls(name)).toHaveLength(1)
  })

  it('is files alone without memory [7.19]', async () => {
    await site.restart({ options: { ...OWN_404, cache: { maxBytes: 0 } } })

    const first = await site.get('/p/on-disk').expect('Cache-Status', MISS)
    // It is written behind the answer.
    for (let tries = 0; tries < 100 && !(await explain('/p/on-disk')).inStore; tries++) await pause(20)
    const second = await site.get('/p/on-disk').expect('Cache-Status', HIT)
    expect(second.text).toBe(first.text)
    expect(await explain('/p/on-disk')).toMatchObject({ inMemory: false, inStore: true })
    expect(site.calls('on-disk')).toHaveLength(1)
  })

  describe('may be a store of the app', () => {
    beforeAll(() => site.restart({ mount: '/kept', options: OWN_404 }))
    const callsOf = async (path: string, status: number) => {
      const before = site.calls('store').length
      await site.get(path).redirects(0).expect(status)
      await settled()
      return [...new Set(site.calls('store').slice(before))]
    }

    it('which is asked and told by canonical path, and not told of a failure [7.23]', async () => {
      await write('bad', { throws: 'no data' })

      expect(await callsOf('/p/a%20b?x=1', 200)).toEqual(['get /p/a%20b', 'set /p/a%20b'])
      expect(await callsOf('/_data/p/c.json', 200)).toEqual(['get /p/c', 'set /p/c'])
      expect(await callsOf('/p/%63', 308)).toEqual([])
      expect(await callsOf('/p/bad', 500)).not.toContain('set /p/bad')
      expect(site.takeErrors()).toEqual(['Error: no data'])
    })

    it('and is revalidated by paths without the mount [7.35]', async () => {
      const revalidate = (path: string) => site.post('/api/revalidate').send([path])
      await site.get('/p/mounted').expect(200)

      expect((await revalidate('/kept/p/mounted').expect(500)).body).toContain('Failed to revalidate')
      await revalidate('/p/mounted').expect(200, '"done"')
      expect(site.calls('mounted')).toHaveLength(2)
      expect(await cacheStatusOf('/p/mounted')).toBe(HIT)
    })
  })
})
