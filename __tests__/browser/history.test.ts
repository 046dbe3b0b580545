import type { Page } from 'playwright-core'
import { hydrated } from '../support/browser-site.js'
import { useBrowserSite } from '../support/visits.js'

const { at } = useBrowserSite()

const top = (page: Page) => page.evaluate(() => Math.round(scrollY))
/** Waits until the page is scrolled there; links scroll after they have rendered. */
const scrolledTo = (page: Page, y: number) => page.waitForFunction((to) => Math.round(scrollY) === to, y)
const path = (page: Page) => page.evaluate(() => location.href.slice(location.origin.length))
const changes = (entries: string[]) => entries.filter((entry) => /Change/.test(entry))
const isTransport = (request: string) => /^(fetch|document)/.test(request)

describe('a change of the hash alone', () => {
  it('fires its own events, asks for nothing, and renders with the new asPath [9.28]', async () => {
    const { push, log, requests, router } = await at('/initial')
    await log()
    requests()
    expect(await push('/initial#a')).toBe(true)
    expect(await log()).toEqual(['hashChangeStart /initial#a', 'ready true', 'hashChangeComplete /initial#a'])
    expect(requests()).toEqual([])
    expect((await router())[2]).toBe('/initial#a')
  })

  it('scrolls to the element with that id, or else that name, or to the top [9.29]', async () => {
    const { push, page } = await at('/long')
    for (const hash of ['middle', '中文', 'named']) {
      await push(`#${hash}`)
      expect(await top(page)).toBeGreaterThan(2000)
      await push(hash === 'middle' ? '#' : '#top')
      expect(await top(page)).toBe(0)
    }
    await push('#middle', undefined, { scroll: false })
    expect(await top(page)).toBe(0)
  })

  it('scrolls again when it is the same hash [9.30]', async () => {
    const { page } = await at('/long')
    await page.click('#to-middle')
    await page.waitForFunction(() => scrollY > 2000)
    const middle = await top(page)
    await page.evaluate(() => scrollTo(0, 0))
    await page.click('#to-middle')
    await scrolledTo(page, middle)
  })

  it('may be left by a link to the bare URL, and Back from it runs no data function [9.31]', async () => {
    const { push, log, page, router } = await at('/initial')
    await push('#x')
    await push('/initial')
    expect(await path(page)).toBe('/initial')
    await log()
    await page.goBack()
    await page.waitForTimeout(50)
    expect((await router())[2]).toBe('/initial#x')
    expect(await log()).not.toContain('getInitialProps')
  })

  it('by an anchor of the page’s own is the browser’s, and Back leaves it', async () => {
    const { page, router, requests } = await at('/long')
    requests()
    await page.click('#to-native')
    expect(await top(page)).toBeGreaterThan(2000)
    expect((await router())[2]).toBe('/long#native')
    await page.goBack()
    await page.waitForTimeout(50)
    expect((await router())[2]).toBe('/long')
    expect(await top(page)).toBe(0)
    expect(requests().filter(isTransport)).toEqual([])
  })
})

