import { jest } from '@jest/globals'
import { createDataClient } from '../../lib/client/data-client.js'

const props = { pageProps: { a: 1 } }

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

interface AnswerOptions {
  status?: number
  build?: string | null
  cache?: string
}

function answer(body: unknown, { status = 200, build = 'one', cache }: AnswerOptions = {}) {
  const headers = {
    ...(build !== null && { 'Pagepress-Build': build }),
    ...(cache && { 'Cache-Control': cache }),
  }
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers })
}

function createClient(...answers: (Response | Error)[]) {
  const fetch = jest.fn<typeof globalThis.fetch>(async () => {
    const next = answers.shift() ?? answer(props)
    if (next instanceof Error) throw next
    return next
  })
  return { fetch, client: createDataClient({ fetch, buildId: 'one' }) }
}

describe('load', () => {
  it('gives the data, a redirect, and a page that is not found', async () => {
    const redirect = { redirect: { destination: '/x', status: 307 } }
    const { client } = createClient(
      answer(props),
      answer(redirect),
      answer({ notFound: true }, { status: 404 }),
    )
    expect(await client.load('/_data/a.json')).toEqual(props)
    expect(await client.load('/_data/a.json')).toEqual(redirect)
    expect(await client.load('/_data/a.json')).toEqual({ notFound: true })
  })

  it('asks the server every time', async () => {
    const { client, fetch } = createClient()
    const { signal } = new AbortController()
    await client.load('/_data/a.json', { signal })
    await client.load('/_data/a.json', { signal })
    expect(fetch).toHaveBeenCalledTimes(2)
    expect(fetch.mock.calls[0]).toEqual([
      '/_data/a.json',
      {
        cache: 'no-cache',
        credentials: 'same-origin',
        headers: { 'x-nextjs-data': '1' },
        signal: expect.any(AbortSignal),
      },
    ])
  })

  it('is shared by all who ask at the same time, and given up when all have left', async () => {
    const signals: AbortSignal[] = []
    const fetch = jest.fn<typeof globalThis.fetch>((_url, init) => {
      const signal = init!.signal as AbortSignal
      signals.push(signal)
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      )
    })
    const client = createDataClient({ fetch, buildId: 'one' })
    const first = new AbortController()
    const second = new AbortController()

    const loads = [client.load('/a', { signal: first.signal })]
    first.abort()
    loads.push(client.load('/a', { signal: second.signal }))
    jest.runAllTimers()
    expect([fetch.mock.calls.length, signals[0]!.aborted]).toEqual([1, false])
    second.abort()
    jest.runAllTimers()
    expect(signals[0]!.aborted).toBe(true)
    void client.load('/a').catch(() => {})
    expect(fetch).toHaveBeenCalledTimes(2)
    for (const load of loads) await expect(load).rejects.toThrow(/abort/)
  })

  it.each([
    ['an HTML page', answer('<!DOCTYPE html>')],
    ['JSON that is no object', answer('null')],
    ['a 404 of somebody else', answer({ error: 'nothing here' }, { status: 404 })],
    ['a 404 page', answer('<!DOCTYPE html>', { status: 404 })],
    ['a failure', answer({ pageProps: {} }, { status: 500 })],
    ['data of another build', answer(props, { build: 'two' })],
    ['data of no build', answer(props, { build: null })],
  ])('refuses %s', async (_, response) => {
    const { client } = createClient(response)
    const { status } = response
    await expect(client.load('/_data/a.json')).rejects.toMatchObject({ name: 'DataError', status })
  })

  it('accepts data of any build in development, where there are no builds', async () => {
    const fetch = async () => answer(props, { build: null })
    expect(await createDataClient({ fetch, buildId: undefined }).load('/_data/a.json')).toEqual(props)
  })
})

