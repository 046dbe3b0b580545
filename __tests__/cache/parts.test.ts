import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { createBackOff } from '../../lib/cache/back-off.js'
import { bodySize, createBody, encodeBody, isWorthCompressing, makeEtag } from '../../lib/cache/body.js'
import { cachedSize, toCached } from '../../lib/cache/cached-page.js'
import { createGovernor } from '../../lib/cache/governor.js'
import { routeKey, shellKey, statusKey } from '../../lib/cache/key.js'
import { createPageMemory } from '../../lib/cache/memory.js'
import { withinTime } from '../../lib/cache/time-limit.js'
import { BASE_PATH_TOKEN, ROOT_PATH_TOKEN } from '../../lib/protocol/base-path.js'
import { createClock } from '../support/clock.js'
import { createNotFoundEntry, createPageEntry, createRedirectEntry } from '../support/entries.js'

const live = (text = 'page', basePath = '') => toCached(createPageEntry(text), basePath)

function defer<T = void>() {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((keep, fail) => ((resolve = keep), (reject = fail)))
  return { promise, resolve, reject }
}

describe('the page memory', () => {
  it('holds no more bytes than it may, the pages used last', () => {
    const size = cachedSize(live('x'.repeat(1_000)))
    const memory = createPageMemory({ maxBytes: 12 * size, notFoundEntries: 10 })
    const keys = Array.from({ length: 13 }, (_, index) => `/${index}`)
    for (const key of keys.slice(0, -1)) memory.set(key, live('x'.repeat(1_000)))
    memory.get('/0')
    memory.set('/12', live('x'.repeat(1_000)))

    expect(keys.filter((key) => memory.get(key) === undefined)).toEqual(['/1'])
    expect(memory.bytes).toBe(12 * size)
    expect(memory.entries).toBe(12)
  })

  it('keeps no page that is larger than all of it', () => {
    const memory = createPageMemory({ maxBytes: 3_000, notFoundEntries: 10 })
    memory.set('/a', live())
    memory.set('/b', live('x'.repeat(3_000)))

    expect(memory.get('/b')).toBeUndefined()
    expect(memory.get('/a')).toBeDefined()
  })

  it('keeps no page that takes more than a tenth of it, nor the one that it takes the place of', () => {
    const size = cachedSize(live('x'.repeat(100_000)))
    const memory = createPageMemory({ maxBytes: 10 * size, notFoundEntries: 10 })
    memory.set('/a', live('x'.repeat(100_000)))
    memory.set('/b', live('x'.repeat(100_001)))
    expect(memory.get('/a')).toBeDefined()
    expect(memory.get('/b')).toBeUndefined()

    memory.set('/a', live('x'.repeat(100_001)))
    expect(memory.get('/a')).toBeUndefined()
    expect(memory.bytes).toBe(0)
  })

  it('counts compressed forms when they have come, and only of pages that it still has', async () => {
    const memory = createPageMemory({ maxBytes: 100_000, notFoundEntries: 10 })
    const page = live('x'.repeat(5_000))
    memory.set('/a', page)
    const before = memory.bytes
    if (page.type !== 'page') throw new Error('no page')

    const bytes = await encodeBody(page.document, 'gzip', () => memory.resize('/a', page))
    expect(memory.bytes).toBe(before + bytes.length)
    memory.set('/a', live('y'))
    const replaced = memory.bytes
    memory.resize('/a', page)
    memory.resize('/b', page)
    expect(memory.bytes).toBe(replaced)
  })

  it('drops a page whose compressed forms make it too large', async () => {
    const page = live('x'.repeat(1_000))
    const memory = createPageMemory({ maxBytes: cachedSize(page), notFoundEntries: 10 })
    memory.set('/a', page)
    if (page.type !== 'page') throw new Error('no page')

    await encodeBody(page.document, 'br', () => memory.resize('/a', page))

    expect(memory.get('/a')).toBeUndefined()
    expect(memory.bytes).toBe(0)
  })

  it('keeps "not found" apart, where it drives out no page', () => {
    const memory = createPageMemory({ maxBytes: 30_000, notFoundEntries: 2 })
    memory.set('/page', live())
    for (const key of ['/1', '/2', '/3']) memory.set(key, createNotFoundEntry())

    expect(['/page', '/1', '/2', '/3'].map((key) => memory.get(key)?.type)).toEqual([
      'page',
      undefined,
      'not-found',
      'not-found',
    ])
  })

  it('has one thing under a key: a page, or that there is none', () => {
    const memory = createPageMemory({ maxBytes: 100_000, notFoundEntries: 2 })
    for (const page of [live(), createNotFoundEntry(), createRedirectEntry()]) {
      memory.set('/a', page)
      expect(memory.get('/a')).toEqual(page)
      expect(memory.entries).toBe(1)
    }
    memory.delete('/a')
    expect(memory.get('/a')).toBeUndefined()
    expect(memory.bytes).toBe(0)
  })

  it('keeps nothing of what it has no room for at all', () => {
    const memory = createPageMemory({ maxBytes: 0, notFoundEntries: 0 })
    memory.set('/a', live())
    memory.set('/b', createNotFoundEntry())
    memory.resize('/a', live())
    memory.delete('/a')

    expect([memory.get('/a'), memory.get('/b'), memory.bytes, memory.entries]).toEqual([
      undefined,
      undefined,
      0,
      0,
    ])
  })
})

