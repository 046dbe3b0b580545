import { setTimeout as sleep } from 'node:timers/promises'
import { createTestApp } from 'pagepress/testing'
import { createClock } from '../support/clock.js'
import { failOnConsole } from '../support/console.js'
import { readPayload } from '../support/page-data.js'
import { serve, stopServers, type Answer } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

function Show(props: Record<string, unknown>) {
  return <p>{JSON.stringify(props)}</p>
}

const crowd = (count: number, ask: (index: number) => Promise<Answer>) =>
  Promise.all(Array.from({ length: count }, (_, index) => ask(index)))

describe('a crowd', () => {
  it('of 1,000 at a page that is in no cache makes getStaticProps run once [4.37]', async () => {
    let calls = 0
    const { app } = createTestApp({
      pages: {
        '/product/[id]': {
          default: Show,
          getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
          async getStaticProps() {
            calls += 1
            await sleep(300)
            return { props: { random: Math.random() }, revalidate: 10 }
          },
        },
      },
    })
    const { ask } = await serve(app)

    const answers = await crowd(1_000, () => ask('/product/1'))

    expect(calls).toBe(1)
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1)
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    const statuses = answers.map(({ headers }) => headers['cache-status'])
    expect(statuses.filter((status) => status === 'pagepress; fwd=uri-miss; stored')).toHaveLength(1)
    expect(
      statuses.filter((status) => status === 'pagepress; fwd=uri-miss; stored; collapsed').length,
    ).toBeGreaterThan(0)
  })

  it('that wants HTML and data of a page at once makes getStaticProps run once [6.24]', async () => {
    let calls = 0
    const { app } = createTestApp({
      pages: {
        '/': {
          default: Show,
          async getStaticProps() {
            calls += 1
            await sleep(50)
            return { props: { random: Math.random() }, revalidate: 10 }
          },
        },
      },
    })
    const { ask } = await serve(app)

    const [documents, data] = await Promise.all([
      crowd(10, () => ask('/')),
      crowd(10, () => ask('/_data/index.json')),
    ])

    expect(calls).toBe(1)
    const props = [
      ...documents.map(({ body }) => readPayload(body).props.pageProps),
      ...data.map(({ body }) => (JSON.parse(body) as { pageProps: object }).pageProps),
    ]
    expect(new Set(props.map((value) => JSON.stringify(value))).size).toBe(1)
  })

  it('of 1,000 at a stale page makes one refresh, for which nobody waits [7.09]', async () => {
    let calls = 0
    let finish = () => {}
    const clock = createClock()
    const { app, settled } = createTestApp({
      pages: {
        '/': {
          default: Show,
          async getStaticProps() {
            calls += 1
            if (calls > 1) await new Promise<void>((resolve) => (finish = resolve))
            return { props: { calls }, revalidate: 1 }
          },
        },
      },
      now: clock.now,
    })
    const { ask } = await serve(app)
    const { body: old } = await ask('/')
    clock.advance(1_000)

    // All are answered although the refresh has not ended.
    const answers = await crowd(1_000, () => ask('/'))
    expect(calls).toBe(2)
    expect(answers.every(({ body }) => body === old)).toBe(true)

    finish()
    await settled()
    expect(readPayload((await ask('/')).body).props.pageProps).toEqual({ calls: 2 })
  })

  it('at different pages produces no more of them at a time than limits.renders allows', async () => {
    let running = 0
    let most = 0
    const { app } = createTestApp({
      pages: {
        '/[id]': {
          default: Show,
          getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
          async getStaticProps() {
            most = Math.max(most, ++running)
            await sleep(5)
            running -= 1
            return { props: {} }
          },
        },
      },
      options: { limits: { renders: 3 } },
    })
    const { ask } = await serve(app)

    const answers = await crowd(30, (index) => ask(`/${index}`))

    expect(most).toBe(3)
    expect(answers.every(({ status }) => status === 200)).toBe(true)
  })

  it('at pages rendered per request mixes up neither their query nor their head [1.60]', async () => {
    const { app } = createTestApp({
      pages: {
        '/p/[id]': {
          default: Show,
          async getServerSideProps({ query }: { query: { id: string; wait: string } }) {
            await sleep(Number(query.wait))
            return { props: { id: query.id } }
          },
        },
      },
    })
    const { ask } = await serve(app)

    const answers = await crowd(50, (index) => ask(`/p/${index}?wait=${(index * 7) % 20}`))

    answers.forEach(({ body }, index) => {
      const payload = readPayload(body)
      expect(payload.query).toEqual({ id: String(index), wait: String((index * 7) % 20) })
      expect(payload.props.pageProps).toEqual({ id: String(index) })
      expect(body).toContain(`&quot;id&quot;:&quot;${index}&quot;`)
    })
  })

  it('beyond limits.queue is told to come again', async () => {
    const release: (() => void)[] = []
    const { app, errors } = createTestApp({
      pages: {
        '/[id]': {
          default: Show,
          getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
          async getStaticProps() {
            await new Promise<void>((resolve) => release.push(resolve))
            return { props: {} }
          },
        },
      },
      options: { limits: { renders: 1, queue: 1 } },
    })
    const { ask } = await serve(app)
    const first = ask('/1')
    while (release.length === 0) await sleep(5)
    const second = ask('/2')
    await sleep(50)

    const third = await ask('/3')
    expect(third.status).toBe(503)
    expect(third.headers).toMatchObject({ 'retry-after': '1' })
    expect(third.headers['cache-control']).toContain('private')
    expect(errors).toEqual([expect.objectContaining({ code: 'PAGES_OVERLOADED' })])

    release.shift()!()
    expect((await first).status).toBe(200)
    while (release.length === 0) await sleep(5)
    release.shift()!()
    expect((await second).status).toBe(200)
  })
})
