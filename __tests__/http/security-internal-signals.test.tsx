import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { failOnConsole } from '../support/console.js'
import { expressVersions } from '../support/express.js'
import { internalHeaders } from '../support/security-inputs.js'
import { as, serveSecuritySite, toText, type SecuritySite } from '../support/security-site.js'
import { askRaw } from '../support/raw.js'
import { stopServers, type Answer } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const PRIVATE = 'private, no-cache, no-store, max-age=0, must-revalidate'
const pagePaths = [
  '/',
  '/ssr',
  '/isr/a',
  '/isrf',
  '/admin',
  '/admin/isr',
  '/docs/a/b',
  '/nf',
  '/redir',
  '/boom',
]
const dataPath = (path: string) => `/_data${path === '/' ? '/index' : path}.json`

/** Names in our own code that look like headers, and that no standard gives a meaning in a request. */
function ownHeaders(): string[] {
  const names = new Set<string>()
  for (const folder of ['server', 'cache', 'protocol', 'client', '']) {
    const directory = join(import.meta.dirname, '../../lib', folder)
    for (const file of readdirSync(directory).filter((name) => /\.tsx?$/.test(name))) {
      const text = readFileSync(join(directory, file), 'utf8')
      for (const [, name = ''] of text.matchAll(/['"]([A-Za-z]+(?:-[A-Za-z]+)+)['"]/g))
        names.add(name.toLowerCase())
    }
  }
  const standard = [
    'accept-encoding',
    'if-none-match',
    'if-modified-since',
    'content-length',
    'transfer-encoding',
    'content-encoding',
    'user-agent',
  ]
  return [...names].filter((name) => !standard.includes(name))
}

/** All of an answer but what differs from moment to moment. */
function visible({ status, headers, body }: Answer) {
  return { status, headers: { ...headers, date: '' }, body }
}

describe.each(expressVersions)('signals from outside on %s', (_, createApp) => {
  async function warmSite(): Promise<SecuritySite> {
    const site = await serveSecuritySite({ createApp })
    for (const path of pagePaths) await site.ask(path, as('A'))
    return site
  }

  it('has the pages that the cases below need', async () => {
    const site = await warmSite()
    const statusOf = async (path: string) => (await site.ask(path, as('A'))).status
    expect(await Promise.all(pagePaths.map(statusOf))).toEqual([
      200, 200, 200, 200, 200, 200, 200, 404, 307, 500,
    ])
    expect(await Promise.all(pagePaths.map((path) => statusOf(dataPath(path))))).toEqual([
      404, 200, 200, 200, 200, 200, 200, 404, 200, 500,
    ])
    expect((await site.ask('/api/echo')).body).toContain('"echo":"GET"')
  })

  it('answers every page alike with and without headers that are internal elsewhere, or here [S1]', async () => {
    const site = await warmSite()
    const headers = [
      ...internalHeaders,
      ...ownHeaders().flatMap(
        (name) =>
          [
            [name, '1'],
            [name, '/admin'],
          ] as const,
      ),
    ]
    expect(ownHeaders()).toEqual(expect.arrayContaining(['pagepress-build', 'cache-status']))
    for (const path of [...pagePaths, ...pagePaths.map(dataPath), '/api/echo']) {
      for (const method of ['GET', 'HEAD', 'POST']) {
        const plain = visible(await site.ask(path, { method, ...as('A') }))
        const calls = site.guardCalls()
        for (const [name, value] of headers) {
          const answer = await site.ask(path, { method, headers: { Authorization: 'A', [name]: value } })
          expect([name, visible(answer)]).toEqual([name, plain])
        }
        const asked = site.guardCalls() - calls
        expect([path, asked]).toEqual([path, path.includes('/admin') ? headers.length : 0])
      }
    }
    for (const [name, value] of internalHeaders) {
      expect((await site.ask('/admin', { headers: { [name]: value } })).status).toBe(401)
      expect((await site.ask('/_data/admin/isr.json', { headers: { [name]: value } })).status).toBe(401)
    }
  }, 120_000)

  it('takes no page rendered per request for a static one, whatever query and headers say [S2]', async () => {
    const site = await serveSecuritySite({ createApp })
    const headers = { 'x-now-route-matches': '1', 'x-matched-path': '/ssr' }
    const page = await site.ask('/ssr?__nextDataReq=1', { headers })
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': PRIVATE,
    })
    const data = await site.ask('/_data/ssr.json?__nextDataReq=1', { headers })
    expect(data.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': PRIVATE,
    })
    expect(site.stored.size).toBe(0)
    const plain = await site.ask('/ssr')
    expect(plain.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(JSON.stringify([page.headers, data.headers, plain.headers])).not.toContain('s-maxage')
  })

  it('knows no parameter and no header that stands for another path [S3]', async () => {
    const site = await serveSecuritySite({ createApp })
    const names = [
      '__pathname',
      'x_astro_path',
      '__path',
      'path',
      '_path',
      'route',
      'nxtPslug',
      '__data',
      '_data',
    ]
    for (const method of ['GET', 'POST']) {
      for (const name of names) {
        const byQuery = await site.ask(`/api/echo?${name}=/admin`, { method })
        expect(JSON.parse(byQuery.body)).toEqual({ echo: method, query: { [name]: '/admin' } })
        const byHeader = await site.ask('/api/echo', {
          method,
          headers: { [name]: '/admin', [`x-${name}`]: '/admin' },
        })
        expect(JSON.parse(byHeader.body)).toEqual({ echo: method, query: {} })
      }
    }
    expect(site.guardCalls()).toBe(0)
  })

  it('takes no data from a header [S4]', async () => {
    const site = await serveSecuritySite({ createApp })
    const marker = 'MARKER-7f3a'
    const payload = JSON.stringify({ props: { pageProps: { text: marker } }, pageProps: { text: marker } })
    const headers = Object.fromEntries(
      ['x-react-router-prerender-data', 'x-prerender-data', ...ownHeaders()].map((name) => [name, payload]),
    )
    for (const path of [...pagePaths, ...pagePaths.map(dataPath)]) {
      const { headers: received, body } = await site.ask(path, {
        headers: { ...headers, Authorization: 'A' },
      })
      expect([path, JSON.stringify(received).includes(marker), body.includes(marker)]).toEqual([
        path,
        false,
        false,
      ])
    }
    expect(toText(site.stored)).not.toContain(marker)
  })

  it('stores for a cold page what a plain request would have stored [S5]', async () => {
    const plain = await serveSecuritySite({ createApp })
    await plain.ask('/isr/a')
    await plain.settled()
    expect([...plain.stored.keys()]).toEqual(['/isr/a'])
    for (const [name, value] of internalHeaders) {
      const site = await serveSecuritySite({ createApp })
      await site.ask('/isr/a', { headers: { [name]: value } })
      await site.settled()
      expect([name, toText(site.stored)]).toEqual([name, toText(plain.stored)])
    }
  }, 60_000)

  it('keeps a redirect a redirect, and its data a description of it [S6]', async () => {
    const site = await serveSecuritySite({ createApp })
    for (const [name, value] of internalHeaders) {
      const page = await site.ask('/redir', { headers: { [name]: value } })
      expect([name, page.status, page.headers.location]).toEqual([name, 307, '/isrf'])
      const data = await site.ask('/_data/redir.json', { headers: { [name]: value } })
      expect([name, data.status, data.headers.location]).toEqual([name, 200, undefined])
      expect(JSON.parse(data.body)).toEqual({ redirect: { destination: '/isrf', status: 307 } })
    }
  })

  it('serves prefetches like everything else [S7]', async () => {
    const site = await warmSite()
    for (const path of [...pagePaths, ...pagePaths.map(dataPath)]) {
      const plain = await site.ask(path, as('A'))
      for (const [name, value] of [
        ['purpose', 'prefetch'],
        ['sec-purpose', 'prefetch;prerender'],
        ['x-middleware-prefetch', '1'],
      ] as const) {
        const answer = await site.ask(path, { headers: { Authorization: 'A', [name]: value } })
        expect(visible(answer)).toEqual(visible(plain))
        expect(answer.body).not.toBe('')
      }
    }
    expect(
      (await site.ask('/_data/ssr.json', { headers: { purpose: 'prefetch' } })).headers['cache-control'],
    ).toBe(PRIVATE)
  })

  it('reads no data URL into a query or a fragment [S8]', async () => {
    const site = await serveSecuritySite({ createApp })
    for (const target of [
      '/?/_data/index.json',
      '/?_data.json',
      '/isr/a?x=/_data.json',
      '/isr/a#/_data.json',
      '/?x#/_data/index.json',
    ]) {
      const { status, headers } = await askRaw(site.port, target)
      expect([target, status, headers['content-type']]).toEqual([target, 200, 'text/html; charset=utf-8'])
    }
  })

  describe.each([true, false])('with fallthrough %s', (fallthrough) => {
    it('chooses the representation by path alone, in every error state [S9]', async () => {
      const site = await serveSecuritySite({ createApp, fallthrough })
      const headers = {
        Accept: 'application/json',
        RSC: '1',
        'X-Pagepress-Data': '1',
        'X-Nextjs-Data': '1',
        Authorization: 'A',
      }
      for (const path of pagePaths.filter((path) => path !== '/redir')) {
        const page = await site.ask(path, { headers })
        expect([path, page.headers['content-type']]).toEqual([path, 'text/html; charset=utf-8'])
      }
      const failures = ['/_data/isr/%.json', '/_data/isr/%61.json', '/_data/docs/a%2fb.json']
      for (const path of [...pagePaths.map(dataPath), ...failures]) {
        for (const method of ['GET', 'POST']) {
          const data = await site.ask(path, { method, headers: { ...headers, Accept: 'text/html' } })
          // Without fallthrough every answer is ours; with it, the application answers for what is no page's data.
          const isOurs = !fallthrough || data.headers['pagepress-build'] !== undefined
          if (isOurs)
            expect([path, data.headers['content-type']]).toEqual([path, 'application/json; charset=utf-8'])
          else expect([path, data.status]).toEqual([path, 404])
        }
      }
    })
  })

  it('repeats no request header in an answer or an entry [S10]', async () => {
    const site = await serveSecuritySite({ createApp })
    const headers = {
      'Content-Type': 'text/x-evil',
      Refresh: '0;url=//evil.test',
      'Set-Cookie': 'evil=1',
      Location: '//evil.test',
      Link: '<//evil.test>; rel=preload',
      'Cache-Control': 'public, max-age=666',
      'X-Accel-Redirect': '/evil',
      ETag: '"evil"',
    }
    for (const path of [...pagePaths, ...pagePaths.map(dataPath)]) {
      const answer = await site.ask(path, { headers: { ...headers, Authorization: 'A' } })
      const text = JSON.stringify([answer.rawHeaders, answer.body])
      expect([path, /evil|=666/.exec(text)?.[0]]).toEqual([path, undefined])
    }
    await site.settled()
    expect(toText(site.stored)).not.toMatch(/evil|=666/)
  })

  it('says that data is JSON and not to be sniffed, and escapes `<` in it [S11]', async () => {
    const site = await serveSecuritySite({ createApp, fallthrough: false })
    const paths = [
      ...pagePaths.map(dataPath),
      '/_data/isr/%3Cscript%3E.json',
      '/_data/isr/%.json',
      '/_data/ssr.json?%3Cb%3E=%3Cscript%3E',
      '/_data/none.json',
    ]
    for (const path of paths) {
      const { headers, body } = await site.ask(path, as('A'))
      expect([path, headers['content-type'], headers['x-content-type-options']]).toEqual([
        path,
        'application/json; charset=utf-8',
        'nosniff',
      ])
      expect([path, body.includes('<')]).toEqual([path, false])
    }
  })
})
