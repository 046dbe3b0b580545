import { jest } from '@jest/globals'
import fc from 'fast-check'
import { createGovernor } from '../../lib/cache/governor.js'
import { createPageMemory } from '../../lib/cache/memory.js'
import { createMemoryStore } from '../../lib/cache/memory-store.js'
import { createResponseCache, type ResponseCache } from '../../lib/cache/response-cache.js'
import { grantLease, type CacheStore } from '../../lib/cache/store.js'
import { createClock } from '../support/clock.js'
import { createPageEntry } from '../support/entries.js'

jest.setTimeout(120_000)

const key = { key: '/a', basePath: '', route: '/[id]', path: '/a' }

function createCache(store: CacheStore, now: () => number): ResponseCache {
  return createResponseCache({
    store,
    memory: createPageMemory({ maxBytes: 100_000, notFoundEntries: 10 }),
    governor: createGovernor({ renders: 10, refreshes: 10, queue: 10 }),
    limits: { entryBytes: 10_000, timeoutMs: 60_000 },
    now,
    onError: (error) => {
      throw error
    },
  })
}

const toPage = (text: string) => ({
  type: 'page' as const,
  status: 200,
  document: Buffer.from(text),
  data: '{}',
  lifetime: { revalidateSeconds: 10, expireSeconds: 1_000, tags: ['t'] },
})

async function textOf(cache: ResponseCache, read: () => Promise<string> | string): Promise<string> {
  const { page } = await cache.serve(key, async () => toPage(await read()))
  return page.type === 'page' ? page.document.bytes.toString() : page.type
}

describe('a page of memory', () => {
  it('gives way to no older one that the store says is fresh [S173]', async () => {
    const clock = createClock()
    // As after a failover: others are asked for leases, and an older generation has come back.
    const old = createPageEntry('old', clock.now() - 5_000)
    let hasStore = false
    const cache = createCache(
      {
        ...createMemoryStore({ now: clock.now }),
        get: async () =>
          hasStore ? { ...old, staleAt: clock.now() + 60_000, expiresAt: Infinity } : undefined,
      },
      clock.now,
    )
    expect(await textOf(cache, () => 'new')).toBe('new')
    hasStore = true
    clock.advance(10_000)
    expect(await textOf(cache, () => 'newer')).toBe('new')
    await cache.settled()
    expect(await textOf(cache, () => 'newest')).toBe('newer')
  })
})

/** What happens, in random order with everything that is under way. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant('visit' as const) },
  { weight: 3, arbitrary: fc.constant('revalidate' as const) },
  { weight: 1, arbitrary: fc.constant('invalidate' as const) },
  { weight: 1, arbitrary: fc.constant('a millisecond' as const) },
  { weight: 1, arbitrary: fc.constant('stale' as const) },
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Lets what waits go on, one at a time, in an order that is chosen by numbers. */
class Scheduler {
  readonly #waiting: (() => void)[] = []
  readonly #choices: Iterator<number>

  constructor(choices: readonly number[]) {
    this.#choices = choices.values()
  }

  turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Takes a turn or the next of the steps, until all is done. */
  async run(steps: (() => void)[], isOver: () => boolean): Promise<void> {
    while (!isOver() || steps.length > 0) {
      const choice = (this.#choices.next().value ?? 0) % Math.max(1, this.#waiting.length + 1)
      const isStep = steps.length > 0 && choice === this.#waiting.length
      const next = isStep ? steps.shift() : (this.#waiting.splice(choice, 1)[0] ?? steps.shift())
      next?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

async function run(steps: readonly Step[], choices: readonly number[]): Promise<void> {
  const clock = createClock()
  const scheduler = new Scheduler(choices)
  const kept = createMemoryStore({ now: clock.now })
  let data = 0
  /** No data from before may be seen by who asks from now on. */
  let floor = 0
  let underWay = 0
  // A store whose questions and answers take their time, and overtake one another.
  const later =
    <Given extends unknown[], T>(call: (...given: Given) => Promise<T>) =>
    async (...given: Given) => {
      await scheduler.turn()
      const answer = await call(...given)
      await scheduler.turn()
      return answer
    }
  const store: CacheStore = {
    ...kept,
    get: later(kept.get),
    set: later(kept.set),
    invalidate: later(kept.invalidate),
    lease: grantLease,
  }
  const cache = createCache(store, clock.now)
  const read = async () => {
    await scheduler.turn()
    const version = data
    await scheduler.turn()
    return String(version)
  }
  const failures: unknown[] = []
  const follow = (work: Promise<unknown>) => {
    underWay += 1
    work.catch((error: unknown) => failures.push(error)).finally(() => (underWay -= 1))
  }

  const visit = () => {
    const atLeast = floor
    follow(textOf(cache, read).then((text) => expect(Number(text)).toBeGreaterThanOrEqual(atLeast)))
  }
  const outdate = (call: () => Promise<unknown>) => {
    const version = (data += 1)
    follow(call().then(() => (floor = Math.max(floor, version))))
  }
  const doings: Record<Step, () => void> = {
    visit,
    revalidate: () => outdate(() => cache.revalidate(key, async () => toPage(await read()))),
    invalidate: () => outdate(() => cache.invalidate({ name: 'tag:t', isSoft: false })),
    'a millisecond': () => clock.advance(1),
    stale: () => clock.advance(10_000),
  }
  // One render is under way whatever comes.
  visit()
  await scheduler.run(
    steps.map((one) => doings[one]),
    () => underWay === 0,
  )
  follow(cache.settled())
  await scheduler.run([], () => underWay === 0)

  // What is kept, here and for those who come later, was read after the last of the calls.
  for (const reader of [cache, createCache(kept, clock.now)])
    follow(
      textOf(reader, () => String(data)).then((text) => expect(Number(text)).toBeGreaterThanOrEqual(floor)),
    )
  follow(cache.settled())
  await scheduler.run([], () => underWay === 0)
  expect(failures).toEqual([])
}

it('what is kept was read after the last revalidation, in 10,000 interleavings with renders under way [S129]', async () => {
  const seed = Number(process.env['MODEL_SEED'] ?? Date.now() % 2 ** 31)
  process.stdout.write(`interleavings: MODEL_SEED=${seed}\n`)
  const steps = fc.array(step, { minLength: 2, maxLength: 7 })
  const choices = fc.array(fc.nat(1_000), { minLength: 10, maxLength: 40 })
  await fc.assert(fc.asyncProperty(steps, choices, run), {
    seed,
    numRuns: Number(process.env['MODEL_RUNS'] ?? 10_000),
    endOnFailure: false,
  })
})