describe('prefetch', () => {
  const methods = ({ mock }: ReturnType<typeof createClient>['fetch']) =>
    mock.calls.map(([, init]) => init?.method ?? 'GET')

  it('is used once, by the next load of the same URL', async () => {
    const { client, fetch } = createClient()
    void client.prefetch('/_data/a.json')
    void client.prefetch('/_data/a.json')
    expect(fetch).toHaveBeenCalledTimes(1)
    await client.load('/_data/a.json')
    expect(methods(fetch).filter((method) => method === 'GET')).toHaveLength(1)
    await client.load('/_data/a.json')
    expect(methods(fetch).filter((method) => method === 'GET')).toHaveLength(2)
  })

  it('says what it is, beside the mark of all requests for data [6.21]', async () => {
    const { client, fetch } = createClient()
    await client.prefetch('/_data/a.json')
    expect(fetch.mock.calls[0]![1]).toMatchObject({
      credentials: 'same-origin',
      headers: { 'x-nextjs-data': '1', purpose: 'prefetch' },
    })
  })

  it.each([
    ['s-maxage=1, stale-while-revalidate=99', ['GET', 'HEAD']],
    ['s-maxage=9, stale-while-revalidate=99', ['GET']],
  ])('of `%s`, when it is used, leads to %j: a stale page is refreshed [9.41]', async (cache, expected) => {
    const { client, fetch } = createClient(answer(props, { cache }), new TypeError('offline'))
    await client.prefetch('/_data/a.json')
    expect(await client.load('/_data/a.json')).toEqual(props)
    expect(methods(fetch)).toEqual(expected)
    expect(fetch.mock.lastCall![0]).toBe('/_data/a.json')
  })

  it('is good for 30 seconds', async () => {
    const { client, fetch } = createClient()
    await client.prefetch('/_data/a.json')
    jest.advanceTimersByTime(29_999)
    void client.prefetch('/_data/a.json')
    expect(fetch).toHaveBeenCalledTimes(1)
    jest.advanceTimersByTime(1)
    await client.load('/_data/a.json')
    expect(fetch).toHaveBeenCalledTimes(2)
  })

  it('fails silently, and the load asks again', async () => {
    const { client, fetch } = createClient(new TypeError('offline'))
    await expect(client.prefetch('/_data/a.json')).resolves.toBeUndefined()
    expect(await client.load('/_data/a.json')).toEqual(props)
    expect(fetch).toHaveBeenCalledTimes(2)
  })
})

describe('data that is fresh', () => {
  const url = '/_data/a.json'

  it.each([
    ['s-maxage=10, stale-while-revalidate=90', 10_000],
    ['s-maxage=31536000', 30_000],
  ])('is used again for as long as `%s` says, 30 seconds at most', async (cache, milliseconds) => {
    const { client, fetch } = createClient(answer(props, { cache }), answer(props, { cache }))
    await client.load(url)
    jest.advanceTimersByTime(milliseconds - 1)
    expect(await client.load(url)).toEqual(props)
    await client.prefetch(url)
    expect(fetch).toHaveBeenCalledTimes(1)
    jest.advanceTimersByTime(1)
    await client.load(url)
    expect(fetch).toHaveBeenCalledTimes(2)
  })

  it.each(['private, no-cache, no-store, max-age=0, must-revalidate', 's-maxage=1', 's-maxage=0', ''])(
    'is not what `%s` came with',
    async (cache) => {
      const { client, fetch } = createClient(answer(props, { cache }))
      await client.load(url)
      await client.load(url)
      expect(fetch).toHaveBeenCalledTimes(2)
    },
  )

  it('is asked for all the same by who wants it anew', async () => {
    const { client, fetch } = createClient(answer(props, { cache: 's-maxage=10' }))
    await client.load(url)
    await client.load(url, { isReload: true })
    expect(fetch).toHaveBeenCalledTimes(2)
  })

  it('is what its page says is fresh, and using it makes it no younger', async () => {
    const { client, fetch } = createClient()
    for (let n = 0; n < 3; n++) {
      client.keep(url, await client.load(url), 10)
      jest.advanceTimersByTime(4000)
    }
    expect(fetch).toHaveBeenCalledTimes(1)
    await client.load(url)
    expect(fetch).toHaveBeenCalledTimes(2)
  })

  it('is never a page that was not found, nor a redirect', async () => {
    const missing = () => answer({ notFound: true }, { status: 404, cache: 's-maxage=10' })
    const { client, fetch } = createClient(missing(), missing())
    client.keep(url, await client.load(url), 10)
    await client.load(url)
    expect(fetch).toHaveBeenCalledTimes(2)
  })
})