describe('a shallow change', () => {
  it('on the same page changes URL and query, asks for nothing, and says that it is shallow [9.32]', async () => {
    const { push, log, requests, router } = await at('/server?x=1')
    await log()
    requests()
    expect(await push('/server?x=9', undefined, { shallow: true })).toBe(true)
    expect(await router()).toEqual(['/server', { x: '9' }, '/server?x=9', false])
    expect(requests()).toEqual([])
    expect(changes(await log())).toEqual([
      'routeChangeStart /server?x=9 shallow',
      'beforeHistoryChange /server?x=9 shallow',
      'routeChangeComplete /server?x=9 shallow',
    ])
  })

  it('to another page is a full navigation, and the events say so [9.33]', async () => {
    const { push, log, requests, heading } = await at('/about')
    await log()
    requests()
    await push('/server?x=1', undefined, { shallow: true })
    await heading('server')
    expect(requests().filter(isTransport)).toEqual(['fetch /_data/server.json?x=1'])
    const entries = await log()
    expect(changes(entries).at(-1)).toBe('routeChangeComplete /server?x=1')
    expect(entries.filter((entry) => entry.startsWith('ready')).at(-1)).toBe('ready true')
  })

  it('is undone and redone without data; after another page the data is fetched again [9.34]', async () => {
    const { push, requests, page, router } = await at('/server?x=1')
    await push('/server?x=2', undefined, { shallow: true })
    await push('/server?x=3', undefined, { shallow: true })
    requests()
    await page.goBack()
    await page.waitForTimeout(50)
    expect((await router())[2]).toBe('/server?x=2')
    expect(requests()).toEqual([])
    await push('/about')
    requests()
    await page.goBack()
    await page.waitForTimeout(200)
    expect((await router())[2]).toBe('/server?x=2')
    expect(requests().filter(isTransport)).toEqual(['fetch /_data/server.json?x=2'])
    expect(await page.textContent('#query')).toBe('{"x":"2"}')
  })

  it('does not scroll [9.35]', async () => {
    const { push, page } = await at('/long')
    await page.evaluate(() => scrollTo(0, 700))
    await push('/long?x=1', undefined, { shallow: true })
    expect(await top(page)).toBe(700)
  })
})

describe('scrolling', () => {
  it('goes to the top at once after a navigation, whatever CSS says; `scroll: false` stays [9.36]', async () => {
    const { page, heading } = await at('/long')
    await page.addStyleTag({ content: 'html{scroll-behavior:smooth}main{min-height:5000px}' })
    await page.evaluate(() => scrollTo({ top: 3000, behavior: 'instant' }))
    await page.click('#away')
    await heading('about')
    await scrolledTo(page, 0)
    await page.goBack()
    await heading('long')
    await page.evaluate(() => scrollTo({ top: 3000, behavior: 'instant' }))
    await page.click('#away-staying')
    await heading('about')
    await page.waitForTimeout(30)
    expect(await top(page)).toBe(3000)
  })

  it('is where it was after back and forward, after a reload, and after another site [9.37]', async () => {
    const { page, heading, push } = await at('/long')
    await page.evaluate(() => scrollTo(0, 1500))
    await push('/about')
    expect(await top(page)).toBe(0)
    await page.goBack()
    await heading('long')
    await scrolledTo(page, 1500)
    await page.reload()
    await hydrated(page)
    expect(await top(page)).toBe(1500)
    await page.evaluate(() => scrollTo(0, 900))
    await page.goForward()
    await heading('about')
    await page.reload()
    await hydrated(page)
    await page.goBack()
    await heading('long')
    await scrolledTo(page, 900)
    await page.goto('data:text/html,<h1>elsewhere</h1>')
    await page.goBack()
    await hydrated(page)
    expect(await top(page)).toBe(900)
  })
})

