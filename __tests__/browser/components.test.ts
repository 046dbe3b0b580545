import { useBrowserSite } from '../support/visits.js'

const { at, url } = useBrowserSite()

const html = async (path: string) => (await fetch(url() + path)).text()

describe('Head in the browser', () => {
  it('replaces the tags of the page that was left and keeps the node of every tag that stays [8.20]', async () => {
    const { page, push } = await at('/about')
    await page.evaluate(() => {
      for (const node of document.head.querySelectorAll('[data-head]')) (node as any).isOld = true
    })
    await push('/heads')
    const tags = () =>
      page.$$eval('head [data-head]', (nodes) =>
        nodes.map((node) => [(node as any).isOld === true, node.outerHTML]),
      )
    const now = new Map(
      (await tags()).map(([isOld, tag]) => [String(tag).replace(' data-head=""', ''), isOld]),
    )
    expect([...now].filter(([, isOld]) => isOld).map(([tag]) => tag)).toEqual([
      '<meta charset="utf-8">',
      '<meta name="viewport" content="width=device-width">',
      '<meta name="author" content="app">',
      '<link rel="icon" href="data:,">',
    ])
    expect([...now].filter(([, isOld]) => !isOld).map(([tag]) => tag)).toEqual([
      '<title>heads 0</title>',
      '<meta name="description" content="heads">',
      '<meta property="og:title" content="heads">',
      '<script type="application/ld+json">{"a":"</script>"}</script>',
      '<link rel="canonical" href="/heads">',
    ])
  })

  it('keeps all nodes that the server sent, and follows the page’s own changes [8.20]', async () => {
    const { page } = await at('/heads')
    const nodes = await page.$$eval('head [data-head]', (all) => {
      for (const node of all) (node as any).isOld = true
      return all.length
    })
    await page.click('#more')
    await page.waitForFunction(() => document.title === 'heads 1')
    const kept = () =>
      page.$$eval('head [data-head]', (all) => all.filter((node) => (node as any).isOld).length)
    expect(await kept()).toBe(nodes - 1)
    expect(await page.getAttribute('meta[name=once]', 'content')).toBe('1')
    await page.click('#more')
    await page.waitForFunction(() => document.title === 'heads 2')
    expect(await page.$('meta[name=once]')).toBeNull()
    expect(await kept()).toBe(nodes - 1)
  })

  it('of the app applies to all pages, and a page overrides it [8.21]', async () => {
    expect(await html('/server')).toContain('<title data-head="">site</title>')
    expect(await html('/about')).toContain('<title data-head="">about</title>')
    const { page, push } = await at('/about')
    await push('/server?x=1')
    expect(await page.title()).toBe('site')
    await push('/heads')
    expect(await page.title()).toBe('heads 0')
    expect(await page.$$eval('meta[name=author]', (all) => all.length)).toBe(1)
  })

  it('makes an empty title the document’s title [8.19]', async () => {
    const { page, push } = await at('/about')
    await push('/untitled')
    expect(await page.title()).toBe('')
  })
})

describe('dynamic()', () => {
  it('renders on the server in every form, with its Head tags [20.01][8.24]', async () => {
    const text = await html('/dynamic')
    for (const part of [
      'loaded <!-- -->default',
      'loaded <!-- -->options',
      'loaded <!-- -->loader',
      'id="named"',
    ])
      expect(text).toContain(part)
    expect(text).toContain('<meta name="loaded" content="loader" data-head=""/>')
    const { page } = await at('/dynamic')
    expect(await page.textContent('#named')).toBe('named')
  })

  it('with `ssr: false` renders its loading state on the server and itself in the browser [20.02]', async () => {
    const text = await html('/dynamic')
    expect(text).toContain('loading true null true')
    expect(text).not.toContain('browser-only')
    const { page, problems } = await at('/dynamic')
    await page.click('#browser-only')
    await page.getByText('width known 1').waitFor()
    expect(problems).toEqual([])
  })

  it('shows the loading state until the code is there, or the error page when it fails [20.03]', async () => {
    const { page, problems } = await at('/dynamic')
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    await page.route('**/Later-*.js', async (route) => {
      await held
      await route.continue()
    })
    await page.click('#show')
    await page.waitForSelector('#later-loading')
    release()
    await page.waitForSelector('#later')
    expect(problems).toEqual([])

    const failing = await at('/dynamic')
    await failing.page.route('**/Later-*.js', (route) => route.abort())
    await failing.page.click('#show')
    await failing.page.getByText('Application error').waitFor()
    failing.problems.length = 0
  })
})

