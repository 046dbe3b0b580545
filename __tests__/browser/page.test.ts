import { hydrated } from '../support/browser-site.js'
import { useBrowserSite } from '../support/visits.js'

const { at, url } = useBrowserSite()

describe('reload, back and forward', () => {
  it('are the browser’s own [9.26]', async () => {
    const { page, push, heading, requests } = await at('/about')
    await push('/any/1')
    await page.evaluate(() => (window as any).router.back())
    await heading('about')
    await page.evaluate(() => (window as any).router.forward())
    await heading('any 1')
    requests()
    await Promise.all([page.waitForEvent('load'), page.evaluate(() => (window as any).router.reload())])
    await hydrated(page)
    expect(requests().filter((one) => one.startsWith('document'))).toEqual(['document /any/1'])
  })
})

describe('without JavaScript', () => {
  it('pages can be read and links followed [9.58]', async () => {
    const { context } = await at('/about')
    const bare = await context.browser()!.newContext({ javaScriptEnabled: false })
    const page = await bare.newPage()
    for (const [path, text] of [
      ['/', 'home'],
      ['/server?x=1', 'server'],
      ['/post/one', 'post one'],
      ['/initial', 'initial'],
      ['/dynamic', 'dynamic'],
    ]) {
      await page.goto(url() + path)
      expect(await page.textContent('h1')).toBe(text)
    }
    await page.click('#to-about')
    await page.waitForURL('**/about')
    expect(await page.textContent('h1')).toBe('about')
    await bare.close()
  })
})

describe('before the router has arrived', () => {
  it('a click waits for it, and a first page that knows everything is not rendered twice', async () => {
    const { context } = await at('/about')
    const page = await context.newPage()
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    await page.route(/_assets\/router-.{8}\.js$/, async (route) => {
      await held
      await route.continue()
    })
    await page.goto(`${url()}/about`, { waitUntil: 'domcontentloaded' })
    await page.waitForFunction(() => 'router' in window)
    await page.click('#count')
    expect(await page.textContent('#count')).toBe('1')
    const log = await page.evaluate(() => (window as any).log as string[])
    expect(log.filter((one) => one.startsWith('ready'))).toHaveLength(2)
    await page.click('#to-server')
    expect(await page.textContent('h1')).toBe('about')
    release()
    await page.getByRole('heading', { name: 'server' }).waitFor()
    expect(await page.textContent('#count')).toBe('1')
  })

  it('going back to a page of before a reload is made up for', async () => {
    const { page, push, heading } = await at('/about?x=1')
    await push('/any/1')
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    await page.route(/_assets\/router-.{8}\.js$/, async (route) => {
      await held
      await route.continue()
    })
    await page.reload({ waitUntil: 'domcontentloaded' })
    await page.waitForFunction(() => 'router' in window)
    await page.evaluate(() => history.back())
    await page.waitForFunction(() => location.pathname === '/about')
    release()
    await heading('about')
    expect(await page.evaluate(() => (window as any).router.asPath)).toBe('/about?x=1')
    await page.goForward()
    await heading('any 1')
  })

  it('a click loads the document when it cannot be had', async () => {
    const { context } = await at('/about')
    const page = await context.newPage()
    let isFirst = true
    await page.route(/_assets\/router-.{8}\.js$/, (route) => {
      if (!isFirst) return route.continue()
      isFirst = false
      return route.abort()
    })
    await page.goto(`${url()}/about`)
    await page.waitForFunction(() => 'router' in window)
    await page.click('#to-server')
    await page.getByRole('heading', { name: 'server' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/server')
    await hydrated(page)
  })
})

describe('a page with `hydrate: false`', () => {
  it('is HTML and styles alone, and its links load documents', async () => {
    const { context } = await at('/about')
    const page = await context.newPage()
    const requests: string[] = []
    page.on('request', (request) => requests.push(request.resourceType()))
    await page.goto(`${url()}/still`, { waitUntil: 'networkidle' })
    expect(requests.sort()).toEqual(['document', 'stylesheet'])
    expect(await page.$$eval('script, link[rel=modulepreload]', (all) => all.length)).toBe(0)
    expect(await page.$eval('h1', (heading) => getComputedStyle(heading).color)).toBe('rgb(1, 2, 3)')
    await page.click('#plain-link')
    await page.getByRole('heading', { name: 'any 1' }).waitFor()
    expect(requests.filter((type) => type === 'document')).toHaveLength(2)
  })

  it('can be reached in place from a page that has scripts', async () => {
    const { push, heading, requests } = await at('/about')
    requests()
    await push('/still')
    await heading('still')
    expect(requests().filter((one) => one.startsWith('document'))).toEqual([])
  })
})
