import type { Page } from 'playwright-core'
import { useBrowserSite } from '../support/visits.js'

const { at, url } = useBrowserSite()

const DATA = '/_data/post/seen.json'

/** When the page was produced that the server has, without a refresh of it. */
async function timeOf(path: string): Promise<{ time: number; isStale: boolean }> {
  const response = await fetch(url() + path, { headers: { purpose: 'prefetch' } })
  const { pageProps } = (await response.json()) as { pageProps: { time: number } }
  return { time: pageProps.time, isStale: /ttl=-/.test(response.headers.get('Cache-Status')!) }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const start = Date.now(); !(await condition()); await new Promise((wake) => setTimeout(wake, 50)))
    if (Date.now() - start > 8000) throw new Error('It has not come to that.')
}

/** The requests for data from now on, with the headers that tell of them. */
function watchData(page: Page) {
  const seen: { path: string; method: string; mark: string | undefined; purpose: string | undefined }[] = []
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    const { 'x-nextjs-data': mark, purpose } = request.headers()
    if (pathname.startsWith('/_data/')) seen.push({ path: pathname, method: request.method(), mark, purpose })
  })
  return seen
}

describe('a prefetch of data', () => {
  it('leaves a stale page as it is, and the click that uses it has it refreshed [6.21][6.22][9.41]', async () => {
    const { page, push, heading } = await at('/about')
    const seen = watchData(page)
    // The page of the build may be stale already: its refresh must be over before the next time that it is.
    await fetch(url() + DATA)
    await until(async () => !(await timeOf(DATA)).isStale)
    await until(async () => (await timeOf(DATA)).isStale)
    const { time } = await timeOf(DATA)

    await push('/links')
    await until(async () => seen.length > 0)
    await page.waitForLoadState('networkidle')
    expect(seen).toEqual([{ path: DATA, method: 'GET', mark: '1', purpose: 'prefetch' }])
    expect(await timeOf(DATA)).toEqual({ time, isStale: true })

    await page.click('#seen')
    await heading('post seen')
    expect(await page.textContent('#time')).toBe(String(time))
    await until(async () => (await timeOf(DATA)).time > time)
    expect(seen.slice(1, 2)).toEqual([{ path: DATA, method: 'HEAD', mark: '1', purpose: undefined }])
  })
})

describe('a navigation', () => {
  it('asks for data with its mark, the cookies of the site, and no word of a prefetch [6.21][6.23]', async () => {
    const { page, context, push } = await at('/about')
    await context.addCookies([{ name: 'visitor', value: 'seven', url: url() }])
    const seen = watchData(page)
    const asked = page.waitForRequest('**/_data/server.json')
    await push('/server')
    expect(seen).toEqual([{ path: '/_data/server.json', method: 'GET', mark: '1', purpose: undefined }])
    expect((await (await asked).allHeaders())['cookie']).toBe('visitor=seven')
  })
})
