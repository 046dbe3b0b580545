import { useBrowserSite } from '../support/visits.js'

const { at, url: siteUrl } = useBrowserSite()

describe('the first page', () => {
  it('hydrates without a complaint, whatever kind it is', async () => {
    for (const path of [
      '/',
      '/about',
      '/server?x=1',
      '/post/one',
      '/any/7',
      '/initial',
      '/long',
      '/catch/a/b',
    ])
      await at(path)
  })

  it('is ready at once when the server knew everything [9.07]', async () => {
    for (const path of ['/', '/server?x=1', '/initial?x=1', '/post/one']) {
      const { log } = await at(path)
      expect((await log()).filter((entry) => entry.startsWith('ready'))[0]).toBe('ready true')
    }
  })

  it('is ready after one more render when it was made without knowing the URL [9.08]', async () => {
    for (const path of ['/?hello', '/any/7', '/post/one?x=1']) {
      const { log } = await at(path)
      expect((await log()).filter((entry) => entry.startsWith('ready'))).toEqual([
        'ready false',
        'ready true',
      ])
    }
  })

  it('of a dynamic route without data begins with the route and gets its real path and query [9.09]', async () => {
    const { log, router, page } = await at('/any/7?a=1')
    expect(await log()).toEqual([
      'ready false',
      'render any /any/[id] {} false',
      'ready true',
      'render any /any/7?a=1 {"a":"1","id":"7"} true',
    ])
    expect(await router()).toEqual(['/any/[id]', { a: '1', id: '7' }, '/any/7?a=1', false])
    const html = await (await fetch(page.url())).text()
    expect(html).toContain('[&quot;/any/[id]&quot;,{},&quot;/any/[id]&quot;,false]')
  })

  it('is filled in without events, requests or history entries, and keeps its hash [9.10]', async () => {
    const { log, requests, page, router } = await at('/any/7?a=1#h')
    expect((await log()).filter((entry) => /Change/.test(entry))).toEqual([])
    expect(requests().filter((request) => request.startsWith('fetch'))).toEqual([])
    expect(await page.evaluate(() => history.length)).toBe(2)
    expect((await router())[2]).toBe('/any/7?a=1#h')
  })

  it('reads a search parameter without a value as empty, and survives odd hashes [9.11]', async () => {
    const { page } = await at('/?hello')
    expect(await page.textContent('#hello')).toBe('empty')
    for (const path of ['/about#?', '/about##x', '/about?#', '/any/7##x']) {
      const { router } = await at(path)
      expect((await router())[2]).toBe(path === '/about?#' ? '/about' : path)
    }
  })
})

describe('what useRouter() gives', () => {
  it('has every field and method [9.01]', async () => {
    const { page } = await at('/post/one?q=1')
    const router = await page.evaluate(() => {
      const { events, ...fields } = (window as any).router
      return {
        ...fields,
        events: Object.keys(events),
        methods: Object.keys(fields).filter((key) => typeof fields[key] === 'function'),
      }
    })
    expect(router).toMatchObject({
      route: '/post/[id]',
      pathname: '/post/[id]',
      query: { id: 'one', q: '1' },
      asPath: '/post/one?q=1',
      basePath: '',
      isFallback: false,
      isReady: true,
      isPreview: false,
      isLocaleDomain: false,
      events: ['on', 'off', 'emit'],
    })
    expect(router.methods.sort()).toEqual([
      'back',
      'beforePopState',
      'forward',
      'prefetch',
      'push',
      'reload',
      'replace',
    ])
  })

  it('has the route as pathname and the visible URL as asPath [9.02]', async () => {
    const { router, push } = await at('/about')
    expect(await push('/post/two?q=1#h')).toBe(true)
    expect(await router()).toEqual(['/post/[id]', { id: 'two', q: '1' }, '/post/two?q=1#h', false])
  })
})

