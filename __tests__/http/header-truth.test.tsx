import { jest } from '@jest/globals'
import { createTestApp } from 'pagepress/testing'
import { createMemoryStore } from '../../lib/cache/memory-store.js'
import { createClock } from '../support/clock.js'
import { failOnConsole } from '../support/console.js'
import { askDirectly, type DirectAnswer } from '../support/in-process.js'

failOnConsole()
jest.setTimeout(180_000)

const STEPS = 100_000
const REVALIDATE = 100
const EXPIRE = 400
const NOT_FOUND = 30
/** Milliseconds that a render's time may be moved by, so that it lies after an invalidation. */
const MOVED = 20
const PRIVATE = 'private, no-cache, no-store, max-age=0, must-revalidate'

const isr = Array.from({ length: 8 }, (_, id) => `/isr/${id}`)
const others = ['/ever/0', '/ever/1', '/plain', '/ssr', '/big/0']

/** Random numbers that a seed tells again. */
function createRandom(seed: number) {
  let state = seed | 0
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

type Outcome = 'page' | 'not found' | 'redirect' | 'throws'

/** One run of a data function: what it led to, and when it began. */
interface Run {
  readonly path: string
  readonly outcome: Outcome
  readonly began: number
}

/** A site, its clock, and everything that has really happened in it. */
function createSystem(seed: number) {
  const random = createRandom(seed)
  const clock = createClock()
  const runs: Run[] = []
  /** Invalidations that let a page be served once more, by path, in their order. */
  const softAt = new Map<string, number[]>()
  const source = { outcome: 'page' as Outcome }

  const produce = (revalidate: number | false) => async (context: { params?: Record<string, string> }) => {
    const path = revalidate === false ? `/ever/${context.params!['id']}` : `/isr/${context.params!['id']}`
    const { outcome } = source
    const version = runs.push({ path, outcome, began: clock.now() }) - 1
    // Others may ask meanwhile.
    await nextTurn()
    if (outcome === 'throws') throw new Error('The data is away.')
    if (outcome === 'not found') return { notFound: true as const, revalidate: NOT_FOUND }
    const expire = revalidate === false ? {} : { expire: EXPIRE }
    if (outcome === 'redirect')
      return { redirect: { destination: `/to/${version}`, permanent: false }, revalidate, ...expire }
    return { props: { version }, revalidate, ...expire }
  }
  const blocking = () => ({ paths: [], fallback: 'blocking' as const })
  const Show = ({ version, filler = '' }: { version: number; filler?: string }) => (
    <p>
      version-{version}-{filler}
    </p>
  )

  const test = createTestApp({
    now: clock.now,
    store: createMemoryStore({ now: clock.now }),
    options: {
      // Room for a few pages: the others are loaded from the store again and again.
      cache: { maxBytes: 12_000 },
      limits: { entryBytes: 5_000, queue: 1_000 },
      onError: () => {},
    },
    pages: {
      '/isr/[id]': { default: Show, getStaticPaths: blocking, getStaticProps: produce(REVALIDATE) },
      '/ever/[id]': { default: Show, getStaticPaths: blocking, getStaticProps: produce(false) },
      '/big/[id]': {
        default: Show,
        getStaticPaths: blocking,
        getStaticProps: () => {
          runs.push({ path: '/big/0', outcome: 'page', began: clock.now() })
          return { props: { version: runs.length - 1, filler: 'x'.repeat(6_000) }, revalidate: REVALIDATE }
        },
      },
      '/plain': { default: () => <p>plain</p> },
      '/ssr': { default: () => <p>server</p>, getServerSideProps: () => ({ props: {} }) },
    },
  })
  return { ...test, random, clock, runs, softAt, source }
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

/** What the headers say, read as a cache outside would. */
function readHeaders({ headers }: DirectAnswer) {
  const status = headers.get('cache-status') ?? ''
  const control = headers.get('cache-control') ?? ''
  const numberIn = (text: string, pattern: RegExp) => {
    const found = pattern.exec(text)?.[1]
    return found === undefined ? undefined : Number(found)
  }
  return {
    status,
    control,
    parts: new Set(status.split('; ')),
    ttl: numberIn(status, /; ttl=(-?\d+)/),
    fresh: numberIn(control, /^s-maxage=(\d+)/),
    stale: numberIn(control, /stale-while-revalidate=(\d+)/),
  }
}

/** When what a run led to was first marked: from then on it is stale. */
function markedAt(softAt: ReadonlyMap<string, number[]>, path: string, { began }: Run): number | undefined {
  return softAt.get(path)?.find((at) => at > began)
}

type System = ReturnType<typeof createSystem>

/** Compares an answer with what has happened; answers what is untrue of it. */
function findLie(system: System, path: string, answer: DirectAnswer, runsBefore: number): string | undefined {
  const { clock, runs, softAt } = system
  const { status, control, parts, ttl, fresh, stale } = readHeaders(answer)
  const now = clock.now()
  if (answer.headers.has('age')) return 'There is an Age.'
  if (path === '/ssr')
    return status === 'pagepress; fwd=bypass' && control === PRIVATE ? undefined : 'Kept for others.'
  if (answer.status >= 500) {
    if (control !== PRIVATE) return 'An error may be kept.'
    return parts.has('hit') || parts.has('stored') ? 'An error was kept.' : undefined
  }

  const version = /version-(?:<!-- -->)?(\d+)/.exec(answer.body)?.[1] ?? /\/to\/(\d+)/.exec(answer.body)?.[1]
  const located = /\/to\/(\d+)/.exec(answer.headers.get('location') ?? '')?.[1]
  const isNotFound = answer.status === 404
  const isUnnamed = isNotFound || path === '/plain' || answer.status === 304
  const known = located ?? version ?? /version":(\d+)/.exec(answer.body)?.[1]
  if (known === undefined && !isUnnamed && answer.body !== '') return 'Nobody knows which version this is.'
  const wasProduced = known !== undefined && Number(known) >= runsBefore
  const isKept = path !== '/big/0'

  if (known !== undefined) {
    const run = runs[Number(known)]!
    if (run.path !== path) return `It is ${run.path}.`
    if (wasProduced !== !parts.has('hit')) return 'It does not say whether it was produced for this.'
    if (wasProduced && parts.has('stored') !== isKept) return 'It does not say whether it is kept.'
  }
  if (parts.has('hit') ? parts.has('fwd=uri-miss') : !parts.has('fwd=uri-miss'))
    return 'Neither hit nor miss.'
  if (path === '/plain' || (path.startsWith('/ever') && ttl === undefined && !isNotFound))
    return control === 's-maxage=31536000' ? undefined : 'It is due some time.'
  if (path.startsWith('/ever') && !isNotFound) {
    const isMarked = known === undefined || markedAt(softAt, path, runs[Number(known)]!) !== undefined
    return isMarked && control === 's-maxage=1, stale-while-revalidate=31536000'
      ? undefined
      : 'It is due some time.'
  }
  if (fresh === undefined) return 'It says nothing of its freshness.'
  if (known === undefined) {
    const longest = isNotFound ? NOT_FOUND : REVALIDATE
    if (fresh > longest) return 'It is said to be fresh for longer than it lives.'
    return (ttl !== undefined) === (ttl !== undefined && ttl < 0 && fresh === 1)
      ? undefined
      : 'Fresh and stale.'
  }

  const { began } = runs[Number(known)]!
  const left = began + REVALIDATE * 1000 - now
  const untilExpiry = began + (isKept ? EXPIRE : 31_536_000) * 1000 - now
  const marked = markedAt(softAt, path, runs[Number(known)]!)
  const wasMarked = marked !== undefined
  if (parts.has('hit') && untilExpiry <= -MOVED) return 'It has expired.'
  if (Math.abs(left) <= MOVED) return undefined
  const isStale = left <= 0 || (wasMarked && parts.has('hit'))
  if (isStale !== (ttl !== undefined) && parts.has('hit')) return `It is ${isStale ? 'stale' : 'fresh'}.`
  if (isStale) {
    if (fresh !== 1) return 'A stale page is to be kept for longer than a second.'
    if (parts.has('hit')) {
      const since = Math.min(left, (marked ?? Infinity) - now)
      if (ttl! > -1 || ttl! < Math.floor(since / 1000) - 1) return `It has been stale for ${-since} ms.`
    }
  } else if (fresh > Math.max(1, (left + MOVED) / 1000) || fresh < Math.floor(left / 1000))
    return `${left} ms are left.`
  const servable = Math.floor((untilExpiry - Math.max(0, left)) / 1000)
  if (Math.abs((stale ?? 0) - servable) > (wasMarked ? REVALIDATE + 1 : 1))
    return 'It expires at another time.'
  return undefined
}

it('headers say what has happened, in every one of 100,000 random steps [S128]', async () => {
  const seed = Number(process.env['MODEL_SEED'] ?? Date.now() % 2 ** 31)
  process.stdout.write(`headers: MODEL_SEED=${seed}\n`)
  const system = createSystem(seed)
  const { app, site, random, clock, runs, softAt, source } = system
  const lies: string[] = []
  const seen = new Map<string, number>()
  let step = 0

  async function ask(path: string, runsBefore = runs.length): Promise<DirectAnswer> {
    const isData = path !== '/plain' && random(3) === 0
    const url = isData ? `/_data${path}.json` : path
    const method = random(20) === 0 ? 'HEAD' : 'GET'
    const answer = await askDirectly(app, url, { method })
    const kind = readHeaders(answer).status.replace(/-\d+/, '-n')
    seen.set(`${answer.status} ${kind}`, (seen.get(`${answer.status} ${kind}`) ?? 0) + 1)
    const lie = findLie(system, path, answer, runsBefore)
    if (lie !== undefined && lies.length < 5)
      lies.push(
        `step ${step}, ${method} ${url}: ${lie} ${answer.status} ${JSON.stringify([...answer.headers])}`,
      )
    return answer
  }

  /** Many at once: one of those who wait has caused the render, the others share it. */
  async function askAtOnce(path: string): Promise<void> {
    const before = runs.length
    const answers = await Promise.all(Array.from({ length: 3 }, () => ask(path, before)))
    const statuses = answers.map((answer) => readHeaders(answer))
    const causes = statuses.filter(({ parts }) => parts.has('fwd=uri-miss') && !parts.has('collapsed'))
    const sharers = statuses.filter(({ parts }) => parts.has('collapsed'))
    if (causes.length > 1 || (sharers.length > 0 && causes.length !== 1))
      lies.push(`step ${step}, ${path}: ${causes.length} say that they caused a render.`)
  }

  for (; step < STEPS && lies.length === 0; step += 1) {
    const path = random(20) === 0 ? others[random(others.length)]! : isr[random(isr.length)]!
    switch (random(40)) {
      case 0:
        clock.advance([1, 999, 1_000, 30_000, 99_999, 100_000, 250_000, 400_000][random(8)]!)
        break
      case 1:
        clock.advance(random(20_000))
        break
      case 3:
        source.outcome = (['page', 'page', 'page', 'not found', 'redirect', 'throws'] as const)[random(6)]!
        break
      case 4:
        if (random(5) > 0 || path === '/ssr' || path === '/plain') break
        clock.advance(1)
        softAt.set(path, [...(softAt.get(path) ?? []), clock.now()])
        await site.revalidate({ path, soft: true })
        clock.advance(1)
        break
      case 5:
        if (random(10) === 0) await site.revalidate({ prefix: '/isr' })
        break
      case 6:
        if (random(5) === 0) await site.revalidate(path).catch(() => undefined)
        break
      case 8:
        await askAtOnce(path)
        break
      default:
        await ask(path)
    }
    await system.settled()
  }
  await site.close()
  expect(lies).toEqual([])
  // All of it has happened.
  const kinds = [...seen.keys()]
  for (const kind of [
    '200 pagepress; hit',
    '200 pagepress; hit; ttl=-n',
    '200 pagepress; fwd=uri-miss; stored',
    '200 pagepress; fwd=uri-miss; stored; collapsed',
    '200 pagepress; fwd=uri-miss',
    '200 pagepress; fwd=bypass',
    '404 pagepress; hit',
    '307 pagepress; hit',
  ])
    expect(kinds).toContain(kind)
})
