import request from 'supertest'
import { createTestApp, type MemoryPages, type TestAppOptions } from 'pagepress/testing'
import { createClock } from '../support/clock.js'
import { failOnConsole } from '../support/console.js'
import { readPayload, readRoot } from '../support/page-data.js'

failOnConsole()

const Show = (props: object) => <p>{JSON.stringify(props)}</p>

function createApp(
  run: (call: number) => unknown,
  more: MemoryPages = {},
  options: Partial<TestAppOptions> = {},
) {
  let calls = 0
  const clock = createClock()
  const test = createTestApp({
    pages: { '/p': { default: Show, getStaticProps: () => run(++calls) }, ...more },
    now: clock.now,
    ...options,
  })
  const call = async () =>
    readPayload((await request(test.app).get('/p').expect(200)).text).props.pageProps['call']
  return { ...test, clock, call, calls: () => calls }
}

/** A promise that a test settles. */
function defer<T = void>() {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((settle) => (resolve = settle))
  return { promise, resolve }
}

const tick = () => new Promise((resolve) => setImmediate(resolve))

describe('site.revalidate', () => {
  it('takes a path, alone or in an object, and resolves when the new page is in place', async () => {
    const { site, call } = createApp((call) => ({ props: { call } }))
    expect(await call()).toBe(1)

    await site.revalidate('/p')
    expect(await call()).toBe(2)
    await site.revalidate({ path: '/p' })
    expect(await call()).toBe(3)
    await site.revalidate('/p?a=1')
    expect(await call()).toBe(4)
  })

  it('produces a page that nobody has asked for yet', async () => {
    const { site, call, calls } = createApp((call) => ({ props: { call } }))

    await site.revalidate('/p')

    expect(calls()).toBe(1)
    expect(await call()).toBe(1)
  })

  it.each([5, null, undefined, {}, ['/p'], 'p', '', 'https://example.com/p'])(
    'refuses %p and says what it takes [7.28]',
    async (target) => {
      const { site } = createApp((call) => ({ props: { call } }))

      const refused = expect(site.revalidate(target as string)).rejects
      await refused.toMatchObject({ code: 'PAGES_REVALIDATE' })
      await expect(site.revalidate(target as string)).rejects.toThrow(/path/)
      if (typeof target === 'string')
        await expect(site.revalidate(target)).rejects.toThrow(
          `Invalid urlPath: revalidate() was given ${JSON.stringify(target)}`,
        )
    },
  )

  it.each(['/p/%', { path: '/p/%ff' }, { prefix: '/%' }, '/p/\ud800', { prefix: '/\ud800' }])(
    'refuses %j, whose encoding is damaged',
    async (target) => {
      const { site } = createApp((call) => ({ props: { call } }), {
        '/p/[id]': {
          default: Show,
          getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
          getStaticProps: () => ({ props: {} }),
        },
      })
      const path = typeof target === 'string' ? target : (target.path ?? target.prefix)

      await expect(site.revalidate(target as string)).rejects.toMatchObject({
        code: 'PAGES_REVALIDATE',
        message: expect.stringContaining(
          `the path ${JSON.stringify(path)}, whose percent-encoding is damaged`,
        ),
      })
    },
  )

  it('rejects for what is no static page, with path and status [7.29]', async () => {
    const { site } = createApp((call) => ({ props: { call } }), {
      '/blog/[slug]': {
        default: Show,
        getStaticPaths: () => ({ paths: ['/blog/a'], fallback: false }),
        getStaticProps: () => ({ props: {} }),
      },
      '/moved': {
        default: Show,
        getStaticProps: () => ({ redirect: { destination: '/', permanent: false } }),
      },
      '/server': { default: Show, getServerSideProps: () => ({ props: {} }) },
      '/api/x': { default: () => {} },
    })

    await expect(site.revalidate('/missing')).rejects.toThrow('Failed to revalidate `/missing`: status 404')
    await expect(site.revalidate('/blog/b')).rejects.toThrow('Failed to revalidate `/blog/b`: status 404')
    await expect(site.revalidate('/moved')).rejects.toThrow('Failed to revalidate `/moved`: status 307')
    await expect(site.revalidate('/api/x')).rejects.toThrow('Failed to revalidate `/api/x`')
    await site.revalidate('/blog/a')
    // A page rendered per request is never old.
    await site.revalidate('/server')
  })

  it('rejects when the page fails, and leaves the old one in place', async () => {
    const { site, call } = createApp((call) => {
      if (call === 2) throw new Error('source down')
      return { props: { call } }
    })
    await call()

    await expect(site.revalidate('/p')).rejects.toThrow('source down')
    expect(await call()).toBe(1)
  })

  it('never settles for a run that began before it [7.34]', async () => {
    const background = defer<object>()
    const { app, site, call, clock, settled } = createApp((call) =>
      call === 2 ? background.promise : { props: { call }, revalidate: 1 },
    )
    await call()
    clock.advance(1_000)
    await request(app).get('/p')

    await site.revalidate('/p')
    expect(await call()).toBe(3)
    // The older run ends later and changes nothing.
    background.resolve({ props: { call: 2 }, revalidate: 1 })
    await settled()
    expect(await call()).toBe(3)
  })

  it('shares one run among all who ask while another is under way', async () => {
    const first = defer<object>()
    const { site, call, calls } = createApp((call) => (call === 1 ? first.promise : { props: { call } }))

    const running = site.revalidate('/p')
    await tick()
    const waiting = Array.from({ length: 10 }, () => site.revalidate('/p'))
    await tick()
    first.resolve({ props: { call: 1 } })
    await Promise.all([running, ...waiting])

    expect(calls()).toBe(2)
    expect(await call()).toBe(2)
  })

  it('brings a page back that was gone', async () => {
    const { app, site, call } = createApp((call) => (call === 1 ? { notFound: true } : { props: { call } }))
    await request(app).get('/p').expect(404)

    await site.revalidate('/p')

    expect(await call()).toBe(2)
  })

  it('takes paths without the mount [7.35]', async () => {
    const { app, site } = createApp((call) => ({ props: { call } }), {}, { mount: '/shop' })
    await request(app).get('/shop/p').expect(200)

    await expect(site.revalidate('/shop/p')).rejects.toThrow('Failed to revalidate')
    await site.revalidate('/p')

    expect(readRoot((await request(app).get('/shop/p')).text)).toContain('&quot;call&quot;:2')
  })

  it('works for pages that are never due by themselves [7.31]', async () => {
    const reasons: unknown[] = []
    const { app, site } = createTestApp({
      pages: {
        '/p': {
          default: Show,
          getStaticProps: (context: { revalidateReason: string }) => {
            reasons.push(context.revalidateReason)
            return { props: {}, revalidate: false }
          },
        },
      },
    })
    await request(app).get('/p')

    await site.revalidate('/p')

    expect(reasons).toEqual(['stale', 'on-demand'])
  })
})
