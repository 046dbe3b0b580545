import type { Page } from 'playwright-core'
import { useBrowserSite } from '../support/visits.js'

const { at } = useBrowserSite()

const path = (page: Page) => page.evaluate(() => location.href.slice(location.origin.length))
const isTransport = (request: string) => /^(fetch|document)/.test(request)
/** Long enough for everything that is going to be prefetched. */
const settle = (page: Page) => page.waitForLoadState('networkidle').then(() => page.waitForTimeout(600))

describe('a plain click', () => {
  it('navigates in place; with target _self, replace, in legacy and in SVG too [10.04][10.16]', async () => {
    for (const id of ['self', 'replacing', 'legacy', 'svg']) {
      const { page, heading, requests } = await at('/links')
      const length = await page.evaluate(() => history.length)
      requests()
      await page.click(`#${id}`)
      await heading('about')
      expect(requests().filter(isTransport)).toEqual([])
      expect(await page.evaluate(() => history.length)).toBe(id === 'replacing' ? length : length + 1)
    }
  })

  it('runs the child’s own handler in legacy behaviour [10.14]', async () => {
    const { page, heading, log } = await at('/links')
    await page.click('#legacy')
    await heading('about')
    expect(await log()).toContain('child click')
  })

  it('does nothing when the author’s handler or onNavigate prevents it [10.12]', async () => {
    const { page, log, requests } = await at('/links')
    await settle(page)
    requests()
    await page.click('#prevented')
    await page.click('#cancelled')
    await page.waitForTimeout(100)
    expect(await path(page)).toBe('/links')
    expect(await log()).toContain('user click')
    expect(requests().filter(isTransport)).toEqual([])
  })

  it('on a hash goes there, on an empty href to the current page [10.17]', async () => {
    const { page, requests, log } = await at('/links')
    await settle(page)
    requests()
    await page.click('#hash')
    await page.waitForFunction(() => scrollY > 0)
    await page.waitForTimeout(50)
    expect((await log()).filter((entry) => /Change/.test(entry))).toEqual([
      'hashChangeStart /links#here',
      'hashChangeComplete /links#here',
    ])
    await page.click('#empty')
    await page.waitForFunction(() => !location.href.includes('#'))
    expect(await path(page)).toBe('/links')
    expect(requests().filter(isTransport)).toEqual([])
  })
})

describe('a click that asks for something else', () => {
  it('with a key held is the browser’s [10.04]', async () => {
    const { page } = await at('/links')
    for (const modifier of ['Control', 'Shift', 'Meta', 'Alt'] as const) {
      const isHandled = await page.evaluate((key) => {
        const event = new MouseEvent('click', { bubbles: true, cancelable: true, [key]: true })
        // Stops the browser from opening windows, after the link had its say.
        let isPrevented = false
        addEventListener('click', (late) => ((isPrevented = late.defaultPrevented), late.preventDefault()), {
          once: true,
        })
        document.querySelector('#self')!.dispatchEvent(event)
        return isPrevented
      }, { Control: 'ctrlKey', Shift: 'shiftKey', Meta: 'metaKey', Alt: 'altKey' }[modifier])
      expect([modifier, isHandled]).toEqual([modifier, false])
    }
    expect(await path(page)).toBe('/links')
  })

  it('with the middle button, to another target, or for a download is the browser’s [10.04]', async () => {
    for (const [id, button] of [
      ['self', 'middle'],
      ['blank', 'left'],
    ] as const) {
      const { page, context } = await at('/links')
      await Promise.all([context.waitForEvent('page'), page.click(`#${id}`, { button })])
      expect(await path(page)).toBe('/links')
    }
    const { page } = await at('/links')
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')])
    await download.cancel()
    expect(await path(page)).toBe('/links')
  })

  it('on another site’s or another kind of URL is the browser’s, and that is never prefetched [10.05]', async () => {
    const { page, heading, requests } = await at('/links')
    await page.hover('#external')
    await page.hover('#mail')
    await settle(page)
    expect(requests().filter((request) => /other|mailto/.test(request))).toEqual([])
    expect(await page.getAttribute('#mail', 'href')).toBe('mailto:a@b.example')
    expect(await page.getAttribute('#malformed', 'href')).toBe('https://')
    // Nothing fails: a click is told to the browser, which has no place to go.
    const isHandled = await page.$eval('#malformed', (link) => {
      let isHandled = true
      document.addEventListener(
        'click',
        (event) => {
          isHandled = event.defaultPrevented
          event.preventDefault()
        },
        { once: true },
      )
      ;(link as HTMLElement).click()
      return isHandled
    })
    expect(isHandled).toBe(false)
    await page.route('https://other.example/**', (route) =>
      route.fulfill({ body: '<h1>other</h1>', contentType: 'text/html' }),
    )
    await page.click('#external')
    await heading('other')
  })
})

