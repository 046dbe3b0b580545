import type { DataBody } from '../protocol/payload.js'
import { createFreshData, freshSeconds } from './fresh-data.js'

export interface DataClientParts {
  fetch: typeof fetch
  /** Data of another build belongs to other code; `undefined` accepts any. */
  buildId: string | undefined
}

export interface DataClient {
  /** The data at this URL, which is asked for unless it is known and fresh; rejects when there is none to be had. */
  load(url: string, options?: LoadOptions): Promise<DataBody>
  /** What would be used again without asking. */
  known(url: string): DataBody | undefined
  /** Uses the data again for as long as its page says. */
  keep(url: string, body: DataBody, seconds: number): void
  /** Fetches data that `load` will probably ask for soon; never fails. */
  prefetch(url: string): Promise<unknown>
}

export interface LoadOptions {
  signal?: AbortSignal | undefined
  /** Ask the server, however fresh what is known may be. */
  isReload?: boolean | undefined
}

/** How long prefetched data is good for: a visitor who hovers clicks within seconds. */
const PREFETCH_LIFETIME = 30_000
/** How long nothing is prefetched that was just loaded: the click that loads is a hover and a focus as well. */
const LOADED_PAUSE = 1000

/** The status of an answer that was not the page's data. */
export class DataError extends Error {
  override readonly name = 'DataError'
  readonly status: number
  constructor(url: string, status: number) {
    super(`Failed to load the data of the page: ${url} (${status})`)
    this.status = status
  }
}

/** A request that is under way, and how many navigations wait for it. */
interface Flight {
  readonly body: Promise<DataBody>
  abort(): void
  waiting: number
}

export function createDataClient({ fetch, buildId }: DataClientParts): DataClient {
  const prefetched = new Map<string, Promise<DataBody>>()
  const loaded = new Set<string>()
  const flights = new Map<string, Flight>()
  const fresh = createFreshData()

  /** Asks the server every time: a kept answer may be used only when the server says that it has not changed. */
  function send(url: string, init: RequestInit, headers?: object): Promise<Response> {
    const marked = { 'x-nextjs-data': '1', ...headers }
    return fetch(url, { cache: 'no-cache', credentials: 'same-origin', headers: marked, ...init })
  }

  async function request(url: string, init: RequestInit, headers?: object): Promise<DataBody> {
    const response = await send(url, init, headers)
    const isOurs = buildId === undefined || response.headers.get('Pagepress-Build') === buildId
    const body = isOurs && (response.ok || response.status === 404) ? await toJson(response) : undefined
    if (!body || !(response.ok || 'notFound' in body)) throw new DataError(url, response.status)
    if ('pageProps' in body) fresh.keep(url, body, freshSeconds(response.headers))
    return body
  }

  /** A second click on a link takes over what the first has asked for; what nobody waits for is given up. */
  function join(url: string, signal?: AbortSignal): Promise<DataBody> {
    const flight = flights.get(url) ?? depart(url)
    flight.waiting++
    signal?.addEventListener('abort', () =>
      // The second click ends the first before it asks for anything itself.
      setTimeout(() => --flight.waiting || flight.abort()),
    )
    return flight.body
  }

  function depart(url: string): Flight {
    const controller = new AbortController()
    const { signal } = controller
    const land = () => flights.delete(url)
    const abort = () => land() && controller.abort()
    const flight: Flight = { body: request(url, { signal }).finally(land), abort, waiting: 0 }
    flights.set(url, flight)
    return flight
  }

  return {
    async load(url, { signal, isReload } = {}) {
      const ready = isReload ? undefined : (prefetched.get(url) ?? fresh.get(url))
      prefetched.delete(url)
      loaded.add(url)
      try {
        const body = await (ready ?? join(url, signal))
        // A prefetch has started no refresh on the server; now the page is looked at.
        if (ready && !fresh.get(url)) send(url, { method: 'HEAD' }).catch(() => {})
        return body
      } finally {
        setTimeout(() => loaded.delete(url), LOADED_PAUSE)
      }
    },
    known: fresh.get,
    keep(url, body, seconds) {
      // What is used again stays as old as it is.
      if (!fresh.get(url) && 'pageProps' in body) fresh.keep(url, body, seconds)
    },
    async prefetch(url) {
      if (prefetched.has(url) || loaded.has(url) || fresh.get(url)) return
      const promise = request(url, { priority: 'low' }, { purpose: 'prefetch' })
      prefetched.set(url, promise)
      const forget = () => {
        if (prefetched.get(url) === promise) prefetched.delete(url)
      }
      setTimeout(forget, PREFETCH_LIFETIME)
      await promise.catch(forget)
    },
  }
}

async function toJson(response: Response): Promise<DataBody | undefined> {
  const body: unknown = await response.json().catch(() => undefined)
  return typeof body === 'object' && body !== null ? (body as DataBody) : undefined
}
