import type { Page } from 'playwright-core'
import { hydrated, type Visit } from '../support/browser-site.js'
import { useBrowserSite } from '../support/visits.js'

const { at } = useBrowserSite()

const changes = (entries: string[]) => entries.filter((entry) => /Change/.test(entry))
const isTransport = (request: string) => /^(fetch|document)/.test(request)
const path = (page: Page) => page.evaluate(() => location.href.slice(location.origin.length))

/** Goes somewhere by a push whose promise never settles, because the document is left. */
function pushAway({ page }: Visit, to: string): Promise<void> {
  return page.evaluate((target) => void (window as any).router.push(target), to)
}

/** Remembers the router's events beyond the document they happened in. */
async function keepEvents(page: Page): Promise<() => Promise<string[]>> {
  const events: string[] = []
  await page.exposeFunction('keepEvent', (entry: string) => void events.push(entry))
  await page.evaluate(() => {
    const { events: source } = (window as any).router
    source.on('routeChangeError', (error: any, to: string) =>
      (window as any).keepEvent(`error ${to} ${error.message}`),
    )
    source.on('routeChangeComplete', (to: string) => (window as any).keepEvent(`complete ${to}`))
  })
  return async () => events.splice(0)
}

describe('data', () => {
  it('of a server page is fetched once for each navigation and never reused [9.41][9.42]', async () => {
    const { push, requests, page } = await at('/about')
    requests()
    await push('/server?x=1')
    expect(requests().filter(isTransport)).toEqual(['fetch /_data/server.json?x=1'])
    const run = await page.textContent('#run')
    await push('/about')
    await push('/server?x=1')
    expect(requests().filter(isTransport)).toEqual(['fetch /_data/server.json?x=1'])
    expect(await page.textContent('#run')).not.toBe(run)
  })

  it('that says notFound shows the 404 page in place [9.43]', async () => {
    const visited = await at('/about')
    visited.requests()
    await visited.push('/post/missing?q=1')
    await visited.heading('404')
    expect(await path(visited.page)).toBe('/post/missing?q=1')
    expect(visited.requests().filter(isTransport)).toEqual(['fetch /_data/post/missing.json'])
    expect(await visited.page.title()).toBe('404: This page could not be found')
    await visited.page.click('#to-about')
    await visited.heading('about')
    expect(visited.requests().filter(isTransport)).toEqual([])
    visited.problems.splice(0).forEach((problem) => expect(problem).toMatch(/status of 404/))
  })

  it.each([
    ['404 without notFound', { status: 404, body: '{"error":"none"}' }, /Failed to load/],
    ['500', { status: 500, body: '{}' }, /Failed to load/],
    ['an HTML page', { status: 200, body: '<!DOCTYPE html><p>Sign in</p>' }, /Failed to load/],
    ['nothing', 'abort', /Failed to fetch/],
  ] as const)(
    'that is %s loads the document of the target, once [9.44][9.45][S81]',
    async (_, answer, message) => {
      const visited = await at('/about')
      const { page, requests, heading, problems } = visited
      const events = await keepEvents(page)
      await page.route('**/_data/**', async (route) => {
        if (answer === 'abort') return route.abort()
        const response = await route.fetch()
        await route.fulfill({ response, ...answer })
      })
      requests()
      await pushAway(visited, '/server?x=7')
      await heading('server')
      await hydrated(page)
      await page.waitForTimeout(200)
      expect(requests().filter(isTransport)).toEqual(['fetch /_data/server.json?x=7', 'document /server?x=7'])
      const seen = await events()
      expect(seen).toHaveLength(1)
      expect(seen[0]).toMatch(/^error \/server\?x=7 /)
      expect(seen[0]).toMatch(message)
      problems.length = 0
    },
  )

  it('of another build loads the document of the target, once, and it works [9.48][S81]', async () => {
    const visited = await at('/about')
    const { page, requests, heading, problems } = visited
    await page.route('**/_data/**', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, headers: { ...response.headers(), 'pagepress-build': 'next' } })
    })
    requests()
    await pushAway(visited, '/server?x=7')
    await heading('server')
    await hydrated(page)
    expect(requests().filter(isTransport)).toEqual(['fetch /_data/server.json?x=7', 'document /server?x=7'])
    expect(problems).toEqual([])
  })

  it('that redirects inside the site goes there in place, and Back returns to the origin [9.46]', async () => {
    const { push, page, requests, heading, log } = await at('/about')
    await log()
    requests()
    expect(await push('/server?to=/any/5')).toBe(true)
    await heading('any 5')
    expect(await path(page)).toBe('/any/5')
    expect(requests().filter((request) => request.startsWith('document'))).toEqual([])
    expect(changes(await log())).toEqual([
      'routeChangeStart /server?to=/any/5',
      'routeChangeStart /any/5',
      'beforeHistoryChange /any/5',
      'routeChangeComplete /any/5',
    ])
    await page.goBack()
    await heading('about')
    const length = await page.evaluate(() => history.length)
    await page.evaluate(() => (window as any).router.replace('/server?to=/any/6'))
    await heading('any 6')
    expect(await page.evaluate(() => history.length)).toBe(length)
  })

  it('that redirects to another site, or outside the mount, changes the location [9.46]', async () => {
    const outside = await at('/about')
    await pushAway(outside, '/server?to=/plain&outside=1')
    await outside.heading('plain')
    const away = await at('/about')
    await away.page.route('https://other.example/**', (route) =>
      route.fulfill({ body: '<h1>other</h1>', contentType: 'text/html' }),
    )
    await pushAway(away, '/server?to=https://other.example/x')
    await away.heading('other')
  })

  it('that redirects in circles ends in the browser’s own error', async () => {
    const visited = await at('/about')
    const to = '/server?to=%2Fserver%3Fto%3D%252Fserver'
    await visited.page.route('**/_data/**', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, json: { redirect: { destination: '/server?x=1', status: 307 } } })
    })
    visited.requests()
    await pushAway(visited, to)
    await visited.heading('server')
    await hydrated(visited.page)
    expect(visited.requests().filter((request) => request.startsWith('fetch')).length).toBeLessThan(15)
  })
})

