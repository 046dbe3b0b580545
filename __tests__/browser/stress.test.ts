import type { Page } from 'playwright-core'
import { hydrated } from '../support/browser-site.js'
import { useBrowserSite } from '../support/visits.js'

const { at } = useBrowserSite()

const path = (page: Page) => page.evaluate(() => location.href.slice(location.origin.length))

/** Everything that can go wrong with data, in turn. */
const TROUBLES = [
  { status: 500, body: '{"error":"broken"}' },
  { status: 200, body: '<!DOCTYPE html><form>Sign in</form>', contentType: 'text/html' },
  { status: 404, body: 'no such thing' },
  { status: 200, body: '{"pageProps":{}}', headers: { 'Pagepress-Build': 'of tomorrow' } },
  'abort',
] as const

describe('a bad day', () => {
  it('failing data, back, forward and no connection end on the right page, without a loop or a blank page [S187]', async () => {
    const { page, context, requests, problems } = await at('/about')
    let count = 0
    await page.route('**/_data/**', async (route) => {
      const trouble = count++ % 4 === 3 ? TROUBLES[count % TROUBLES.length]! : undefined
      if (trouble === 'abort') return route.abort()
      return trouble ? route.fulfill(trouble) : route.continue()
    })
    requests()
    const targets = ['/server?x=1', '/any/2', '/post/three', '/initial?x=4', '/shell/five', '/kept', '/long']
    for (let n = 0; n < 60; n++) {
      const target =
        targets[n % targets.length]! + (n % 3 ? '' : `${n % targets.length === 0 ? '&' : '?'}n=${n}`)
      // The document may be on its way out: then there is nobody to ask.
      await page.evaluate((to) => void (window as any).router?.push(to), target).catch(() => {})
      if (n % 7 === 3) await page.evaluate(() => history.back()).catch(() => {})
      if (n % 11 === 5) await page.evaluate(() => history.forward()).catch(() => {})
      if (n === 30) await context.setOffline(true)
      if (n === 33) await context.setOffline(false)
      await page.waitForTimeout(30)
      if (n > 30 && n < 36 && page.url().startsWith('chrome-error')) await page.goBack().catch(() => {})
    }
    await page.unroute('**/_data/**')
    await page.waitForLoadState('networkidle')
    if (page.url().startsWith('chrome-error')) await page.goBack()
    await hydrated(page)
    const documents = requests().filter((one) => one.startsWith('document')).length
    await page.evaluate(() => (window as any).router.push('/any/last'))
    await page.getByRole('heading', { name: 'any last' }).waitFor()
    expect(await path(page)).toBe('/any/last')
    await page.waitForTimeout(1000)
    // No more documents than troubles, and none that nobody asked for.
    expect(documents).toBeLessThan(60)
    expect(requests().filter((one) => one.startsWith('document'))).toEqual([])
    expect(
      problems.filter((problem) => !/Failed to load resource|ERR_|Failed to fetch/.test(problem)),
    ).toEqual([])
    problems.length = 0
  }, 60_000)
})