describe('the style sheet', () => {
  it('of a dynamic part that the server rendered is linked in the HTML: it has its style without JavaScript [20.04]', async () => {
    const { context } = await at('/about')
    const bare = await context.browser()!.newContext({ javaScriptEnabled: false })
    const page = await bare.newPage()
    await page.goto(`${url()}/dynamic`)
    expect(await page.$eval('p[class]', (part) => getComputedStyle(part).color)).toBe('rgb(1, 2, 3)')
    await bare.close()
  })

  it('of a page is in place before the page is shown', async () => {
    const { page, push } = await at('/about')
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    await page.route('**/*.css', async (route) => {
      await held
      await route.continue()
    })
    const pushed = push('/still')
    await page.waitForTimeout(200)
    expect(await page.textContent('h1')).toBe('about')
    release()
    expect(await pushed).toBe(true)
    expect(await page.$eval('h1', (heading) => getComputedStyle(heading).color)).toBe('rgb(1, 2, 3)')
  })

  it('of a page shows while its page does: not when it is prefetched, nor while data is awaited, nor after that', async () => {
    const { page, push, heading, requests } = await at('/about')
    const color = () => page.$eval('h1', (title) => getComputedStyle(title).color)
    const plain = await color()
    requests()
    await page.evaluate(() => (window as any).router.prefetch('/loud'))
    await page.waitForLoadState('networkidle')
    await page.waitForTimeout(100)
    expect(requests().filter((one) => one.startsWith('stylesheet'))).toHaveLength(1)
    expect(await color()).toBe(plain)
    const pushed = push('/loud?wait=200')
    await page.waitForTimeout(100)
    expect([await page.textContent('h1'), await color()]).toEqual(['about', plain])
    await pushed
    expect([await page.textContent('h1'), await color()]).toEqual(['loud', 'rgb(200, 0, 0)'])
    await push('/any/1')
    expect(await color()).toBe(plain)
    await page.goBack()
    await heading('loud')
    expect(await color()).toBe('rgb(200, 0, 0)')
    await page.goBack()
    await heading('about')
    expect(await color()).toBe(plain)
    expect(requests().filter((one) => one.startsWith('stylesheet'))).toEqual([])
  })

  it('that cannot be had makes the browser load the document [8.44]', async () => {
    const { page, heading, requests, problems } = await at('/about')
    let isFirst = true
    await page.route('**/*.css', (route) => {
      if (!isFirst) return route.continue()
      isFirst = false
      return route.abort()
    })
    requests()
    await page.evaluate(() => void (window as any).router.push('/still'))
    await heading('still')
    await page.waitForLoadState('networkidle')
    expect(requests().filter((one) => one.startsWith('document'))).toEqual(['document /still'])
    expect(await page.$eval('h1', (title) => getComputedStyle(title).color)).toBe('rgb(1, 2, 3)')
    problems.length = 0
  })
})

describe('Script', () => {
  it('loads after hydration, once, and tells of it; again ready on every mount', async () => {
    const { page, log, push, problems } = await at('/scripts')
    await page.waitForFunction(() =>
      ['load lazy', 'error missing', 'ready after'].every((one) => (window as any).log.includes(one)),
    )
    const first = await log()
    expect(first.filter((entry) => /after|lazy|missing|inline/.test(entry)).sort()).toEqual([
      'error missing',
      'load after',
      'load inline',
      'load lazy',
      'ran after',
      'ran inline',
      'ran lazy complete',
      'ready after',
    ])
    expect(
      await page.$$eval('script[data-nscript]', (all) =>
        all.map((script) => (script as HTMLElement).dataset),
      ),
    ).toEqual(expect.arrayContaining([{ nscript: 'afterInteractive', own: '1' }, { nscript: 'lazyOnload' }]))
    await push('/about')
    await push('/scripts')
    await page.waitForTimeout(200)
    const second = await log()
    expect(second.filter((entry) => /after|lazy|inline/.test(entry))).toEqual(['ready after'])
    // What could not be had is tried again.
    expect(second.filter((entry) => /missing/.test(entry))).toEqual(['error missing'])
    expect(await page.$$eval('script[src="/after.js"]', (all) => all.length)).toBe(1)
    expect(problems.splice(0).every((problem) => /404|MIME/.test(problem))).toBe(true)
  })
})

describe('the start', () => {
  it('finds its own data among elements that hide it [S80]', async () => {
    const { router, push, heading } = await at('/clobber')
    expect((await router())[0]).toBe('/clobber')
    await push('/about')
    await heading('about')
  })
})

describe('under a Content-Security-Policy without nonce', () => {
  it.each(['/', '/server?x=1', '/post/one', '/shell/csp', '/dynamic', '/initial'])(
    '%s hydrates and navigates [S77]',
    async (path) => {
      const first = await at('/about')
      const { context } = first
      const page = await context.newPage()
      const problems: string[] = []
      page.on(
        'console',
        (message) => /Content Security/.test(message.text()) && problems.push(message.text()),
      )
      await page.route('**/*', async (route) => {
        if (route.request().resourceType() !== 'document') return route.continue()
        const response = await route.fetch()
        const headers = {
          ...response.headers(),
          'content-security-policy': "default-src 'self'; script-src 'self'; img-src data:",
        }
        await route.fulfill({ response, headers })
      })
      await page.goto(url() + path)
      await page.waitForSelector('#__page-route-announcer__', { state: 'attached' })
      await page.evaluate(() => (window as any).router.push('/post/two'))
      await page.getByRole('heading', { name: 'post two' }).waitFor()
      await page.evaluate(() => (window as any).router.push('/dynamic'))
      await page.getByText('width known').waitFor()
      expect(problems).toEqual([])
    },
  )
})
