import request from 'supertest'
import { createTestApp, type TestAppOptions } from 'pagepress/testing'
import { createClock } from '../support/clock.js'
import { failOnConsole } from '../support/console.js'
import { readPayload } from '../support/page-data.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const blank = () => null

/** Pages at `/x` for any x, produced at their first visit. */
function createApp(run: (id: string, call: number) => unknown, more: Partial<TestAppOptions> = {}) {
  let calls = 0
  return createTestApp({
    pages: {
      '/[id]': {
        default: ({ text }: { text?: string }) => <p>{text}</p>,
        getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
        getStaticProps: ({ params }: { params: { id: string } }) => run(params.id, ++calls),
      },
    },
    ...more,
  })
}

describe('limits.timeoutMs', () => {
  it('ends a page that takes too long with 504, and the next visit tries again [S111]', async () => {
    const late: ((result: object) => void)[] = []
    const { app, errors } = createApp(
      (_id, call) =>
        call === 1
          ? new Promise((resolve) => late.push(resolve as (result: object) => void))
          : { props: { call } },
      { options: { limits: { timeoutMs: 50 } } },
    )
    const { ask } = await serve(app)

    const answers = await Promise.all([ask('/a'), ask('/a'), ask('/a')])
    for (const { status, headers } of answers) {
      expect(status).toBe(504)
      expect(headers['cache-control']).toContain('no-store')
    }
    expect(String(errors[0])).toMatch(/`\/a` was not produced within 50 ms.*`limits.timeoutMs`/)
    expect((await ask('/a')).status).toBe(200)

    // What comes too late never takes the place of what came after it.
    late[0]!({ props: { call: 1 } })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(readPayload((await ask('/a')).body).props.pageProps).toEqual({ call: 2 })
  })

  it('ends a refresh that takes too long: the page stays, and is tried again later [S112]', async () => {
    const clock = createClock()
    let calls = 0
    const { app, errors, settled } = createApp(
      (_id, call) => {
        calls = call
        return call === 2 ? new Promise(() => {}) : { props: { call }, revalidate: 1 }
      },
      { options: { limits: { timeoutMs: 50 } }, now: clock.now },
    )
    await request(app).get('/a').expect(200)
    clock.advance(1_000)
    await request(app).get('/a').expect(200)
    await settled()
    expect(errors).toEqual([expect.objectContaining({ code: 'PAGES_RENDER_TIMEOUT' })])

    clock.advance(3_000)
    await request(app).get('/a').expect(200)
    await settled()
    expect(calls).toBe(3)
    expect(readPayload((await request(app).get('/a')).text).props.pageProps).toEqual({ call: 3 })
  })

  it('lets a thousand refreshes that hang keep no other page from its own [S112]', async () => {
    const clock = createClock()
    const runs = { hung: 0, fine: 0, other: 0 }
    let hangs = false
    const blocking = () => ({ paths: [], fallback: 'blocking' })
    const page = (run: (id: string) => unknown) => ({
      default: blank,
      getStaticPaths: blocking,
      getStaticProps: async ({ params }: { params: { id: string } }) => {
        await run(params.id)
        return { props: {}, revalidate: 1 }
      },
    })
    const { app, settled } = createTestApp({
      pages: {
        '/a/[id]': page((id) => {
          if (id === 'fine') return void (runs.fine += 1)
          runs.hung += 1
          return hangs ? new Promise(() => {}) : undefined
        }),
        '/b/[id]': page(() => void (runs.other += 1)),
      },
      options: { limits: { timeoutMs: 200, refreshes: 40 } },
      now: clock.now,
    })
    const { ask } = await serve(app)
    const hung = Array.from({ length: 1_000 }, (_, index) => `/a/${index}`)
    const visit = async (paths: readonly string[]) => {
      for (let at = 0; at < paths.length; at += 50)
        for (const { status } of await Promise.all(paths.slice(at, at + 50).map((path) => ask(path))))
          expect(status).toBe(200)
    }
    await visit([...hung, '/a/fine', '/b/other'])
    clock.advance(1_000)
    hangs = true
    await visit(hung.slice(0, 100))
    // All the places that the route may have are taken, and none of another route.
    await visit(['/b/other'])
    expect(runs.other).toBe(2)
    // Of its own route, others get a place when those who hang have had theirs, and wait to be tried again.
    for (let round = 0; round < 50 && runs.fine === 1; round += 1) await visit([...hung, '/a/fine'])
    expect(runs.fine).toBe(2)
    hangs = false
    await settled()
    expect(runs.hung).toBeLessThanOrEqual(2_000)
  }, 60_000)

  it('ends a server page that takes too long', async () => {
    const { app } = createTestApp({
      pages: { '/': { default: blank, getServerSideProps: () => new Promise(() => {}) } },
      options: { limits: { timeoutMs: 50 } },
    })

    await request(app).get('/').expect(504)
    await request(app).get('/_data/index.json').expect(504)
  })
})