describe('a body', () => {
  const body = () => createBody(Buffer.from('compress me '.repeat(500)))

  it('has a weak validator of its bytes', () => {
    expect(body().etag).toMatch(/^W\/"[\w-]{27}"$/)
    expect(body().etag).toBe(makeEtag('compress me '.repeat(500)))
    expect(createBody(Buffer.from('other')).etag).not.toBe(body().etag)
  })

  it('is compressed once for all who ask, and at once from then on', async () => {
    const one = body()
    let grown = 0
    const onGrown = () => (grown += 1)
    const asked = [encodeBody(one, 'gzip', onGrown), encodeBody(one, 'gzip', onGrown)]
    expect(asked[0]).toBe(asked[1])

    const bytes = await asked[0]!
    expect(gunzipSync(bytes)).toEqual(one.bytes)
    expect(encodeBody(one, 'gzip', onGrown)).toBe(bytes)
    expect(brotliDecompressSync(await encodeBody(one, 'br', onGrown))).toEqual(one.bytes)
    expect(grown).toBe(2)
    expect(bodySize(one)).toBe(one.bytes.length + bytes.length + (one.br as Buffer).length)
  })

  it('may be tried again when compressing it failed', async () => {
    const broken = { ...body(), bytes: 5 as unknown as Buffer }

    await expect((async () => encodeBody(broken, 'gzip', () => {}))()).rejects.toThrow()
    expect(broken.gzip).toBeUndefined()
  })

  it('is worth compressing from a size on', () => {
    expect([isWorthCompressing(859), isWorthCompressing(860)]).toEqual([false, true])
  })
})

describe('a cached page', () => {
  it('links below the mount that it is served under', () => {
    const text = `${BASE_PATH_TOKEN}/x ${ROOT_PATH_TOKEN} "`
    const shown = (basePath: string) => {
      const page = live(text, basePath)
      return page.type === 'page' ? page.document.bytes.toString() : ''
    }

    expect(shown('/shop')).toBe('<p>/shop/x /shop "</p>')
    expect(shown('')).toBe('<p>/x / "</p>')
  })

  it('holds bytes of its own, not the larger buffer that they came in', () => {
    const large = Buffer.alloc(100_000, 'x')
    const page = toCached({ ...createPageEntry(), document: large.subarray(0, 10) }, '')

    expect(page.type === 'page' && page.document.bytes.buffer.byteLength).toBeLessThan(20_000)
  })

  it('of a redirect or "not found" is the same, and nobody else\'s', () => {
    for (const entry of [createRedirectEntry(), createNotFoundEntry()]) {
      expect(toCached(entry, '/shop')).toEqual(entry)
      expect(toCached(entry, '/shop')).not.toBe(entry)
    }
    expect(cachedSize(createRedirectEntry())).toBeGreaterThan(0)
  })
})

