import type { ServerResponse } from 'node:http'
import { Suspense, use } from 'react'
import request from 'supertest'
import type { GetServerSidePropsContext } from 'pagepress'
import { createTestApp } from 'pagepress/testing'
import { emptyStore } from '../../lib/cache/store.js'
import { createClock } from '../support/clock.js'
import { failOnConsole, takeConsole } from '../support/console.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const Show = (props: object) => <p>{JSON.stringify(props)}</p>

/** A promise that a test settles. */
function defer<T = void>() {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((settle) => (resolve = settle))
  return { promise, resolve }
}

describe('context.signal', () => {
  const create = (
    getServerSideProps: (context: GetServerSidePropsContext) => unknown,
    options: { limits?: { timeoutMs: number } } = {},
  ) => createTestApp({ pages: { '/p': { default: Show, getServerSideProps } }, options })

  it('is aborted when the visitor leaves, and nobody is told of an error', async () => {
    const aborted = defer<AbortSignal>()
    let rendered = false
    const { app, errors } = createTestApp({
      pages: {
        '/p': {
          default: () => ((rendered = true), null),
          getServerSideProps: async ({ signal }: GetServerSidePropsContext) => {
            await new Promise((resolve) => signal.addEventListener('abort', resolve))
            aborted.resolve(signal)
            signal.throwIfAborted()
          },
        },
      },
    })
    const { leave } = await serve(app)

    await leave('/p')

    expect((await aborted.promise).aborted).toBe(true)
    await new Promise((resolve) => setImmediate(resolve))
    expect([rendered, errors]).toEqual([false, []])
  })

  it('stays as it is for a visitor who stays', async () => {
    let seen: AbortSignal | undefined
    const { app } = create((context) => ((seen = { ...context }.signal), { props: {} }))

    await request(app).get('/p').expect(200)
    await new Promise((resolve) => setImmediate(resolve))

    expect(seen?.aborted).toBe(false)
  })

  it('is aborted with the reason when the time is over', async () => {
    const aborted = defer<unknown>()
    const { app, errors } = create(
      ({ signal }) => {
        signal.addEventListener('abort', () => aborted.resolve(signal.reason))
        return new Promise(() => {})
      },
      { limits: { timeoutMs: 20 } },
    )

    await request(app).get('/p').expect(504)

    expect(await aborted.promise).toMatchObject({ code: 'PAGES_RENDER_TIMEOUT' })
    expect(errors).toHaveLength(1)
  })

  it('explains nothing else that fails for a visitor who has left', async () => {
    const asked = defer()
    const left = defer()
    const { app, errors } = create(async ({ res, signal: _signal }) => {
      res.once('close', () => left.resolve())
      asked.resolve()
      await left.promise
      throw new Error('database down')
    })
    const { leave } = await serve(app)

    await leave('/p')
    await asked.promise
    await left.promise
    await new Promise((resolve) => setImmediate(resolve))

    expect(errors).toEqual([new Error('database down')])
  })
})

describe('a page that suspends', () => {
  /** Counts the renders of what waits for a promise. */
  function createWaiting() {
    const data = defer()
    const waiting = defer()
    const counts = { renders: 0, commits: 0 }
    const Wait = () => {
      counts.renders++
      waiting.resolve()
      use(data.promise)
      counts.commits++
      return <p>there</p>
    }
    const Page = () => (
      <Suspense fallback="…">
        <Wait />
      </Suspense>
    )
    return { data, waiting, counts, Page }
  }

  it('is given up when the visitor leaves: it is not rendered on when its data comes', async () => {
    const { data, waiting, counts, Page } = createWaiting()
    const { app, errors } = createTestApp({
      pages: { '/p': { default: Page, getServerSideProps: () => ({ props: {} }) } },
    })
    const { leave, server } = await serve(app)
    const closed = new Promise<void>((resolve) =>
      server.once('request', (_req, res: ServerResponse) => void res.once('close', resolve)),
    )

    await leave('/p')
    await Promise.all([waiting.promise, closed])
    data.resolve()
    await new Promise((resolve) => setTimeout(resolve, 20))

    expect([counts.commits, errors]).toEqual([0, []])
  })

  it.each([
    ['server', { getServerSideProps: () => ({ props: {} }) }],
    ['static', { getStaticProps: () => ({ props: {} }) }],
  ])('for ever ends with 504, is not kept, and is not rendered on: a %s page', async (_kind, data) => {
    const { data: promise, counts, Page } = createWaiting()
    const stored: string[] = []
    const { app, errors, settled } = createTestApp({
      pages: { '/p': { default: Page, ...data } },
      options: { limits: { timeoutMs: 30 } },
      store: { ...emptyStore, set: async (key) => void stored.push(key) },
    })

    const { headers } = await request(app).get('/p').expect(504)
    expect(headers['cache-control']).toMatch(/no-store/)
    await settled()
    await new Promise((resolve) => setTimeout(resolve, 40))
    const { renders } = counts
    promise.resolve()
    await new Promise((resolve) => setTimeout(resolve, 20))

    expect([counts.renders - renders, counts.commits]).toEqual([0, 0])
    expect(stored.filter((key) => key.startsWith('/'))).toEqual([])
    expect(errors).toEqual([expect.objectContaining({ code: 'PAGES_RENDER_TIMEOUT' })])
    await request(app).get('/p').expect(200)
  })
})

