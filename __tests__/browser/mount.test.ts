import type { Page } from 'playwright-core'
import { useBrowserSite } from '../support/visits.js'

const { at, url } = useBrowserSite({ mount: '/shop' })

const path = (page: Page) => page.evaluate(() => location.href.slice(location.origin.length))

describe('below a mount path', () => {
  it('URLs and events have it, asPath and route have not, and nothing has it twice [9.27]', async () => {
    const { page, push, log, router, requests } = await at('/about')
    await log()
    requests()
    expect(await push('/server?x=1')).toBe(true)
    expect(await path(page)).toBe('/shop/server?x=1')
    expect((await log()).filter((entry) => entry.includes('Complete'))).toEqual([
      'routeChangeComplete /shop/server?x=1',
    ])
    expect(await router()).toEqual(['/server', { x: '1' }, '/server?x=1', false])
    expect(await page.evaluate(() => (window as any).router.basePath)).toBe('/shop')
    expect(requests().filter((one) => one.startsWith('fetch'))).toEqual(['fetch /shop/_data/server.json?x=1'])
    await push('/server?to=/any/1')
    expect(await path(page)).toBe('/shop/any/1')
    await page.click('#to-home')
    await page.waitForFunction(() => location.pathname === '/shop')
    expect((await router())[2]).toBe('/')
    await page.goBack()
    await page.waitForFunction(() => location.pathname === '/shop/any/1')
    expect((await router())[2]).toBe('/any/1')
  })

  it('pages decide about their data by the URLs of the address bar, and are asked for below it', async () => {
    const { page, push, log, requests } = await at('/chosen/one?n=1')
    await page.evaluate('window.rule = () => false; undefined')
    await log()
    requests()
    await push('/chosen/two')
    expect((await log()).filter((entry) => entry.startsWith('asked'))).toEqual([
      'asked /shop/chosen/one?n=1 /shop/chosen/two true',
    ])
    await page.evaluate(
      'window.clientProps = async ({ asPath, serverProps }) => ({ props: { ...(await serverProps()), from: asPath } }); undefined',
    )
    await push('/own/a?q=1')
    expect(await page.textContent('h1')).toBe('own from /own/a?q=1')
    expect(requests().filter((one) => one.startsWith('fetch'))).toEqual(['fetch /shop/_data/own/a.json?q=1'])
  })

  it('every kind of page hydrates, and links are the same as the server wrote them', async () => {
    for (const to of ['', '/about', '/server?x=1', '/post/one', '/any/7', '/links', '/shell/m', '/initial']) {
      const { page } = await at(to)
      const html = await (await fetch(page.url())).text()
      const served = [...html.matchAll(/<a\s[^>]*>/g)].map(
        ([tag]) => /href="([^"]*)"/.exec(tag)?.[1]?.replaceAll('&amp;', '&') ?? null,
      )
      const first = served.slice(0, 4)
      expect(first).toEqual(['/shop', '/shop/about', '/shop/server?x=1', '/shop/post/one?q=a+b'])
      expect(await page.$$eval('nav a', (all) => all.map((one) => one.getAttribute('href')))).toEqual(first)
    }
  })

  it('a URL of this host outside of it is another app’s', async () => {
    const visited = await at('/about')
    const outside = new URL('/plain', url()).href
    await visited.page.evaluate((to) => void (window as any).router.push(to), outside)
    await visited.heading('plain')
    const beside = await at('/about')
    beside.requests()
    await beside.page.evaluate((to) => void (window as any).router.push(to), new URL('/shopping', url()).href)
    await beside.page.waitForURL('**/shopping')
    expect(beside.requests().filter((one) => /fetch|document/.test(one))).toEqual(['document /shopping'])
    beside.problems.length = 0
  })

  it('a relative URL and a fallback shell work', async () => {
    const { page, push, heading } = await at('/shell/m')
    await heading('shell m')
    await push('../any/3?x=1')
    expect(await path(page)).toBe('/shop/any/3?x=1')
    await heading('any 3')
  })
})