describe('limits.entryBytes', () => {
  it('serves a larger page without keeping it', async () => {
    let calls = 0
    const { app } = createApp((id, call) => ((calls = call), { props: { text: id.repeat(1_000) } }), {
      options: { limits: { entryBytes: 10_000 } },
    })

    for (const _time of [1, 2]) {
      const { headers } = await request(app).get('/abcdefgh').expect(200)
      expect(headers['cache-status']).toBe('pagepress; fwd=uri-miss')
    }
    expect(calls).toBe(2)
    await request(app).get('/a').expect(200)
    await request(app).get('/a').expect('Cache-Status', 'pagepress; hit')
  })
})

describe('a page that has grown too large to be kept', () => {
  it('takes the place of the one that was kept all the same', async () => {
    const clock = createClock()
    const { app, settled, site } = createApp(
      (_id, call) => ({ props: { text: 'x'.repeat(call === 1 ? 10 : 50_000), call }, revalidate: 1 }),
      { options: { limits: { entryBytes: 10_000 } }, now: clock.now },
    )
    const callOf = async () =>
      readPayload((await request(app).get('/a').expect(200)).text).props.pageProps['call']
    expect(await callOf()).toBe(1)
    clock.advance(1_000)
    expect(await callOf()).toBe(1)
    await settled()

    expect(await callOf()).toBe(3)
    await site.revalidate('/a')
    expect(await callOf()).toBe(5)
  })
})

describe('cache.maxBytes', () => {
  it('keeps the pages used last [7.19]', async () => {
    const asked: string[] = []
    const open = (maxBytes: number) =>
      createApp((id) => (asked.push(id), { props: { text: 'x'.repeat(10_000) } }), {
        options: { cache: { maxBytes } },
      })
    const measured = open(10 ** 6)
    await request(measured.app).get('/a').expect(200)
    const { app } = open(Math.round(measured.site.stats()!.bytes * 11.5))
    const visit = (id: string) => request(app).get(`/${id}`).expect(200)

    const pages = [...'abcdefghijk']
    asked.length = 0
    for (const id of pages) await visit(id)
    await visit('a')
    await visit('l')
    expect(asked.splice(0)).toEqual([...pages, 'l'])
    await visit('a')
    expect(asked).toEqual([])
    await visit('b')
    expect(asked).toEqual(['b'])
  })

  it('of 0 keeps nothing in memory [7.19]', async () => {
    const { app } = createApp(() => ({ props: {} }), { options: { cache: { maxBytes: 0 } } })

    for (const _time of [1, 2])
      await request(app).get('/a').expect(200).expect('Cache-Status', 'pagepress; fwd=uri-miss; stored')
  })
})

describe('limits.notFoundEntries', () => {
  it('bounds what strangers can fill with paths that lead nowhere; pages are not driven out', async () => {
    const asked: string[] = []
    const { app } = createApp((id) => (asked.push(id), id === 'page' ? { props: {} } : { notFound: true }), {
      options: { limits: { notFoundEntries: 2 } },
    })
    const { ask } = await serve(app)
    await ask('/page')
    for (const id of ['x1', 'x2', 'x3']) expect((await ask(`/${id}`)).status).toBe(404)
    asked.length = 0

    await ask('/x3')
    await ask('/page')
    expect(asked).toEqual([])
    await ask('/x1')
    expect(asked).toEqual(['x1'])
  })
})

describe('limits.pathLength', () => {
  it('leaves longer paths alone', async () => {
    const asked: string[] = []
    const { app } = createApp((id) => (asked.push(id), { props: {} }), {
      options: { limits: { pathLength: 20 } },
      after: (app) => app.use((_req, res) => void res.status(418).end()),
    })
    const { ask } = await serve(app)

    expect((await ask(`/${'a'.repeat(19)}`)).status).toBe(200)
    expect((await ask(`/${'a'.repeat(20)}`)).status).toBe(418)
    expect((await ask(`/_data/${'a'.repeat(15_000)}.json`)).status).toBe(418)
    expect(asked).toHaveLength(1)
  })
})

describe('a client that leaves', () => {
  it('while a page is produced for the first time neither stops nor spoils it [7.26][21.12]', async () => {
    let finish = () => {}
    let calls = 0
    const { app, errors } = createApp(async (_id, call) => {
      calls = call
      await new Promise<void>((resolve) => (finish = resolve))
      return { props: { call } }
    })
    const { leave, ask } = await serve(app)

    await leave('/a')
    await new Promise((resolve) => setTimeout(resolve, 30))
    const next = ask('/a')
    await new Promise((resolve) => setTimeout(resolve, 30))
    finish()

    expect(readPayload((await next).body).props.pageProps).toEqual({ call: 1 })
    expect((await ask('/a')).headers['cache-status']).toBe('pagepress; hit')
    expect(calls).toBe(1)
    expect(errors).toEqual([])
  })

  it('while a page is rendered for it leaves no error behind [21.12]', async () => {
    let finish = () => {}
    const { app, errors } = createTestApp({
      pages: {
        '/': {
          default: blank,
          getServerSideProps: async () => {
            await new Promise<void>((resolve) => (finish = resolve))
            return { props: { text: 'x'.repeat(100_000) } }
          },
        },
      },
    })
    const { leave } = await serve(app)

    await leave('/')
    await new Promise((resolve) => setTimeout(resolve, 30))
    finish()
    await new Promise((resolve) => setTimeout(resolve, 30))

    expect(errors).toEqual([])
  })
})
