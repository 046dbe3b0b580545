import type { Express, RequestHandler } from 'express'
import { useRouter } from 'pagepress/react'
import { createTestApp, type MemoryPages, type TestApp } from 'pagepress/testing'
import type { CacheEntry } from '../../lib/cache/entry.js'
import { emptyStore, type CacheStore } from '../../lib/cache/store.js'
import type { GetServerSidePropsContext, GetStaticPropsContext } from '../../lib/types.js'
import { createClock, type FakeClock } from './clock.js'
import { serve, type RunningServer } from './serve.js'

export interface SecuritySite extends RunningServer, TestApp {
  readonly clock: FakeClock
  /** How often the guard of `/admin` was asked. */
  guardCalls(): number
  /** How often `getStaticProps` ran for a path. */
  staticRuns(path: string): number
  /** All entries outside of memory, by key. */
  readonly stored: Map<string, CacheEntry>
  /** How often the API route ran. */
  apiCalls(): number
}

export interface SecuritySiteOptions {
  readonly createApp?: () => Express
  readonly mount?: string
  readonly pages?: MemoryPages
  readonly stored?: Map<string, CacheEntry>
  /** In place of `stored`. */
  readonly store?: CacheStore
  readonly before?: (app: Express) => void
  readonly after?: (app: Express) => void
  readonly fallthrough?: boolean
}

/** The application of security.md section 0: a guard on `/admin`, then pages of every kind. Logs in with `Authorization`. */
export async function serveSecuritySite(given: SecuritySiteOptions = {}): Promise<SecuritySite> {
  const { mount = '', stored = new Map<string, CacheEntry>(), fallthrough = true } = given
  const clock = createClock()
  const runs = new Map<string, number>()
  const counts = { guard: 0, api: 0 }
  const count = (path: string) => {
    runs.set(path, (runs.get(path) ?? 0) + 1)
    return runs.get(path)
  }
  const guard: RequestHandler = (req, res, next) => {
    counts.guard += 1
    const user = req.headers.authorization
    if (user === undefined) return void res.status(401).json({ denied: true })
    res.locals['user'] = user
    next()
  }
  const test = createTestApp({
    ...(given.createApp && { createApp: given.createApp }),
    mount: mount || '/',
    now: clock.now,
    store: given.store ?? mapStore(stored),
    options: { fallthrough },
    pages: { ...sitePages({ count, onApi: () => (counts.api += 1) }), ...given.pages },
    before(app) {
      given.before?.(app)
      app.use(`${mount}/admin`, guard)
    },
    after: (app) => given.after?.(app),
  })
  await test.site.ready()
  const running = await serve(test.app)
  return {
    ...test,
    ...running,
    clock,
    stored,
    guardCalls: () => counts.guard,
    apiCalls: () => counts.api,
    staticRuns: (path) => runs.get(path) ?? 0,
  }
}

/** Logs in as a user of this name. */
export function as(user: string): { headers: Record<string, string> } {
  return { headers: { Authorization: user } }
}

export function mapStore(entries: Map<string, CacheEntry>): CacheStore {
  return {
    ...emptyStore,
    get: async (key) => entries.get(key),
    set: async (key, entry) => void entries.set(key, entry),
    delete: async (key) => void entries.delete(key),
  }
}

/** Everything that a store holds, as text to be searched. */
export function toText(entries: ReadonlyMap<string, CacheEntry>): string {
  return JSON.stringify([...entries], (_key, value: unknown) =>
    isBufferJson(value) ? Buffer.from(value.data).toString() : value,
  )
}

function isBufferJson(value: unknown): value is { data: number[] } {
  return typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'Buffer'
}

interface PageHooks {
  count(path: string): number | undefined
  onApi(): void
}

function sitePages({ count, onApi }: PageHooks): MemoryPages {
  const blocking = () => ({ paths: [], fallback: 'blocking' as const })
  return {
    '/': { default: () => <p>home</p> },
    '/ssr': {
      default: Show,
      getServerSideProps: ({ req, query }: GetServerSidePropsContext) => ({
        props: { header: req.headers['x-print'] ?? null, cookie: req.cookies['c'] ?? null, query },
      }),
    },
    '/isr/[slug]': {
      default: Show,
      getStaticPaths: blocking,
      getStaticProps: ({ params }: GetStaticPropsContext<{ slug: string }>) => ({
        props: { slug: params?.slug, run: count(`/isr/${params?.slug}`) },
        revalidate: 1,
      }),
    },
    '/isrf': { default: Show, getStaticProps: () => ({ props: { run: count('/isrf') }, revalidate: false }) },
    '/admin': {
      default: Show,
      getServerSideProps: ({ res }: GetServerSidePropsContext) => ({
        props: { text: `SECRET-${res.locals['user']}` },
      }),
    },
    '/admin/isr': {
      default: Show,
      getStaticProps: () => ({ props: { text: 'SECRET', run: count('/admin/isr') }, revalidate: 1 }),
    },
    '/docs/[...all]': {
      default: Show,
      getStaticPaths: blocking,
      getStaticProps: ({ params }: GetStaticPropsContext<{ all: string[] }>) => ({
        props: { all: params?.all },
      }),
    },
    '/nf': { default: Show, getStaticProps: () => ({ notFound: true, revalidate: 1 }) },
    '/redir': {
      default: Show,
      getStaticProps: () => ({ redirect: { destination: '/isrf', permanent: false }, revalidate: 1 }),
    },
    '/boom': {
      default: Show,
      getServerSideProps: () => {
        throw new Error('boom')
      },
    },
    '/api/echo': {
      default: (req: { method: string; query: unknown }, res: { json(body: unknown): void }) => {
        onApi()
        res.json({ echo: req.method, query: req.query })
      },
    },
  }
}

function Show(props: Record<string, unknown>) {
  const { query, asPath } = useRouter()
  return <p>{JSON.stringify({ ...props, router: { query, asPath } })}</p>
}
