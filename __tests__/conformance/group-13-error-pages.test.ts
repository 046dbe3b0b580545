import { useConformanceSite, type ConformanceSite } from '../support/conformance-site.js'
import { createControls } from '../support/controls.js'
import { readPayload, readRoot } from '../support/page-data.js'

const OWN_404 = { options: { fallthrough: false } }
const DYN = 'private, no-cache, no-store, max-age=0, must-revalidate'

const titleOf = (html: string) => /<title[^>]*>(.*?)<\/title>/.exec(html)?.[1]
/** What a page shows, without the marks that React leaves between texts. */
const shown = (html: string, rootId?: string) => readRoot(html, rootId).replaceAll('<!-- -->', '')
const styleSheets = (html: string) =>
  [...html.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].map(([, url]) => url!)
const ask = (site: ConformanceSite, path: string, init: RequestInit = {}) =>
  fetch(site.url() + path, { redirect: 'manual', ...init })

describe('the built-in error page', () => {
  // The site imports `next/error`.
  const ROOT = '__next'
  const site = useConformanceSite('error-pages', OWN_404)

  // Before any other failure: once the page for 500 has been made, it is there for those of the frame, too.
  it.each([
    ['_app', 'the frame is broken'],
    ['_document', 'the paper is torn'],
  ])('is plain text when %s fails, and the server goes on [13.14]', async (name, message) => {
    const { text, headers } = await site.get(`/switch?broken=${name}`).expect(500)
    expect([text, headers['content-type']]).toEqual(['500', 'text/plain; charset=utf-8'])
    expect(site.takeErrors()).toEqual([`Error: ${message}`, `Error: ${message}`])

    expect(shown((await site.get('/switch').expect(200)).text, ROOT)).toBe('<h1>whole</h1>')
  })

  it.each([
    ['GET', '/missing', 404, 'This page could not be found'],
    ['GET', '/fails/data', 500, 'Internal Server Error'],
    ['GET', '/%', 400, 'Bad Request'],
    ['GET', '/static/%DE~%C7%1fY/', 400, 'Bad Request'],
    ['POST', '/static', 405, 'Method Not Allowed'],
    ['GET', '/ours/status/403', 403, 'An unexpected error has occurred'],
  ])('to %s %s says %i: %s [13.01][13.02][13.03][13.17][13.22]', async (method, path, status, text) => {
    const answer = await ask(site, path, { method })
    const html = await answer.text()

    expect([answer.status, titleOf(html)]).toEqual([status, `${status}: ${text}`])
    expect(shown(html, ROOT)).toContain(`<h1>${status}</h1>`)
    expect(shown(html, ROOT)).toContain(text)
    expect(html).not.toMatch(/secret|\.jsx|\.mjs|node_modules/)
    expect(answer.headers.get('cache-control')).toBe(DYN)
    expect(answer.headers.get('cache-status')).toBeNull()
    expect(site.takeErrors()).toEqual(status === 500 ? ['Error: a secret'] : [])
    expect((await ask(site, '/static')).status).toBe(200)
  })

  it.each(['/fails/data', '/fails/render', '/fails/initial'])(
    'leaves nothing of %s in its answer [13.13]',
    async (path) => {
      const { text } = await site.get(path).expect(500)

      expect(text).not.toMatch(/half|secret/)
      expect(shown(text, ROOT)).toContain('<h1>500</h1>')
      expect(site.takeErrors()).toEqual(['Error: a secret'])
    },
  )

  it.each(['null', 'undefined', 'text', 'number'])('is for a thrown %s, too [13.15]', async (what) => {
    for (const where of ['render', 'initial'])
      expect((await site.get(`/fails/strange-${where}?what=${what}`).expect(500)).text).toContain(
        'Internal Server Error',
      )

    expect(site.takeErrors()).toHaveLength(2)
  })

  it('leaves in the log that nothing else was thrown than that [13.15]', async () => {
    await site.restart({ mount: '/logged', ...OWN_404 })
    for (const where of ['render', 'initial']) {
      await site.get(`/fails/strange-${where}?what=undefined`).expect(500)
      await site.printed(
        new RegExp(`failed for "/fails/strange-${where}": what was thrown is no error, but this: undefined`),
      )
    }
    await site.restart()
  })

  it('is 500 whatever status an error has, and not for errors of the app [13.16]', async () => {
    // It has 418 as its statusCode.
    await site.get('/fails/data').expect(500)
    expect(site.takeErrors()).toHaveLength(1)

    await site.get('/theirs/status/404').expect(404, 'handled by the app')
    await site.get('/theirs/status/403').expect(403, 'handled by the app')
  })

  it('has its style where a page shows it, too', async () => {
    for (const path of ['/missing', '/gone']) {
      const css = await Promise.all(styleSheets((await site.get(path)).text).map((url) => site.get(url)))
      expect(css.map(({ text }) => text).join('')).toContain('.pagepress-error{')
    }
  })

  it('is a component for pages, which keep the status that they have set [13.18]', async () => {
    const [gone, light] = await Promise.all(['/gone', '/light'].map((path) => site.get(path).expect(410)))

    for (const { text } of [gone!, light!]) {
      expect(shown(text, ROOT)).toContain('<h1>410</h1>')
      expect(shown(text, ROOT)).toContain('Gone')
      expect(titleOf(text)).toBe('410: Gone')
    }
    // Its style sheet has the dark colours, and spares those who do not want them.
    const css = await Promise.all(styleSheets(gone!.text).map(async (url) => (await ask(site, url)).text()))
    expect(css.join('')).toMatch(
      /@media[^{]*prefers-color-scheme: ?dark[^{]*\{\.pagepress-error:not\(\.pagepress-light\)/,
    )
    expect(gone!.text).toContain('class="pagepress-error"')
    expect(light!.text).toContain('class="pagepress-error pagepress-light"')
  })
})

describe('pages/404 and pages/500', () => {
  const site = useConformanceSite('error-pages-own', OWN_404)
  const { write, advance, settled } = createControls(site)

  it('have their props from the build, once for all who are lost [13.06][13.22]', async () => {
    expect([site.builtWith('404'), site.builtWith('500')]).toEqual([['build'], ['build']])
    // The build may be old enough by now.
    await site.get('/x')
    await settled()
    const { length } = site.calls('404')
    const lost = []
    for (const path of ['/x', '/y?a=1', '/listed/b']) lost.push(await site.get(path).expect(404))

    expect(shown(lost[0]!.text)).toMatch(/^<h1>four 0\.\d+<\/h1>$/)
    for (const { text, headers } of lost) {
      expect(shown(text)).toBe(shown(lost[0]!.text))
      expect(headers['cache-control']).toBe(DYN)
      expect(headers).not.toHaveProperty('cache-status')
    }
    await settled()
    expect(site.calls('404')).toHaveLength(length)
  })

  it('404 may be due again; a page that is not found says itself for how long [13.06]', async () => {
    await site.get('/x').expect(404)
    await settled()
    const before = shown((await site.get('/x').expect(404)).text)
    await advance(1_000)
    await site.get('/x').expect(404)
    await settled()
    expect(shown((await site.get('/x').expect(404)).text)).not.toBe(before)
    expect(site.calls('404')).toContain('stale')

    await write('away', { notFound: true, revalidate: 7 })
    const { text, headers } = await site.get('/gone/away').expect(404)
    expect(shown(text)).toMatch(/^<h1>four /)
    expect(headers['cache-control']).toBe('s-maxage=7, stale-while-revalidate=31535993')
    await settled()
  })

  it('500 is for what fails in getServerSideProps, in getInitialProps and in render [13.05][13.12]', async () => {
    const pages = new Set<string>()
    for (const path of ['/fails/data', '/fails/initial', '/fails/render']) {
      const { text } = await site.get(path).expect(500)
      expect(readPayload(text).page).toBe('/500')
      expect(text).not.toContain('secret')
      pages.add(shown(text))
    }
    expect([...pages]).toEqual([expect.stringMatching(/^<h1>five 0\.\d+<\/h1>$/)])
    expect(site.calls('500')).toEqual([])
    expect(site.takeErrors()).toEqual(Array(3).fill('Error: a secret'))
  })

  it('leave other errors to pages/_error [13.09]', async () => {
    const show = async (path: string, method = 'GET') => {
      const answer = await ask(site, path, { method })
      return [answer.status, shown(await answer.text())]
    }
    expect(await show('/%')).toEqual([400, '<h1>other 400</h1>'])
    expect(await show('/static', 'POST')).toEqual([405, '<h1>other 405</h1>'])
    expect(await show('/x')).toEqual([404, expect.stringMatching(/^<h1>four/)])
    expect(await show('/fails/data')).toEqual([500, expect.stringMatching(/^<h1>five/)])
    site.takeErrors()
    await settled()
  })

  it('are named in the page data, without the query of who is lost [13.20]', async () => {
    const { payload } = await site.page('/x?a=1')

    expect([payload.page, payload.query]).toEqual(['/404', {}])
    await settled()
  })
})

describe('pages/_error with getInitialProps', () => {
  const site = useConformanceSite('error-component', OWN_404)
  const told = (html: string) =>
    JSON.parse(/<pre>(.*?)<\/pre>/.exec(html)![1]!.replaceAll('&quot;', '"')) as Record<string, unknown>

  it('is told of the request, of where it is, and of the error itself [13.08][13.11]', async () => {
    const { text } = await site.get('/fails?a=1').expect(500)
    expect(shown(text)).toContain('<h1>failed 500</h1>')
    expect(told(text)).toEqual({
      url: '/fails?a=1',
      hasResponse: true,
      detail: 42,
      pathname: '/_error',
      query: { a: '1' },
      asPath: '/fails?a=1',
    })
    expect(text).not.toContain('secret')
    expect(site.takeErrors()).toEqual(['Error: a secret'])

    const missing = await site.get('/missing').expect(404)
    expect(shown(missing.text)).toContain('<h1>failed 404</h1>')
    expect(told(missing.text)).toMatchObject({ asPath: '/missing', query: {} })
    expect(told(missing.text)).not.toHaveProperty('detail')
    expect(shown(await (await ask(site, '/static', { method: 'POST' })).text())).toContain(
      '<h1>failed 405</h1>',
    )
  })

  it('runs for each error, and is named in the page data with its query [13.11][13.20]', async () => {
    const payloads = []
    for (let visit = 0; visit < 2; visit++)
      payloads.push(readPayload((await site.get('/missing?a=1').expect(404)).text))

    for (const { page, query } of payloads) expect([page, query]).toEqual(['/_error', { a: '1' }])
    const randoms = payloads.map(({ props }) => props.pageProps['random'])
    expect(new Set(randoms).size).toBe(2)
  })

  it('that fails itself leaves the bare status, and is not tried again [13.07]', async () => {
    const { text, headers } = await site.get('/fails?twice=1').expect(500)

    expect([text, headers['content-type']]).toEqual(['500', 'text/plain; charset=utf-8'])
    expect(site.takeErrors()).toEqual(['Error: a secret', 'Error: the page for errors is broken'])
    await site.get('/missing?twice=1').expect(500, '500')
    // For 404 and for 500, and never again.
    expect(site.takeErrors()).toEqual(Array(2).fill('Error: the page for errors is broken'))
    await site.get('/static').expect(200)
  })
})

describe('pages/_error with getServerSideProps', () => {
  const site = useConformanceSite('error-server-props', OWN_404)

  it('runs for each error [13.11]', async () => {
    const missing = await site.get('/missing?a=1').expect(404)
    expect(shown(missing.text)).toMatch(/^<h1>failed 404 0\.\d+<\/h1>$/)
    expect(shown((await site.get('/missing?a=1').expect(404)).text)).not.toBe(shown(missing.text))
    expect(shown((await site.get('/fails').expect(500)).text)).toMatch(/^<h1>failed 500 /)
    expect(site.calls('asked')).toEqual([404, 404, 500])
    expect(site.takeErrors()).toEqual(['Error: a secret'])
  })
})