describe('prefetching', () => {
  it('in view loads the code of every kind of page, and the data of static pages only [10.07]', async () => {
    const { page, requests } = await at('/links')
    await settle(page)
    const asked = requests()
    for (const chunk of ['server', 'initial'])
      expect(asked.filter((one) => one.includes(`/${chunk}-`))).toHaveLength(1)
    expect(asked.filter((one) => one.startsWith('fetch'))).toEqual(['fetch /_data/post/seen.json'])
    expect(asked.filter((one) => one.includes('all_-') || one.includes('intent'))).toEqual([])
  })

  it('waits until a link comes within 200 pixels of the viewport [10.07][10.10]', async () => {
    const { page, requests } = await at('/links')
    await settle(page)
    requests()
    const y = await page.evaluate(() => {
      const { top } = document.querySelector('#below')!.getBoundingClientRect()
      return top + scrollY - innerHeight - 250
    })
    await page.evaluate((to) => scrollTo(0, to), y)
    await settle(page)
    expect(requests()).toEqual([])
    await page.evaluate((to) => scrollTo(0, to + 100), y)
    await settle(page)
    expect(requests().filter(isTransport)).toEqual(['fetch /_data/post/below.json'])
    await page.evaluate(() => scrollTo(0, 100_000))
    await settle(page)
    expect(requests().filter(isTransport)).toEqual([])
  })

  it('with `prefetch={false}` waits for hover, touch or focus; static data comes too [10.08]', async () => {
    const { page, requests } = await at('/links')
    await settle(page)
    expect(requests().filter((one) => /all_-|intent/.test(one))).toEqual([])
    await page.hover('#lazy')
    await settle(page)
    expect(requests().filter((one) => one.includes('all_-'))).toHaveLength(1)
    await page.dispatchEvent('#lazy-static', 'touchstart')
    await settle(page)
    expect(requests().filter(isTransport)).toEqual(['fetch /_data/post/intent.json'])
  })

  it('calls the author’s handlers of the same events [10.15]', async () => {
    const { page, log } = await at('/links')
    await page.hover('#changing')
    await page.dispatchEvent('#changing', 'touchstart')
    expect(await log()).toEqual(expect.arrayContaining(['user enter', 'user touch']))
  })

  it('follows a change of href [10.10]', async () => {
    const { page, requests } = await at('/links')
    await settle(page)
    expect(requests().filter((one) => one.includes('untitled'))).toEqual([])
    await page.click('#change')
    await settle(page)
    expect(requests().filter((one) => one.includes('untitled'))).toHaveLength(1)
  })

  it('is used by the click: neither code nor data is asked for again', async () => {
    const { page, heading } = await at('/links')
    await settle(page)
    const asked: string[] = []
    page.on('request', (request) => asked.push(`${request.method()} ${request.url()}`))
    await page.click('#seen')
    await heading('post seen')
    expect(asked.filter((one) => /^GET .*(seen|_id_)/.test(one))).toEqual([])
  })

  it('that fails is silent, and the click works [10.09]', async () => {
    const visited = await at('/about')
    const { page, push, heading, problems } = visited
    let fails = true
    await page.route('**/_data/post/seen.json', (route) => (fails ? route.abort() : route.continue()))
    await push('/links')
    await settle(page)
    fails = false
    expect(problems.splice(0).every((problem) => /Failed to load resource/.test(problem))).toBe(true)
    await page.click('#seen')
    await heading('post seen')
  })

  it.each([
    ['saves data', { connection: { saveData: true } }],
    ['has a slow connection', { connection: { effectiveType: 'slow-2g' } }],
    ['is a robot', { userAgent: 'Mozilla/5.0 (compatible; Googlebot/2.1)' }],
  ])('is left out for a visitor who %s [10.09]', async (_, values) => {
    const visited = await at('/about')
    const { page, push, requests } = visited
    await page.evaluate((given) => {
      for (const [name, value] of Object.entries(given)) Object.defineProperty(navigator, name, { value })
    }, values)
    await push('/links')
    requests()
    await page.hover('#lazy')
    await settle(page)
    expect(requests()).toEqual([])
  })

  it('of 500 links runs at most four at a time, and asks for no server page’s data [S188]', async () => {
    const { page, push, requests } = await at('/about')
    let running = 0
    let most = 0
    let count = 0
    await page.route('**/{_data,_assets}/**', async (route) => {
      const isPrefetch = !route.request().url().includes('many-')
      running++
      count++
      most = Math.max(most, running)
      await new Promise((resolve) => setTimeout(resolve, 5))
      running--
      await route.continue()
      return isPrefetch
    })
    await push('/many')
    most = 0
    requests()
    await page.waitForFunction(() => performance.getEntriesByType('resource').length > 200)
    await settle(page)
    expect(count).toBeGreaterThan(200)
    expect(most).toBeLessThanOrEqual(4)
    expect(requests().filter((one) => one.includes('_data/server'))).toEqual([])
  }, 30_000)
})