it('names that are no paths never begin like one', () => {
  for (const key of [routeKey('/a'), shellKey('/a'), statusKey(404)]) expect(key).not.toMatch(/^\//)
  expect(new Set([routeKey('/a'), shellKey('/a'), statusKey(404)]).size).toBe(3)
})

describe('the back-off', () => {
  it('waits 3 s after a failure and twice as long after each more, up to 30 s', () => {
    const clock = createClock(0)
    const backOff = createBackOff(clock.now)
    expect(backOff.isWaiting('/a')).toBe(false)

    for (const wait of [3_000, 6_000, 12_000, 24_000, 30_000, 30_000]) {
      backOff.failed('/a')
      clock.advance(wait - 1)
      expect([backOff.isWaiting('/a'), backOff.isWaiting('/b')]).toEqual([true, false])
      clock.advance(1)
      expect(backOff.isWaiting('/a')).toBe(false)
    }
    backOff.forget('/a')
    backOff.failed('/a')
    clock.advance(3_000)
    expect(backOff.isWaiting('/a')).toBe(false)
  })

  it('remembers no more than ten thousand pages, the latest', () => {
    const backOff = createBackOff(() => 0)
    for (let index = 0; index <= 10_000; index += 1) backOff.failed(`/${index}`)

    expect(['/0', '/1', '/10000'].map((key) => backOff.isWaiting(key))).toEqual([false, true, true])
  })
})

describe('the governor', () => {
  it('runs so many renders at a time, the others in the order they came', async () => {
    const governor = createGovernor({ renders: 2, refreshes: 1, queue: 10 })
    const started: number[] = []
    const gates = [0, 1, 2, 3].map(() => defer())
    const runs = gates.map(({ promise }, index) =>
      governor.render(() => {
        started.push(index)
        return promise.then(() => index)
      }),
    )
    await Promise.resolve()
    expect(started).toEqual([0, 1])

    gates[1]!.resolve()
    await runs[1]
    await new Promise((resolve) => setImmediate(resolve))
    expect(started).toEqual([0, 1, 2])
    for (const { resolve } of gates) resolve()
    expect(await Promise.all(runs)).toEqual([0, 1, 2, 3])
    expect(started).toEqual([0, 1, 2, 3])
  })

  it('gives the turn on when a render fails', async () => {
    const governor = createGovernor({ renders: 1, refreshes: 1, queue: 10 })
    const first = governor.render(() => Promise.reject(new Error('broken')))
    const second = governor.render(async () => 'fine')

    await expect(first).rejects.toThrow('broken')
    expect(await second).toBe('fine')
    expect(await governor.render(async () => 'idle again')).toBe('idle again')
  })

  it('refuses with 503 when too many wait, and names the limits', async () => {
    const governor = createGovernor({ renders: 1, refreshes: 1, queue: 1 })
    const gate = defer()
    const runs = [governor.render(() => gate.promise), governor.render(async () => {})]

    await expect(governor.render(async () => {})).rejects.toMatchObject({
      code: 'PAGES_OVERLOADED',
      status: 503,
    })
    await expect(governor.render(async () => {})).rejects.toThrow(
      /1 pages wait .* 1 are .*`limits.queue` or `limits.renders`/,
    )
    gate.resolve()
    await Promise.all(runs)
  })

  it('lets a refresh be where there is no room, and apart from renders', async () => {
    const governor = createGovernor({ renders: 1, refreshes: 1, queue: 0 })
    const gate = defer()
    const render = governor.render(() => gate.promise)
    const refresh = governor.refresh(() => gate.promise)

    expect(refresh).toBeDefined()
    expect(governor.refresh(async () => {})).toBeUndefined()
    gate.resolve()
    await Promise.all([render, refresh])
    expect(governor.refresh(async () => {})).toBeDefined()
  })

  it('has room again after a refresh that failed', async () => {
    const governor = createGovernor({ renders: 1, refreshes: 1, queue: 0 })

    await expect(governor.refresh(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(governor.refresh(async () => {})).toBeDefined()
  })
})

describe('withinTime', () => {
  it('passes on what comes in time, result or failure', async () => {
    expect(await withinTime(Promise.resolve(5), 1_000, '/a')).toBe(5)
    await expect(withinTime(Promise.reject(new Error('broken')), 1_000, '/a')).rejects.toThrow('broken')
  })

  it('rejects with 504 when nothing comes, and drops what comes later', async () => {
    const late = defer()
    const waiting = withinTime(late.promise, 5, '/a')

    await expect(waiting).rejects.toMatchObject({ code: 'PAGES_RENDER_TIMEOUT', status: 504 })
    late.reject(new Error('nobody hears of this'))
    await new Promise((resolve) => setImmediate(resolve))
  })
})
