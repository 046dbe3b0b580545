import { setTimeout as pause } from 'node:timers/promises'
import { cached, type GetServerSidePropsContext } from 'pagepress'
import type { TestAppOptions } from 'pagepress/testing'
import { createMemoryStore } from '../../lib/cache/memory-store.js'
import { emptyStore } from '../../lib/cache/store.js'
import { expressVersions } from '../support/express.js'
import { openSite } from '../support/cached-site.js'
import { stopServers } from '../support/serve.js'

afterEach(stopServers)

const PRIVATE = 'private, no-cache, no-store, max-age=0, must-revalidate'

type OpenOptions = Omit<Partial<TestAppOptions>, 'pages'> & { pageConfig?: object; module?: object }

/** A page at `/p/[id]` that is kept for 5 seconds, and shows how often it was produced. */
async function open(
  run: (context: GetServerSidePropsContext, call: number) => unknown = (_context, call) => ({
    props: { shown: call },
  }),
  { pageConfig = {}, module = {}, ...given }: OpenOptions = {},
) {
  let calls = 0
  const site = await openSite({
    pages: {
      '/p/[id]': {
        default: ({ shown }: { shown: unknown }) => <p>{JSON.stringify(shown)}</p>,
        config: { microcache: 5, ...pageConfig },
        getServerSideProps: (context: GetServerSidePropsContext) => run(context, ++calls),
        ...module,
      },
    },
    ...given,
  })
  const status = async (path: string, options?: object) =>
    (await site.ask(path, options)).headers['cache-status']
  return { ...site, calls: () => calls, status }
}