describe('router.prefetch', () => {
  it('loads code, and data of static pages; it never rejects and resolves with nothing [9.25]', async () => {
    const { page, requests } = await at('/about')
    const prefetch = (url: string) =>
      page.evaluate(async (to) => {
        const result = await (window as any).router.prefetch(to)
        return result === undefined ? 'nothing' : result
      }, url)
    requests()
    expect(await prefetch('/post/one')).toBe('nothing')
    expect(await prefetch('/nowhere')).toBe('nothing')
    expect(await prefetch('/post/[id]')).toBe('nothing')
    expect(await prefetch('https://other.example/')).toBe('nothing')
    await settle(page)
    expect(requests()).toEqual([expect.stringMatching(/^script .*_id_/), 'fetch /_data/post/one.json'])
  })
})

describe('the href', () => {
  it('is the same on the server and in the browser, below a mount path as well [10.19]', async () => {
    for (const path of ['/', '/links', '/long', '/server?x=1', '/post/one']) {
      const { page, problems } = await at(path)
      const hydrated = await page.$$eval('a', (anchors) =>
        anchors.map((anchor) => anchor.getAttribute('href')),
      )
      const html = await (await fetch(page.url())).text()
      const served = [...html.matchAll(/<a\s[^>]*>/g)].map(
        ([tag]) => /href="([^"]*)"/.exec(tag)?.[1]?.replaceAll('&amp;', '&') ?? null,
      )
      expect(hydrated).toEqual(served)
      expect(problems).toEqual([])
    }
  })

  it('of a link on an error page works [10.20]', async () => {
    const { page, heading, requests, problems } = await at('/post/missing')
    await heading('404')
    problems.length = 0
    requests()
    await page.click('#to-about')
    await heading('about')
    expect(requests().filter(isTransport)).toEqual([])
  })
})
