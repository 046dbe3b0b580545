import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { redisStore } from 'pagepress/redis'
import { createTestApp, type TestApp } from 'pagepress/testing'
import { createFileStore } from '../../lib/cache/file-store.js'
import { createClock, type FakeClock } from '../support/clock.js'
import { failOnConsole } from '../support/console.js'
import { describeRedis, startRedis, stopRedisServers } from '../support/redis.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()

let folder: string
let sites: TestApp[]
let data: string | undefined
let calls: number
/** What the page adds to `notFound: true`. */
let more: object

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pagepress-'))
  sites = []
  data = undefined
  calls = 0
  more = {}
})
afterEach(async () => {
  await stopServers()
  for (const { site } of sites) await site.close()
  await stopRedisServers()
  await rm(folder, { recursive: true, force: true })
})

type Kept = Pick<Parameters<typeof createTestApp>[0], 'store' | 'options'>

/** A process that serves `/p`, and asks for it in both forms. */
async function start(now: () => number, kept: Kept) {
  const test = createTestApp({
    now,
    ...kept,
    pages: {
      '/p': {
        default: ({ text }: { text: string }) => <p>{text}</p>,
        getStaticProps() {
          calls += 1
          return data === undefined ? { notFound: true, ...more } : { props: { text: data }, revalidate: 1 }
        },
      },
    },
  })
  sites.push(test)
  await test.site.ready()
  const { ask } = await serve(test.app)
  const textOf = ({ status, body }: Awaited<ReturnType<typeof ask>>) =>
    status === 404 ? 404 : /<p>(.*?)<\/p>/.exec(body)?.[1]
  return async () => {
    const shown = textOf(await ask('/p'))
    await test.settled()
    // What the next one sees is the same in both forms.
    const next = textOf(await ask('/p'))
    const { status, body } = await ask('/_data/p.json')
    if (next === 404) expect([status, body]).toEqual([404, '{"notFound":true}'])
    else expect([status, body]).toEqual([200, `{"pageProps":{"text":"${next}"}}`])
    return shown
  }
}

const kinds: [kind: string, keep: (clock: FakeClock) => Kept][] = [
  ['memory alone', () => ({})],
  [
    'files',
    ({ now }) => ({
      store: createFileStore({
        directory: folder,
        buildId: 'b',
        now,
        onError(error) {
          throw error
        },
      }),
    }),
  ],
]

describe.each(kinds)('with %s, a page that is not found', (kind, keep) => {
  it('without `revalidate` is so for a minute, and there when its data is [S118]', async () => {
    const clock = createClock()
    const visit = await start(clock.now, keep(clock))
    expect(await visit()).toBe(404)
    data = 'there'
    clock.advance(59_999)
    expect([await visit(), calls]).toEqual([404, 1])
    clock.advance(1)
    // The one who comes first still sees what there was.
    expect([await visit(), calls]).toEqual([404, 2])
    expect([await visit(), calls]).toEqual(['there', 2])

    if (kind === 'memory alone') return
    const later = await start(clock.now, keep(clock))
    expect([await later(), calls]).toEqual(['there', 2])
  })

  it('after it was there stays gone, also for a process that starts later, and comes back with its data [S118]', async () => {
    const clock = createClock()
    data = 'there'
    const visit = await start(clock.now, keep(clock))
    expect(await visit()).toBe('there')
    data = undefined
    clock.advance(1_000)
    await visit()
    expect([await visit(), calls]).toEqual([404, 2])

    const hasStore = kind !== 'memory alone'
    const later = hasStore ? await start(clock.now, keep(clock)) : visit
    expect([await later(), calls]).toEqual([404, 2])
    data = 'back'
    clock.advance(60_000)
    await later()
    expect([await later(), calls]).toEqual(['back', 3])
    if (hasStore) expect([await (await start(clock.now, keep(clock)))(), calls]).toEqual(['back', 3])
  })
})

describeRedis('with Redis, a page that is not found', () => {
  it('after it was there stays gone on every machine for as long as it says, and comes back with its data [S118]', async () => {
    const { url } = await startRedis()
    const kept = { options: { cache: { store: redisStore(url) } } }
    const first = await start(Date.now, kept)
    data = 'there'
    expect(await first()).toBe('there')
    data = undefined
    await pause(1_050)
    await first()
    expect(await first()).toBe(404)
    const before = calls
    const second = await start(Date.now, kept)
    expect([await second(), calls]).toEqual([404, before])
    // Its life is a minute, in Redis, too.
    const { inStore, renderedAt, staleAt } = await sites[1]!.site.explain('/p')
    expect([inStore, Number(staleAt) - Number(renderedAt)]).toEqual([true, 60_000])

    more = { revalidate: 1 }
    await sites[1]!.site.revalidate('/p')
    data = 'back'
    await pause(1_050)
    await second()
    expect(await second()).toBe('back')
    const third = await start(Date.now, kept)
    expect(await third()).toBe('back')
  })
})