describe('props of many bytes', () => {
  const create = (bytes: number, { dev = false, largePageDataBytes = 128_000 } = {}) => {
    const props = () => ({ props: { text: 'x'.repeat(bytes) } })
    return createTestApp({
      pages: {
        '/server': { default: Show, getServerSideProps: props },
        '/blog/[slug]': {
          default: Show,
          getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
          getStaticProps: props,
        },
      },
      options: { dev },
      config: { largePageDataBytes },
    })
  }
  /** What stands around the text in the JSON of the props. */
  const around = JSON.stringify({ pageProps: { text: '' } }).length

  it('are reported once for each page, with the path and the size [3.28]', async () => {
    const { app } = create(136_000 - around)

    await request(app).get('/server?a=1').expect(200)
    expect(takeConsole()).toEqual([
      expect.stringMatching(/the props of page `\/server` are 136 kB of JSON, more than 128 kB/),
    ])
    await request(app).get('/blog/a').expect(200)
    expect(takeConsole()).toEqual([
      expect.stringMatching(/the props of page `\/blog\/\[slug\]` \(path "\/blog\/a"\) are 136 kB/),
    ])
    await request(app).get('/server').expect(200)
    await request(app).get('/blog/b').expect(200)
    expect(takeConsole()).toEqual([])
  })

  it('are reported each time in development [3.28]', async () => {
    const { app } = create(136_000, { dev: true })

    await request(app).get('/server').expect(200)
    await request(app).get('/server').expect(200)
    expect(takeConsole()).toHaveLength(2)
  })

  it('are as many as the configuration says [3.28]', async () => {
    for (const [bytes, warnings] of [
      [128_000, 0],
      [128_001, 1],
    ] as const) {
      await request(create(bytes - around).app)
        .get('/server')
        .expect(200)
      expect(takeConsole()).toHaveLength(warnings)
    }
    await request(create(1000, { largePageDataBytes: 500 }).app)
      .get('/server')
      .expect(200)
    expect(takeConsole()).toEqual([expect.stringMatching(/are 1 kB of JSON, more than 1 kB/)])
    await request(create(200_000, { largePageDataBytes: 300_000 }).app)
      .get('/server')
      .expect(200)
    expect(takeConsole()).toEqual([])
  })
})

describe('a page that is due in more than a year', () => {
  it('is served, with a warning [3.13]', async () => {
    const create = (revalidate: number) =>
      createTestApp({
        pages: { '/p': { default: Show, getStaticProps: () => ({ props: {}, revalidate }) } },
        now: createClock().now,
      })

    const { headers } = await request(create(31_536_001).app).get('/p').expect(200)
    expect(headers['cache-control']).toBe('s-maxage=31536001')
    expect(takeConsole()).toEqual([
      expect.stringMatching(/`getStaticProps` of `pages\/p\.tsx` returned `revalidate: 31536001` for `\/p`/),
    ])
    await request(create(31_536_000).app).get('/p').expect(200)
    expect(takeConsole()).toEqual([])
  })
})
