/** @timed */
import type { Express, RequestHandler } from 'express'
import type { GetStaticPropsContext } from '../../lib/types.js'
import { useRouter } from 'pagepress/react'
import { failOnConsole } from '../support/console.js'
import { expressVersions } from '../support/express.js'
import { askRaw } from '../support/raw.js'
import { pathShapes } from '../support/security-inputs.js'
import {
  as,
  serveSecuritySite,
  type SecuritySite,
  type SecuritySiteOptions,
} from '../support/security-site.js'
import { stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const LOGGED_IN = { headers: { Authorization: 'A' } }
const adminData = ['/_data/admin.json', '/_data/admin/isr.json']

describe.each(expressVersions)('guards and paths on %s', (_, createApp) => {
  const serveSite = (options: SecuritySiteOptions = {}): Promise<SecuritySite> =>
    serveSecuritySite({ createApp, ...options })

  /** Sends a target as it is, by nobody; says what came of it and whether the guard was asked. */
  async function askAsNobody(site: SecuritySite, target: string) {
    const before = site.guardCalls()
    const { status, body, headers } = await askRaw(site.port, target)
    return { status, body, location: headers['location'], guarded: site.guardCalls() - before }
  }

  it('guards the data of a guarded page, whatever its kind and state [S15]', async () => {
    const states: Record<string, (site: SecuritySite) => Promise<unknown>> = {
      cold: async () => {},
      fresh: (site) => Promise.all(['/admin/isr', '/admin'].map((path) => site.ask(path, LOGGED_IN))),
      stale: async (site) => {
        await site.ask('/admin/isr', LOGGED_IN)
        await site.settled()
        site.clock.advance(60_000)
      },
    }
    for (const [state, prepare] of Object.entries(states)) {
      const site = await serveSite()
      await prepare(site)
      for (const path of adminData) {
        for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PROPFIND']) {
          const before = site.guardCalls()
          const { status, body } = await site.ask(path, { method })
          expect([state, path, method, status, site.guardCalls() - before]).toEqual([
            state,
            path,
            method,
            401,
            1,
          ])
          expect(body).not.toContain('SECRET')
        }
        const allowed = await site.ask(path, LOGGED_IN)
        expect([allowed.status, allowed.body.includes('SECRET')]).toEqual([200, true])
      }
    }
  })

  it('guards the data of a page in draft mode, to those who may see drafts too [S15]', async () => {
    const site = await serveSite({
      pages: {
        '/api/draft': {
          default: (_req: unknown, res: { setDraftMode(to: object): { end(): void } }) =>
            res.setDraftMode({ enable: true }).end(),
        },
      },
    })
    const cookie = String((await site.ask('/api/draft')).headers['set-cookie']).split(';')[0]!
    const runs = site.staticRuns('/admin/isr')
    for (const path of adminData) {
      const before = site.guardCalls()
      const { status, body } = await site.ask(path, { headers: { Cookie: cookie } })
      expect([path, status, site.guardCalls() - before]).toEqual([path, 401, 1])
      expect(body).not.toContain('SECRET')
    }
    expect(site.staticRuns('/admin/isr')).toBe(runs)
    for (let run = 1; run <= 2; run += 1) {
      // The cookie is one of draft mode: every visit runs the data function, and nothing is stored.
      const { body } = await site.ask('/_data/admin/isr.json', {
        headers: { Cookie: cookie, Authorization: 'A' },
      })
      expect(JSON.parse(body).pageProps).toEqual({ text: 'SECRET', run: runs + run })
    }
    expect(site.stored.size).toBe(0)
  })

  it('guards the data of a page that was produced before the start [S15]', async () => {
    const first = await serveSite()
    await first.ask('/admin/isr', LOGGED_IN)
    await first.settled()
    const site = await serveSite({ stored: first.stored })
    const { status, body } = await site.ask('/_data/admin/isr.json')
    expect([status, site.guardCalls(), body.includes('SECRET')]).toEqual([401, 1, false])
    expect((await site.ask('/_data/admin/isr.json', LOGGED_IN)).status).toBe(200)
    expect(site.staticRuns('/admin/isr')).toBe(0)
  })

  it('guards the data under every spelling of its URL [S15]', async () => {
    const site = await serveSite()
    await site.ask('/admin/isr', LOGGED_IN)
    for (const page of ['/admin', '/admin/isr']) {
      for (const shape of pathShapes(page)) {
        for (const target of shape.includes('://')
          ? [shape.replace(page, `/_data${page}.json`)]
          : [`/_data${shape}.json`, `/_data${shape}`]) {
          const { status, body, guarded } = await askAsNobody(site, target)
          expect([target, body.includes('SECRET')]).toEqual([target, false])
          expect([target, [400, 401, 404].includes(status), guarded <= 1]).toEqual([target, true, true])
        }
      }
    }
  })

  it('gives data that one user warmed up to nobody else [S16]', async () => {
    const site = await serveSite()
    const paths = ['/admin', '/admin/isr']
    for (const path of paths) expect((await site.ask(`/_data${path}.json`)).body).not.toMatch(/SECRET/)
    for (const path of paths) {
      expect((await site.ask(path, as('A'))).status).toBe(200)
      expect((await site.ask(`/_data${path}.json`, as('A'))).body).toContain('SECRET')
    }
    await site.settled()
    for (const restarted of [site, await serveSite({ stored: site.stored })]) {
      for (const path of paths) {
        expect((await restarted.ask(`/_data${path}.json`)).status).toBe(401)
        expect((await restarted.ask(`/_data${path}.json`, as('B'))).body).not.toContain('SECRET-A')
        expect((await restarted.ask(path, as('B'))).body).not.toContain('SECRET-A')
      }
      expect((await restarted.ask('/_data/admin.json', as('B'))).body).toContain('SECRET-B')
    }
  })

  it('decodes no static segment [S17]', async () => {
    const site = await serveSite()
    for (const path of [
      '/%61dmin',
      '/adm%69n',
      '/%41dmin',
      '/admin/%69sr',
      '/%61%64%6d%69%6e',
      '/%61dmin/isr',
    ]) {
      for (const target of [path, `/_data${path}.json`, `/%5fdata${path}.json`, `/_d%61ta${path}.json`]) {
        const { status, body } = await site.ask(target, LOGGED_IN)
        expect([target, status, body.includes('SECRET')]).toEqual([target, 404, false])
      }
    }
  })

  it('decodes no path twice, however often it is encoded [S18]', async () => {
    const site = await serveSite()
    const times: number[] = []
    for (let layers = 1; layers <= 40; layers += 1) {
      const path = `/%${'25'.repeat(layers - 1)}61dmin`
      const start = performance.now()
      for (const target of [path, `/_data${path}.json`]) {
        const { status, body } = await site.ask(target, LOGGED_IN)
        expect([layers, status, body.includes('SECRET')]).toEqual([layers, 404, false])
      }
      times.push(performance.now() - start)
      const slug = await site.ask(`/_data/isr/%${'25'.repeat(layers)}61.json`)
      expect(JSON.parse(slug.body).pageProps.slug).toBe(`%${'25'.repeat(layers - 1)}61`)
    }
    // Flat: the deep half is no slower than the shallow half, but for the noise of a busy machine.
    const [shallow, deep] = [times.slice(1, 20), times.slice(20)].map((half) => Math.min(...half))
    expect(deep).toBeLessThan((shallow ?? 0) + 5)
  })

  it.each([false, true])(
    'shows a guarded page to nobody who spells its path another way, case sensitive routing %s [S19]',
    async (caseSensitive) => {
      const site = await serveSite({ before: (app) => void app.set('case sensitive routing', caseSensitive) })
      let passed = 0
      for (const page of ['/admin', '/admin/isr']) {
        for (const target of pathShapes(page)) {
          const { status, body, guarded, location } = await askAsNobody(site, target)
          expect([target, body.includes('SECRET')]).toEqual([target, false])
          if (guarded === 0) passed += 1
          expect([target, status < 500]).toEqual([target, true])
          if (location !== undefined) expect(location).toMatch(/^\/(?![/\\])/)
        }
      }
      // The shapes are worth something only if many of them slip past the guard.
      expect(passed).toBeGreaterThan(100)
    },
  )

  it('compares the path below a mount with what the client wrote [S19]', async () => {
    const site = await serveSite({ mount: '/shop' })
    for (const target of [
      '/shop//admin',
      '/shop///admin',
      '/shop/\\admin',
      '/shop//admin/isr',
      '/shop//_data/admin.json',
      '/shop/_data//admin.json',
      '//shop/admin',
      '/shop/./admin',
      '/shop/x/../admin',
      '/shop/admin//isr',
    ]) {
      const { status, body, guarded } = await askAsNobody(site, target)
      expect([target, body.includes('SECRET')]).toEqual([target, false])
      if (guarded === 0) expect([308, 404]).toContain(status)
    }
    expect((await askAsNobody(site, '/shop//admin')).location ?? '/shop/admin').toBe('/shop/admin')
    expect((await site.ask('/shop/admin', LOGGED_IN)).body).toContain('SECRET-A')
  })

  it.each([false, true])(
    'knows a page by its exact letters alone, case sensitive routing %s [S20]',
    async (caseSensitive) => {
      const site = await serveSite({ before: (app) => void app.set('case sensitive routing', caseSensitive) })
      for (const path of ['/ADMIN', '/Admin', '/Admin/isr', '/admin/ISR', '/Isr/a', '/SSR']) {
        for (const target of [path, `/_data${path}.json`, `/_DATA${path}.json`, `/_data${path}.JSON`]) {
          const { status, body } = await site.ask(target, LOGGED_IN)
          expect([target, status, body.includes('SECRET')]).toEqual([target, 404, false])
          expect((await site.ask(target)).body).not.toContain('SECRET')
        }
      }
    },
  )

  it('lets no query parameter stand for a route parameter [S21]', async () => {
    const pages = {
      '/item/[slug]': {
        default: function Item(props: object) {
          return <p>{JSON.stringify({ ...props, query: useRouter().query })}</p>
        },
        getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
        getStaticProps: ({ params }: GetStaticPropsContext) => ({ props: { params } }),
      },
    }
    for (const search of [
      '?slug=private',
      '?slug[]=private',
      '?slug=private&slug=x',
      '?nxtPslug=private',
      '?params[slug]=private',
    ]) {
      const site = await serveSite({ pages })
      const page = await site.ask(`/item/public${search}`)
      const data = await site.ask(`/_data/item/public.json${search}`)
      await site.settled()
      expect(page.status).toBe(200)
      expect(JSON.parse(data.body)).toEqual({ pageProps: { params: { slug: 'public' } } })
      expect([search, page.body.includes('private'), [...site.stored.keys()]]).toEqual([
        search,
        false,
        ['/item/public'],
      ])
      expect(page.body).toContain(
        '{&quot;params&quot;:{&quot;slug&quot;:&quot;public&quot;},&quot;query&quot;:{&quot;slug&quot;:&quot;public&quot;}}',
      )
    }
    const site = await serveSite({
      pages: {
        '/user/[id]': {
          default: () => null,
          getServerSideProps: ({ params, query }: object & Record<string, unknown>) => ({
            props: { params, query },
          }),
        },
      },
    })
    const { body } = await site.ask('/_data/user/1.json?id=2&id=3&x=4')
    expect(JSON.parse(body).pageProps).toEqual({ params: { id: '1' }, query: { id: '1', x: '4' } })
  })

  it('shows every request to a middleware once, and gives its URLs back with next() [S22]', async () => {
    const seen: string[] = []
    const note: RequestHandler = (req, _res, next) => {
      seen.push([req.originalUrl, req.url, req.path, req.baseUrl].join(' '))
      next()
    }
    for (const mount of ['', '/shop']) {
      const site = await serveSite({
        mount,
        before: (app: Express) => app.use(note),
        after: (app) => app.use(note),
      })
      const answered = [
        '',
        '/ssr?x',
        '/isr/a',
        '/admin',
        '/_data/index.json',
        '/_data/admin.json?x',
        '/redir',
        '/boom',
        '/api/echo',
        '/isr/a/',
      ]
      for (const path of answered) {
        await site.ask(`${mount}${path}` || '/', LOGGED_IN)
        expect([path, seen.splice(0).length]).toEqual([path, 1])
      }
      for (const path of [
        '/none',
        '/none?x=1',
        '/x/none.css',
        '/_data/none.json?y',
        '/_data/none',
        '/_data/api/echo.json',
      ]) {
        await site.ask(`${mount}${path}`, LOGGED_IN)
        const [before, after, ...more] = seen.splice(0)
        expect([path, after, more]).toEqual([path, before, []])
      }
    }
  })

  it('reads the path alone of an absolute target, or nothing [S24]', async () => {
    const site = await serveSite()
    const targets: [string, number[]][] = [
      ['http://evil/admin', [401]],
      ['http://evil/admin/isr', [401]],
      ['http://evil/_data/admin.json', [401, 404]],
      ['http://evil/isr/a', [200]],
      ['HTTP://evil:80/isr/a', [200]],
      ['http://169.254.169.254/latest/meta-data', [404]],
      ['http://evil', [200, 404]],
      ['http://user:pass@evil/admin', [400, 401, 404]],
      ['http://evil\\@localhost/admin', [400, 401, 404]],
      ['file://h?/admin', [400, 404]],
      ['file://hehe?/internal/run', [400, 404]],
      ['file:///admin', [400, 401, 404]],
      ['ftp://x/admin', [400, 401, 404]],
      ['javascript:/admin', [400, 401, 404]],
    ]
    for (const [target, statuses] of targets) {
      const { status, body } = await askAsNobody(site, target)
      expect([target, body.includes('SECRET')]).toEqual([target, false])
      expect([target, statuses.includes(status) || status]).toEqual([target, true])
    }
    const { body } = await askRaw(site.port, 'http://evil.test/ssr?a=1')
    expect(body).not.toContain('evil.test')
  })
})
