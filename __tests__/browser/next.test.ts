import { useBrowserSite } from '../support/visits.js'

const { at, url } = useBrowserSite({ fixture: 'next-site' })

describe('a pages folder written for Next.js', () => {
  it('hydrates in the root element that its libraries expect, with their globals [9.05]', async () => {
    const { page } = await at('/blog/a')
    expect(await page.textContent('#__next h1')).toBe('blog a a part')
    const globals = await page.evaluate(() => {
      const { next, __NEXT_DATA__: data } = window as any
      return { version: next.version, router: next.router.asPath, page: data.page, query: data.query }
    })
    expect(globals).toEqual({
      version: expect.any(String),
      router: '/blog/a',
      page: '/blog/[slug]',
      query: { slug: 'a' },
    })
  })

  it('has a singleton router for code outside of components [9.04]', async () => {
    const { page, heading } = await at('/')
    await page.click('#blog')
    await heading('blog a a part')
    expect(await page.evaluate(() => (window as any).seen)).toEqual([
      'ready / /',
      'start /blog/a',
      'complete /blog/a',
    ])
  })

  it('keeps the props that _app adds, on pages of every kind and in the browser [20.10]', async () => {
    const { page, heading, requests } = await at('/')
    expect(await page.textContent('#extra')).toBe('from app')
    await heading('home / server')
    requests()
    await page.click('#blog')
    await heading('blog a a part')
    expect(await page.textContent('#extra')).toBe('from app')
    await page.getByText('home', { exact: true }).click()
    await heading('home / browser')
    expect(await page.textContent('#extra')).toBe('from app')
    expect(requests().filter((one) => /^document/.test(one))).toEqual([])
  })

  it('shows its own 404 page, made with next/error', async () => {
    const { page, heading, problems } = await at('/nowhere')
    await heading('404')
    expect(await page.textContent('#__next p:last-child')).toBe('Nothing here')
    expect(await (await fetch(`${url()}/nowhere`)).text()).not.toContain('prefers-color-scheme')
    expect(problems.splice(0)).toHaveLength(1)
  })

  it('has scripts of its document before those of the page', async () => {
    const html = await (await fetch(`${url()}/`)).text()
    const scripts = [...html.matchAll(/<script[^>]*src="([^"]*)"/g)].map(([, src]) => src)
    expect(scripts[0]).toBe('/before.js')
    expect(html).toContain('data-nscript="beforeInteractive"')
    const { page } = await at('/')
    expect(await page.evaluate(() => (window as any).before)).toBe('loading')
  })

  it('shares the state of modules between _app and pages, on both sides [8.34]', async () => {
    const html = await (await fetch(`${url()}/`)).text()
    expect(html.replaceAll('<!-- -->', '')).toContain('<p id="shared">shared by app</p>')
    const { page } = await at('/blog/a')
    await page.getByText('home', { exact: true }).click()
    expect(await page.textContent('#shared')).toBe('shared by app')
  })

  it('hears of its web vitals [8.40]', async () => {
    const { page } = await at('/blog/a')
    await page.click('#blog')
    await page.waitForFunction(() => (window as any).metrics?.some(({ name }: any) => name === 'FCP'))
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden' })
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    })
    const metrics: any[] = await page.evaluate(() => (window as any).metrics)
    expect(metrics.map(({ name }) => name)).toEqual(expect.arrayContaining(['CLS', 'FCP', 'LCP', 'TTFB']))
    for (const { id, value } of metrics) expect([typeof id, value >= 0]).toEqual(['string', true])
    expect(new Set(metrics.map(({ id }) => id)).size).toBe(metrics.length)
  })
})