describe('code', () => {
  it('that fails to load makes the browser load the document [9.47]', async () => {
    const visited = await at('/about')
    const { page, requests, heading, problems } = visited
    const events = await keepEvents(page)
    let isFirst = true
    await page.route('**/_assets/server-*.js', (route) => {
      if (!isFirst) return route.continue()
      isFirst = false
      return route.abort()
    })
    requests()
    await pushAway(visited, '/server?x=1')
    await heading('server')
    await hydrated(page)
    expect(requests().filter((request) => request.startsWith('document'))).toEqual(['document /server?x=1'])
    expect((await events())[0]).toMatch(/^error \/server\?x=1 /)
    problems.length = 0
  })

  it('that throws while rendering in the browser shows the error page, from which links work [9.49][13.19]', async () => {
    const { push, page, heading, problems, requests } = await at('/about')
    const shownStyles = () =>
      page.$$eval('link[data-n-p]', (links) =>
        links
          .map((link) => link as HTMLLinkElement)
          .filter(({ media }) => media === '')
          .map(({ href }) => href),
      )
    await push('/loud')
    expect(await shownStyles()).toEqual([expect.stringContaining('/loud-')])
    await push('/throws')
    await page.getByText('Application error: a client-side exception has occurred').waitFor()
    expect(await shownStyles()).not.toContainEqual(expect.stringContaining('/loud-'))
    expect(await path(page)).toBe('/throws')
    expect(problems.splice(0).length).toBeGreaterThan(0)
    requests()
    await page.click('#to-about')
    await heading('about')
    expect(requests().filter((request) => request.startsWith('document'))).toEqual([])
    expect(problems).toEqual([])
  })

  it('that throws while hydrating shows the error page too', async () => {
    const { page, problems } = await at('/throws')
    await page.getByText('Application error: a client-side exception has occurred').waitFor()
    problems.length = 0
  })
})

describe('getInitialProps', () => {
  it('runs on the server for the first page and in the browser after that [8.35]', async () => {
    const first = await at('/initial?a=1')
    expect(await first.page.textContent('#side')).toBe('server')
    const { push, page, log } = await at('/about')
    await log()
    await push('/initial?a=1#h')
    expect(await log()).toContain('getInitialProps')
    expect(await page.textContent('#side')).toBe('browser')
    expect(await page.textContent('#context')).toBe('["/initial?a=1#h",{"a":"1"}]')
  })

  it('that throws in the browser shows the error page with its status, or 500 [9.50]', async () => {
    for (const [query, status] of [
      ['fail=1', '500'],
      ['fail=418', '418'],
    ]) {
      const { push, page, heading, log, requests } = await at('/about')
      await log()
      requests()
      await push(`/initial?${query}`)
      await heading(status!)
      expect(await path(page)).toBe(`/initial?${query}`)
      expect(changes(await log()).at(-1)).toBe(`routeChangeError /initial?${query} failed`)
      expect(requests().filter(isTransport)).toEqual([])
    }
  })
})

describe('a fallback shell', () => {
  it('is shown without data, then filled in with the path’s own [9.12]', async () => {
    const { heading, router, log } = await at('/shell/a?x=1')
    await heading('shell a')
    expect(await router()).toEqual(['/shell/[id]', { id: 'a', x: '1' }, '/shell/a?x=1', false])
    const entries = await log()
    expect(entries.filter((entry) => entry.startsWith('ready'))).toEqual(['ready false', 'ready true'])
    expect(changes(entries)).toEqual([])
  })

  it('becomes the 404 page or another page when the data says so', async () => {
    const missing = await at('/shell/missing')
    await missing.heading('404')
    expect(await path(missing.page)).toBe('/shell/missing')
    missing.problems.length = 0
    // The fixture keeps the redirect, and its next run would begin with it.
    const shell = `/shell/moved-${Date.now()}`
    const moved = await at(shell)
    await moved.heading('about')
    expect(await path(moved.page)).toBe('/about')
    expect(moved.requests().filter((request) => request.startsWith('document'))).toEqual([
      `document ${shell}`,
    ])
  })

  it('whose data fails asks again a few times, loads the document once, and then says so [9.51]', async () => {
    const visited = await at('/shell/broken')
    const { requests, problems, heading, page } = visited
    await heading('500')
    await page.waitForTimeout(500)
    expect(requests().filter(isTransport)).toEqual([
      'document /shell/broken',
      ...Array<string>(3).fill('fetch /_data/shell/broken.json'),
      'document /shell/broken',
      ...Array<string>(3).fill('fetch /_data/shell/broken.json'),
    ])
    problems.length = 0
  }, 40_000)
})