describe('push and replace', () => {
  it('move to every kind of page without loading a document', async () => {
    const { push, heading, requests, page } = await at('/')
    requests()
    await page.click('#count')
    for (const [path, name] of [
      ['/about', 'about'],
      ['/server?x=1', 'server'],
      ['/post/two', 'post two'],
      ['/any/9', 'any 9'],
      ['/initial', 'initial'],
      ['/shell/new', 'shell new'],
      ['/', 'home'],
    ] as const) {
      expect(await push(path)).toBe(true)
      await heading(name)
    }
    expect(requests().filter((request) => request.startsWith('document'))).toEqual([])
    expect(await page.textContent('#count')).toBe('1')
  })

  it('fire their events in order, with the URL [9.14]', async () => {
    const { push, log } = await at('/about')
    await log()
    await push('/server?x=1#h')
    expect((await log()).filter((entry) => /Change/.test(entry))).toEqual([
      'routeChangeStart /server?x=1#h',
      'beforeHistoryChange /server?x=1#h',
      'routeChangeComplete /server?x=1#h',
    ])
  })

  it('push adds an entry, replace does not, nor does a push to where one is; that fetches data again [9.15]', async () => {
    const { push, page, requests } = await at('/about')
    const length = () => page.evaluate(() => history.length)
    const before = await length()
    await push('/server?x=1')
    expect(await length()).toBe(before + 1)
    requests()
    const run = await page.textContent('#run')
    expect(await push('/server?x=1')).toBe(true)
    expect(await length()).toBe(before + 1)
    expect(requests()).toEqual(['fetch /_data/server.json?x=1'])
    await expect(page.textContent('#run')).resolves.not.toBe(run)
    await page.evaluate(() => (window as any).router.replace('/any/1'))
    expect(await length()).toBe(before + 1)
    await page.goBack()
    expect(new URL(page.url()).pathname).toBe('/about')
  })

  it('to another page cancel what is pending: it tells so and never renders [9.16]', async () => {
    const { page, log, heading } = await at('/about')
    await log()
    const results = await page.evaluate(async () => {
      const { push } = (window as any).router
      const first = push('/server?wait=300')
      await new Promise((resolve) => setTimeout(resolve, 50))
      return Promise.all([first, push('/any/2')])
    })
    expect(results).toEqual([false, true])
    await heading('any 2')
    await page.waitForTimeout(400)
    await heading('any 2')
    expect((await log()).filter((entry) => /Change/.test(entry))).toEqual([
      'routeChangeStart /server?wait=300',
      'routeChangeError /server?wait=300 cancelled',
      'routeChangeStart /any/2',
      'beforeHistoryChange /any/2',
      'routeChangeComplete /any/2',
    ])
  })

  it('resolve with true when done and false when another navigation came first [9.13]', async () => {
    const { page } = await at('/about')
    const results = await page.evaluate(() => {
      const { push } = (window as any).router
      return Promise.all([push('/server?wait=100'), push('/any/1'), push('/any/2')])
    })
    expect(results).toEqual([false, false, true])
  })

  it('take objects: routes get their parameters from the query, the rest is the search [9.17][9.18]', async () => {
    const { push, page, router } = await at('/about')
    await push({ pathname: '/post/[id]', query: { id: 'a b', n: 1, l: ['x', 'y'], u: null }, hash: 'h' })
    const { pathname, search, hash } = new URL(page.url())
    expect([pathname, search, hash]).toEqual(['/post/a%20b', '?n=1&l=x&l=y&u=', '#h'])
    expect((await router())[1]).toEqual({ id: 'a b', n: '1', l: ['x', 'y'], u: '' })
    await push({ pathname: '/catch/[...all]', query: { all: ['a/b', 'ü'] } })
    expect(new URL(page.url()).pathname).toBe('/catch/a%2Fb/%C3%BC')
    expect((await router())[1]).toEqual({ all: ['a/b', 'ü'] })
  })

  it('refuse a route with missing parameters, and one that does not fit the URL to show [9.19]', async () => {
    const { push, page } = await at('/about')
    expect(await push({ pathname: '/post/[id]', query: { x: 1 } })).toMatch(/missing query values \(id\)/)
    expect(await push('/post/[id]', '/any/1')).toMatch(/incompatible with the href value `\/post\/\[id\]`/)
    expect(new URL(page.url()).pathname).toBe('/about')
  })

  it('show another URL than the page’s when told so', async () => {
    const { push, page, router } = await at('/about')
    await push('/post/[id]?q=1', '/post/masked')
    expect(await router()).toEqual(['/post/[id]', { id: 'masked', q: '1' }, '/post/masked', false])
    await push('/any/1?secret=1', '/nice')
    expect(new URL(page.url()).pathname).toBe('/nice')
    expect(await router()).toEqual(['/any/[id]', { id: '1', secret: '1' }, '/nice', false])
  })

  it('take relative URLs from the current one [9.21]', async () => {
    const { push, page } = await at('/any/7?a=1')
    const path = () => page.evaluate(() => location.href.slice(location.origin.length))
    await push('?b=2')
    expect(await path()).toBe('/any/7?b=2')
    await push('#x')
    expect(await path()).toBe('/any/7?b=2#x')
    await push('8')
    expect(await path()).toBe('/any/8')
  })

  it('take absolute URLs of this site in place, and leave others to the browser [9.22]', async () => {
    const { push, page, requests, heading } = await at('/about')
    requests()
    expect(await push(`${siteUrl()}/any/1`)).toBe(true)
    expect(requests().filter((request) => request.startsWith('document'))).toEqual([])
    await page.route('https://other.example/**', (route) =>
      route.fulfill({ body: '<h1>other</h1>', contentType: 'text/html' }),
    )
    await page.evaluate(() => void (window as any).router.push('https://other.example/x'))
    await heading('other')
  })

  it.each([
    'javascript:window.pwned=1',
    'java\nscript:window.pwned=1',
    ' javascript:window.pwned=1',
    'data:text/html,<script>1</script>',
    'vbscript:x',
    'blob:x',
  ])('refuse %j, and no script runs [S66]', async (url) => {
    const { push, page, requests } = await at('/about')
    requests()
    expect(await push(url)).toMatch(/Refused/)
    expect(
      await page.evaluate(
        (to) => (window as any).router.replace(to).catch((error: Error) => error.message),
        url,
      ),
    ).toMatch(/Refused/)
    await page.evaluate((to) => (window as any).router.prefetch(to), url)
    await page.route('**/_data/**', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, json: { redirect: { destination: url, status: 307 } } })
    })
    expect(await push('/server?x=1')).toMatch(/Refused/)
    expect(await page.evaluate(() => (window as any).pwned)).toBeUndefined()
    expect(requests().filter((request) => request.startsWith('document'))).toEqual([])
  })

  it('never ask another host for what looks like a path, nor does a redirect of data [S66]', async () => {
    const { page, problems } = await at('/about')
    const documents: string[] = []
    const asked: string[] = []
    let destination = '/about'
    page.on('request', (request) => asked.push(new URL(request.url()).origin))
    await page.route('**/*', (route) => {
      const { pathname } = new URL(route.request().url())
      if (pathname === '/_data/server.json')
        return route
          .fetch()
          .then((response) => route.fulfill({ response, json: { redirect: { destination, status: 307 } } }))
      if (route.request().resourceType() !== 'document') return route.continue()
      documents.push(route.request().url())
      // Without content, so that the page stays for the next one.
      return route.fulfill({ status: 204 })
    })
    const paths = [
      '//evil.example/',
      '///evil.example/',
      '/\\evil.example/',
      '/%5cevil.example/',
      '/%2f%2fevil.example/',
      '/.//evil.example/',
      '//evil.example%2f%2e%2e/',
      '/%09/evil.example/',
      '/\t/evil.example/',
      '/https:evil.example/',
    ]
    for (destination of paths) {
      await page.evaluate((to) => (window as any).router.prefetch(to), destination)
      for (const [method, to] of [
        ['push', destination],
        ['replace', destination],
        ['push', '/server?x=1'],
      ]) {
        const isLeft = page.waitForEvent('request', (request) => request.resourceType() === 'document')
        await page.evaluate(([name, url]) => void (window as any).router[name!](url), [method, to])
        await isLeft
      }
    }
    await page.waitForTimeout(200)
    expect(new Set(asked)).toEqual(new Set([siteUrl()]))
    expect(documents).toHaveLength(3 * paths.length)
    expect(new Set(documents.map((one) => new URL(one).origin))).toEqual(new Set([siteUrl()]))
    problems.length = 0
  })

  it('stay on this host for paths with repeated slashes, with an error in the console [9.23][S81]', async () => {
    for (const url of ['//evil.example/x', '/\\evil.example', '/../..//evil/x', '/\t/evil']) {
      const visited = await at('/about')
      visited.requests()
      await visited.page.evaluate((to) => void (window as any).router.push(to), url)
      await visited.page.waitForLoadState('networkidle')
      await visited.page.waitForTimeout(100)
      const asked = visited.requests()
      expect(asked.filter((request) => !request.includes(' /'))).toEqual([])
      expect(visited.problems[0]).toMatch(/Invalid href/)
      visited.problems.length = 0
    }
  })

  it('load a document for what is no page here, keeping the query [9.24]', async () => {
    for (const path of ['/plain?a=1', '/file.txt?a=1', '/api/none?a=1']) {
      const { page, requests, problems } = await at('/about')
      requests()
      await page.evaluate((to) => void (window as any).router.push(to), path)
      await page.waitForURL(siteUrl() + path)
      expect(requests().filter((request) => /document|fetch/.test(request))).toEqual([`document ${path}`])
      problems.length = 0
    }
  })
})