describe('config.microcache', () => {
  it('has 1,000 visitors at once share one run, documents and data alike', async () => {
    const { ask, calls } = await open(async (_context, call) => {
      await pause(200)
      return { props: { shown: call } }
    })
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => ask(index % 2 === 0 ? '/p/a' : '/_data/p/a.json')),
    )
    expect(calls()).toBe(1)
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(2)
    expect(answers[1]!.body).toBe('{"pageProps":{"shown":1}}')
  })

  it('keeps a page for that long, serves it once more while it is refreshed, and never one twice as old', async () => {
    const { show, status, clock, calls, settled } = await open()
    expect(await status('/p/a')).toBe('pagepress; fwd=uri-miss; stored')
    clock.advance(4_999)
    expect(await status('/p/a')).toBe('pagepress; hit')
    clock.advance(1)
    expect(await status('/p/a')).toBe('pagepress; hit; ttl=-1')
    await settled()
    expect(await show('/p/a')).toBe(2)
    clock.advance(10_000)
    expect(await show('/p/a')).toBe(3)
    expect(calls()).toBe(3)
  })

  it('tells nobody else to keep the page, because visitors with cookies get another one', async () => {
    const { ask } = await open()
    for (const path of ['/p/a', '/p/a', '/_data/p/a.json']) {
      const { headers } = await ask(path)
      expect(headers['cache-control']).toBe(PRIVATE)
      expect(headers['etag']).toBeUndefined()
    }
  })

  it.each<[string, { method?: string; headers?: Record<string, string> }]>([
    ['has a cookie', { headers: { cookie: 'a=b' } }],
    ['has credentials', { headers: { authorization: 'Bearer x' } }],
    ['posts a form', { method: 'POST' }],
    ['is in draft mode', { headers: { cookie: '__pagepress_draft=x' } }],
  ])('keeps nothing for a visitor who %s, and shows nothing that is kept', async (_who, options) => {
    const { ask, show, status } = await open()
    for (let call = 1; call <= 2; call += 1) {
      const answer = await ask('/p/a', options)
      expect(answer.body).toContain(`<p>${call}</p>`)
      expect(answer.headers['cache-status']).toBe('pagepress; fwd=bypass')
    }
    expect(await show('/p/a')).toBe(3)
    expect((await ask('/p/a', options)).body).toContain('<p>4</p>')
    expect(await status('/p/a', { method: 'HEAD' })).toBe('pagepress; hit')
  })

  it.each<[string, (res: GetServerSidePropsContext['res']) => unknown]>([
    ['sets a cookie', (res) => res.cookie('a', 'b')],
    ['says that it is private', (res) => res.setHeader('Cache-Control', 'private, max-age=60')],
    ['says that it is not to be stored', (res) => res.set('cache-control', 'No-Store')],
    ['has a status of its own', (res) => res.status(418)],
    ['answers by itself', (res) => res.end('by itself')],
  ])('keeps no answer of a page that %s: each visitor gets one of their own', async (_what, answerWith) => {
    const { ask, calls, errors } = await open(({ res }, call) => {
      answerWith(res)
      return { props: { shown: call } }
    })
    const first = await ask('/p/a')
    const second = await ask('/p/a')
    // The one that showed it, and one for each.
    expect(calls()).toBe(3)
    expect(second.status).toBe(first.status)
    expect(Object.keys(second.headers).sort()).toEqual(Object.keys(first.headers).sort())
    if (first.headers['set-cookie']) expect(second.headers['set-cookie']).toEqual(['a=b; Path=/'])
    expect(errors).toEqual([])
  })

  it('takes part in no answer that a middleware of the app has begun for one visitor', async () => {
    const { status, show } = await open(undefined, {
      before: (app) =>
        app.use((req, res, next) => {
          if (req.query['cookie']) res.cookie('seen', '1')
          if (req.query['private']) res.setHeader('Cache-Control', 'private')
          next()
        }),
    })
    await show('/p/a')
    expect(await status('/p/a?cookie=1')).toBe('pagepress; fwd=bypass')
    expect(await status('/p/a?private=1')).toBe('pagepress; fwd=bypass')
    expect(await status('/p/a')).toBe('pagepress; hit')
  })

  it.each(expressVersions)(
    'shows the page nothing of who asks: a request of nobody, with the methods of Express %s',
    async (_version, createApp) => {
      const seen: unknown[] = []
      const { ask, show } = await open(
        ({ req, res, query, params, resolvedUrl, key }) => {
          const { user } = req as { user?: unknown }
          seen.push({
            of: [user, req.get('x-secret'), req.ip, res.locals['user'], req.cookies],
            url: [req.method, req.url, req.originalUrl, resolvedUrl],
            query: { ...query },
            req: { ...req.query },
            params: { ...params },
            key,
          })
          res.set('X-Made', 'once')
          return { props: { shown: query['page'] ?? null } }
        },
        {
          pageConfig: { query: ['page'] },
          createApp,
          options: { cache: { key: (req) => ({ tenant: String(req.headers['x-tenant']) }) } },
          before: (app) =>
            app.use((req, res, next) => {
              Object.assign(req, { user: 'me' })
              res.locals['user'] = 'me'
              next()
            }),
        },
      )
      const headers = { 'x-secret': 'mine', 'x-tenant': 'one' }
      const answer = await ask('/p/a%20b?utm=1&page=2&id=x', { headers })
      expect(answer.body).toContain('<p>&quot;2&quot;</p>')
      expect(answer.headers['x-made']).toBe('once')
      expect(seen).toEqual([
        {
          of: [undefined, undefined, undefined, undefined, {}],
          url: ['GET', '/p/a%20b?page=2', '/p/a%20b?page=2', '/p/a%20b?page=2'],
          query: { page: '2', id: 'a b' },
          req: { page: '2' },
          params: { id: 'a b' },
          key: { tenant: 'one' },
        },
      ])
      // The same key, however it is asked for; headers that the page has set come with it.
      const again = await ask('/p/a%20b?page=2&other=3', { headers: { 'x-tenant': 'one' } })
      expect([again.headers['cache-status'], again.headers['x-made']]).toEqual(['pagepress; hit', 'once'])
      expect(seen).toHaveLength(1)
      // Other keys: another page, another tenant, none of whom is mistaken for another.
      for (const [path, tenant] of [
        ['/p/a%20b', 'one'],
        ['/p/a%20b?page=2', 'two'],
        ['/p/a%20b?page=2&page=2', 'one'],
        ['/p/a%20b?page=2%26page%3D2', 'one'],
        ['/p/b?page=2', 'one'],
      ] as const)
        expect((await ask(path, { headers: { 'x-tenant': tenant } })).headers['cache-status']).toBe(
          'pagepress; fwd=uri-miss; stored',
        )
      expect(await show('/p/b?page=2')).toBe('2')
    },
  )

  const says = [
    ...['host', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-for', 'forwarded', 'x-real-ip', 'via'],
    ...[
      'x-original-url',
      'x-rewrite-url',
      'x-http-method-override',
      'x-middleware-subrequest',
      'x-nextjs-data',
    ],
    ...['accept', 'accept-language', 'user-agent', 'referer', 'origin', 'range', 'if-none-match', 'purpose'],
    ...['x-api-key', 'x-user', 'proxy-authorization', 'x-invoke-path', '__proto__', 'x-pagepress'],
  ]

  it(`is one page for all, whatever the first who asks says in ${says.length} headers, in the URL and in the form of it`, async () => {
    const { ask, port, site } = await open(
      ({ req, res, ...context }) => {
        const { headers, url, originalUrl, baseUrl, hostname, protocol, ip, method, cookies } = req
        const ofRequest = { headers, url, originalUrl, baseUrl, hostname, protocol, ip, method, cookies }
        const { resolvedUrl, query, params } = context
        return { props: { shown: [ofRequest, { ...req.query }, resolvedUrl, query, params, res.locals] } }
      },
      { before: (app) => app.set('trust proxy', true) },
    )
    const plain = (await ask('/p/a')).body
    expect(plain).toContain('{}')
    for (const path of ['/p/a', '/p/a?evil=EVIL', `http://EVIL.example:${port}/p/a`])
      for (const name of says) {
        await site.revalidate('/p/a')
        const { status, headers } = await ask(path, { headers: { [name]: 'EVIL' } })
        expect([status, headers['cache-status']]).toEqual([200, 'pagepress; fwd=uri-miss; stored'])
        expect((await ask('/p/a')).body).toBe(plain)
      }
  })

  it('shows a visitor with a cookie the whole request, and the key', async () => {
    const { ask } = await open(
      ({ req, query, key }) => ({ props: { shown: [req.cookies['a'], { ...query }, key] } }),
      { pageConfig: { query: ['page'] }, options: { cache: { key: () => ({ tenant: 'one' }) } } },
    )
    const { body } = await ask('/p/a?utm=1', { headers: { cookie: 'a=b' } })
    expect(body).toContain(
      JSON.stringify(['b', { utm: '1', id: 'a' }, { tenant: 'one' }]).replaceAll('"', '&quot;'),
    )
  })

  it('stands behind guards: of the app, and of the page', async () => {
    const guard = (
      req: { headers: object },
      res: { status(code: number): { end(): void } },
      next: () => void,
    ) => ('x-member' in req.headers ? next() : res.status(401).end())
    const member = { headers: { 'x-member': '1' } }
    const byApp = await open(undefined, { before: (app) => app.use('/p/a', guard as never) })
    const byPage = await open(undefined, { module: { middleware: [guard] } })
    for (const { ask, calls } of [byApp, byPage]) {
      for (let round = 0; round < 2; round += 1)
        for (const path of ['/p/a', '/_data/p/a.json']) {
          expect((await ask(path, member)).status).toBe(200)
          expect((await ask(path)).status).toBe(401)
        }
      expect(calls()).toBe(1)
    }
  })

  it('keeps redirects and "not found", and no errors', async () => {
    const { ask, calls, errors } = await open(
      ({ params }, call) => {
        if (params!['id'] === 'gone') return { notFound: true }
        if (params!['id'] === 'moved') return { redirect: { destination: '/p/b', permanent: false } }
        if (call < 4) throw new Error('away')
        return { props: { shown: call } }
      },
      { mount: '/shop' },
    )
    for (const state of ['fwd=uri-miss; stored', 'hit']) {
      const moved = await ask('/shop/p/moved')
      expect([moved.status, moved.headers['location'], moved.headers['cache-control']]).toEqual([
        307,
        '/shop/p/b',
        PRIVATE,
      ])
      const gone = await ask('/shop/p/gone')
      expect([gone.status, gone.headers['cache-control']]).toEqual([404, PRIVATE])
      for (const { headers } of [moved, gone]) expect(headers['cache-status']).toBe(`pagepress; ${state}`)
    }
    expect(calls()).toBe(2)
    expect((await ask('/shop/p/a')).status).toBe(500)
    expect((await ask('/shop/p/a')).status).toBe(200)
    expect(errors.map(String)).toEqual(['Error: away'])
  })

  it('is outdated by path, route, prefix, and the tag of a result that it was made of; and explained', async () => {
    const load = cached(() => 'result', { key: 'load', tags: ['results'] })
    const { show, site } = await open(async (_context, call) => {
      await load()
      return { props: { shown: call } }
    })
    const targets = [
      '/p/a',
      { path: '/p/a' },
      { route: '/p/[id]' },
      { prefix: '/p' },
      { tag: 'results' },
    ] as const
    for (const [index, target] of targets.entries()) {
      expect(await show('/p/a')).toBe(index + 1)
      expect(await show('/p/a')).toBe(index + 1)
      await site.revalidate(target)
    }
    await show('/p/a')
    expect(await site.explain('/p/a')).toMatchObject({
      isCached: true,
      state: 'fresh',
      tags: ['results'],
      why: 'Its `config.microcache` keeps it for 5 s, for visitors without cookies and credentials.',
    })
  })

  it('leaves nothing in a store that nobody else looks into, and shares pages in one that others do', async () => {
    const shared = createMemoryStore()
    const written: string[] = []
    const alone = { ...emptyStore, set: async (key: string) => void written.push(key) }
    for (const store of [alone, shared]) {
      const { ask, settled, status } = await open(undefined, { store, now: Date.now })
      await ask('/p/a')
      await settled()
      expect(await status('/p/a')).toBe('pagepress; hit')
    }
    expect(written).toEqual([])
    const other = await open(undefined, { store: shared, now: Date.now })
    expect(await other.status('/p/a')).toBe('pagepress; hit')
    expect(other.calls()).toBe(0)
  })

  it('lets the page say who else may keep it', async () => {
    const { ask } = await open(({ res }, call) => {
      res.setHeader('Cache-Control', 's-maxage=5')
      res.setHeader('Content-Type', 'application/xhtml+xml')
      return { props: { shown: call } }
    })
    for (let round = 0; round < 2; round += 1) {
      const { headers } = await ask('/p/a')
      expect([headers['cache-control'], headers['content-type']]).toEqual([
        's-maxage=5',
        'application/xhtml+xml',
      ])
      expect(headers['etag']).toMatch(/^W\//)
    }
    expect((await ask('/_data/p/a.json')).headers['content-type']).toBe('application/json; charset=utf-8')
  })

  it.each([
    ['no whole number of seconds', { config: { microcache: 0 } }],
    ['no whole number of seconds', { config: { microcache: '5' } }],
    ['no whole number of seconds', { config: { microcache: 3601 } }],
    ['no `getServerSideProps`', { getServerSideProps: undefined }],
    ['no `getServerSideProps`', { getServerSideProps: undefined, getStaticProps: () => ({ props: {} }) }],
  ])('is an error that says so: %s', async (message, module) => {
    const { ask, errors } = await open(undefined, { module })
    expect((await ask('/p/a')).status).toBe(500)
    expect(String(errors[0])).toContain(message)
    expect((errors[0] as { code: string }).code).toBe('PAGES_PAGE_EXPORTS')
  })
})
