import type { Page } from 'playwright-core'
import { hydrated } from '../support/browser-site.js'
import { useBrowserSite } from '../support/visits.js'

const { at, url } = useBrowserSite()

const MISSING = { status: 404, body: 'Not found', contentType: 'text/plain' }

/** Opens `/about` in a tab for which the files of a pattern are missing so many times. */
async function openWithout(pattern: string, times: number): Promise<{ page: Page; documents: string[] }> {
  const { page, problems, requests } = await at('/any/1')
  const documents: string[] = []
  requests()
  page.on('request', (request) => {
    if (request.isNavigationRequest()) documents.push(new URL(request.url()).pathname)
  })
  // The files are in the browser's cache by now, which a deployment would not change.
  const client = await page.context().newCDPSession(page)
  await client.send('Network.setCacheDisabled', { cacheDisabled: true })
  let left = times
  await page.route(pattern, (route) => (left-- > 0 ? route.fulfill(MISSING) : route.continue()))
  await page.goto(`${url()}/about`)
  await page.waitForLoadState('networkidle')
  // That scripts are missing is in the console, as it should be; nothing else is.
  const others = problems.splice(0).filter((text) => !/status of 404|Failed to fetch dynamically/.test(text))
  expect(others).toEqual([])
  return { page, documents }
}

describe.each([
  ['the entry', '**/_assets/site-*.js'],
  ['the page', '**/_assets/about-*.js'],
  ['what pages share', '**/_assets/parts-*.js'],
])('a document without the code of %s', (_, pattern) => {
  it('is loaded once more, and comes to life', async () => {
    const { page, documents } = await openWithout(pattern, 1)
    await hydrated(page)
    expect(documents).toEqual(['/about', '/about'])
    await page.click('#count')
    expect(await page.textContent('#count')).toBe('1')
  })

  it('that is not there the next time either can be read and left by its links, and is not loaded again', async () => {
    const { page, documents } = await openWithout(pattern, Infinity)
    await page.waitForTimeout(500)
    expect(documents).toEqual(['/about', '/about'])
    expect(await page.textContent('h1')).toBe('about')
    await page.unroute(pattern)
    await page.click('#to-home')
    await page.waitForURL((to) => to.pathname === '/')
    await hydrated(page)
    expect(documents).toHaveLength(3)
  })
})