describe('while a navigation waits for its data', () => {
  it('the page stays and can be used [9.52]', async () => {
    const { page, heading, problems } = await at('/about')
    await page.evaluate(() => void (window as any).router.push('/server?wait=400'))
    await page.waitForTimeout(50)
    await heading('about')
    await page.click('#count')
    expect(await page.textContent('#count')).toBe('1')
    await heading('server')
    expect(await page.textContent('#count')).toBe('1')
    expect(problems).toEqual([])
  })
})

describe('assistive technology', () => {
  it('is told of the new page by its title, else its heading, else its path [9.53]', async () => {
    const { page, push } = await at('/about')
    const announcer = page.locator('#__page-route-announcer__')
    expect(await announcer.getAttribute('aria-live')).toBe('assertive')
    expect(await announcer.getAttribute('role')).toBe('alert')
    expect(await announcer.textContent()).toBe('')
    await push('/post/two')
    expect(await announcer.textContent()).toBe('post two')
    await push('/untitled')
    expect(await announcer.textContent()).toBe('untitled heading')
    await push('/untitled?bare')
    expect(await announcer.textContent()).toBe('/untitled?bare')
  })
})

describe('state', () => {
  it('of a page stays when only its parameters change, and its data is new [9.56][8.33]', async () => {
    const { page, push, router } = await at('/server?x=1')
    await page.click('#state')
    await page.click('#relative')
    await page.waitForFunction(() => location.search === '?x=2')
    await page.waitForFunction(() => document.querySelector('#query')!.textContent === '{"x":"2"}')
    expect(await page.textContent('#state')).toBe('1')
    expect((await router())[2]).toBe('/server?x=2')
    await page.click('#count')
    await push('/about')
    await push('/server?x=1')
    expect(await page.textContent('#state')).toBe('0')
    expect(await page.textContent('#count')).toBe('1')
  })

  it('of events: a listener that is taken off hears nothing more [9.57]', async () => {
    const { page, push } = await at('/about')
    await page.evaluate(() => {
      const { events } = (window as any).router
      const listener = (to: string) => (window as any).heard.push(to)
      ;(window as any).heard = []
      events.on('routeChangeStart', listener)
      ;(window as any).off = () => events.off('routeChangeStart', listener)
    })
    await push('/any/1')
    await page.evaluate(() => (window as any).off())
    await push('/any/2')
    expect(await page.evaluate(() => (window as any).heard)).toEqual(['/any/1'])
  })
})

describe('a hundred navigations in five seconds', () => {
  it('end on the right page, with an empty console, one document, and never a page with another’s props [S187]', async () => {
    const { page, problems, requests, heading, router } = await at('/about')
    requests()
    await page.evaluate(() => {
      const shown = ((window as any).shown = [] as [string, string][])
      const look = () => {
        const [, , asPath] = JSON.parse(document.querySelector('#router')!.textContent) as string[]
        shown.push([asPath!, document.querySelector('h1')?.textContent ?? ''])
      }
      new MutationObserver(look).observe(document.querySelector('#__page')!, {
        childList: true,
        characterData: true,
        subtree: true,
      })
    })
    await page.evaluate(async () => {
      const { push, replace } = (window as any).router
      const targets = ['/server?x=', '/any/', '/post/p', '/initial?x=', '/shell/s', '/long?x=']
      for (let n = 0; n < 100; n++) {
        const go = n % 7 === 0 ? replace : push
        void go(targets[n % targets.length]! + (n % 12))
        if (n % 9 === 5) history.back()
        if (n % 11 === 7) history.forward()
        await new Promise((resolve) => setTimeout(resolve, 40))
      }
      await push('/any/last')
    })
    await heading('any last')
    await page.waitForTimeout(500)
    expect(await path(page)).toBe('/any/last')
    expect((await router())[2]).toBe('/any/last')
    expect(requests().filter((request) => request.startsWith('document'))).toEqual([])
    expect(problems).toEqual([])
    const shown = await page.evaluate(() => (window as any).shown as [string, string][])
    expect(shown.length).toBeGreaterThan(5)
    for (const [asPath, title] of shown) {
      const [, kind, id] = /^\/(\w+)\/?(\w*)/.exec(asPath)!
      expect([asPath, title]).toEqual([asPath, id ? `${kind} ${id}` : kind])
    }
  }, 30_000)
})
