import { setTimeout as pause } from 'node:timers/promises'
import { redisStore } from 'pagepress/redis'
import { createTestApp, type TestApp } from 'pagepress/testing'
import { stopLines } from './line.js'
import { stopRedisServers } from './redis.js'
import { serve, stopServers, type RunningServer } from './serve.js'

/** A little more than the fifty milliseconds that a visitor waits for Redis at most. */
export const WAIT = 60

/**
 * No visitor waited longer than that for Redis, but for a few whom something else on this machine held up; and none of the
 * first, who are the ones that ask, waited for one answer after another that never came.
 */
export function expectShortWaits(times: readonly number[]): void {
  expect(times.filter((ms) => ms > WAIT).length).toBeLessThanOrEqual(5)
  expect(Math.max(...times.slice(0, 5))).toBeLessThan(2 * WAIT)
}

export interface RedisSite extends TestApp {
  readonly ask: RunningServer['ask']
  /** Status and milliseconds of an answer. */
  time(path: string): Promise<{ status: number; ms: number }>
  /** How often a page has been produced. */
  runs(): number
}

const sites: TestApp[] = []
let plain: RunningServer | undefined

/** Call it in `afterEach`: ends all sites, their lines and their Redis servers. */
export async function closeRedisSites(): Promise<void> {
  await stopServers()
  plain = undefined
  for (const { site } of sites.splice(0)) await site.close()
  await stopLines()
  await stopRedisServers()
}

/** A site that keeps nothing in memory, so that every visit asks Redis, unless it is told otherwise. */
export async function openRedisSite(
  source: Parameters<typeof redisStore>[0],
  { maxBytes = 0, revalidate = 3600 as number | false, text = '' } = {},
): Promise<RedisSite> {
  let runs = 0
  const test = createTestApp({
    options: { cache: { maxBytes, store: redisStore(source) } },
    pages: {
      '/p/[id]': {
        default: ({ n }: { n: number }) => (
          <>
            <p>{n}</p>
            {text}
          </>
        ),
        getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
        getStaticProps: () => ({ props: { n: ++runs }, revalidate, tags: ['p'] }),
      },
    },
  })
  sites.push(test)
  const { ask } = await serve(test.app)
  const time = async (path: string) => {
    const begun = performance.now()
    const { status } = await ask(path)
    return { status, ms: performance.now() - begun }
  }
  return { ...test, ask, time, runs: () => runs }
}

/**
 * Visits paths that are asked for the first time, and answers how much longer each took than the slowest of the visits,
 * made in between, to a site without Redis: what Redis costs, whatever else the machine does meanwhile.
 */
export async function visit(site: RedisSite, count: number, from = 0): Promise<number[]> {
  const times: number[] = []
  let slowest = 0
  for (let index = from; index < from + count; index += 1) {
    slowest = Math.max(slowest, await timeWithoutRedis(`/p/${index}`))
    const { status, ms } = await site.time(`/p/${index}`)
    expect(status).toBe(200)
    times.push(ms)
  }
  return times.map((ms) => ms - slowest)
}

async function timeWithoutRedis(path: string): Promise<number> {
  plain ??= await serve(
    createTestApp({
      pages: {
        '/p/[id]': {
          default: () => <p>plain</p>,
          getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
          getStaticProps: () => ({ props: {} }),
        },
      },
    }).app,
  )
  const begun = performance.now()
  await plain.ask(path)
  return performance.now() - begun
}

/** Waits until Redis is used again: a page that is not in memory is not produced anew. Answers how long that took. */
export async function untilUsed(site: RedisSite): Promise<number> {
  const begun = performance.now()
  for (;;) {
    await site.ask('/p/used')
    await site.settled()
    const before = site.runs()
    await site.ask('/p/used')
    if (site.runs() === before) return performance.now() - begun
    if (performance.now() - begun > 15_000) throw new Error('Redis is not used again.')
    await pause(50)
  }
}