describe('the history', () => {
  it('holds `{ url, as, options, __N, key }` for every entry [9.38]', async () => {
    const { page, push } = await at('/about')
    const state = () => page.evaluate(() => history.state)
    expect(await state()).toEqual({
      url: '/about',
      as: '/about',
      options: {},
      __N: true,
      key: expect.any(String),
    })
    const { key } = await state()
    await push('/post/[id]?q=1', '/post/two', { scroll: false })
    expect(await state()).toEqual({
      url: '/post/[id]?q=1',
      as: '/post/two',
      options: { scroll: false },
      __N: true,
      key: expect.any(String),
    })
    expect((await state()).key).not.toBe(key)
    await page.goBack()
    expect((await state()).key).toBe(key)
  })

  it('survives entries of foreign code [9.38]', async () => {
    const { page, push, heading, router } = await at('/about')
    await push('/any/1')
    await page.evaluate(() => history.pushState({ theirs: true }, '', '/any/1?theirs'))
    await page.evaluate(() => history.pushState('text', '', '/any/1?text'))
    await page.goBack()
    await page.waitForTimeout(50)
    await heading('any 1')
    await page.goBack()
    await page.goBack()
    await heading('about')
    await page.goForward()
    await heading('any 1')
    expect((await router())[2]).toBe('/any/1')
  })

  it('asks `beforePopState`, which may stop the router [9.39]', async () => {
    const { page, push, heading, log } = await at('/about')
    await push('/any/1')
    await page.evaluate(() => {
      ;(window as any).router.beforePopState((entry: unknown) => {
        ;(window as any).log.push(`asked ${JSON.stringify(entry)}`)
        return false
      })
    })
    await log()
    await page.goBack()
    await page.waitForTimeout(50)
    expect(await log()).toEqual(['asked {"url":"/about","as":"/about","options":{}}'])
    await heading('any 1')
    expect(await path(page)).toBe('/about')
  })

  it('shows a visited page at once, and then what has become of it', async () => {
    const { page, push, heading, requests } = await at('/server?x=1')
    const run = Number(await page.textContent('#run'))
    await push('/about')
    requests()
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    await page.route('**/_data/**', async (route) => {
      await held
      await route.continue()
    })
    await page.goBack()
    await heading('server')
    expect(await page.textContent('#run')).toBe(String(run))
    release()
    await page.waitForFunction((before) => Number(document.querySelector('#run')!.textContent) > before, run)
    expect(requests().filter(isTransport)).toEqual(['fetch /_data/server.json?x=1'])
  })

  it('remembers twenty pages, and asks for those before like any others', async () => {
    const { page, push, heading, requests } = await at('/server?x=first')
    for (let n = 1; n <= 21; n++) await push(`/any/${n}`)
    for (let n = 20; n >= 1; n--) {
      await page.goBack()
      await heading(`any ${n}`)
    }
    requests()
    let isHeld = true
    await page.route('**/_data/server.json?x=first', async (route) => {
      while (isHeld) await new Promise((resolve) => setTimeout(resolve, 20))
      await route.continue()
    })
    await page.goBack()
    await page.waitForTimeout(100)
    await heading('any 1')
    isHeld = false
    await heading('server')
    expect(requests().filter(isTransport)).toEqual(['fetch /_data/server.json?x=first'])
  })

  it('asks about a visited static page by its ETag, and the server need not send it again', async () => {
    const { page, push, heading } = await at('/post/two')
    await push('/about')
    await push('/post/two')
    await page.waitForTimeout(30)
    await push('/about')
    const asked = page.waitForResponse('**/_data/post/two.json')
    await page.goBack()
    await heading('post two')
    const response = await asked
    expect((await response.request().allHeaders())['if-none-match']).toMatch(/^W\/"/)
  })

  it('works offline for visited pages', async () => {
    const { page, push, heading, context, problems } = await at('/server?x=1')
    await push('/post/two')
    await push('/about')
    await context.setOffline(true)
    await page.goBack()
    await heading('post two')
    await page.goBack()
    await heading('server')
    await page.waitForTimeout(100)
    await heading('server')
    await context.setOffline(false)
    expect(problems.every((problem) => /INTERNET_DISCONNECTED/.test(problem))).toBe(true)
    problems.length = 0
  })

  it('comes back working from another site, with one router [9.40]', async () => {
    const { page, push, heading, log } = await at('/about')
    await push('/any/1')
    await page.goto('data:text/html,<h1>elsewhere</h1>')
    await page.goBack()
    await hydrated(page)
    await log()
    await push('/post/two')
    await heading('post two')
    expect(changes(await log())).toEqual([
      'routeChangeStart /post/two',
      'beforeHistoryChange /post/two',
      'routeChangeComplete /post/two',
    ])
    await page.goBack()
    await heading('any 1')
  })
})
