import { useBrowserSite } from '../support/visits.js'

const { at } = useBrowserSite({ mode: 'development' })

const isTransport = (request: string) => /_data|^document/.test(request)

describe('in development', () => {
  it('nothing is prefetched, and `prefetch` says that it is automatic [10.11]', async () => {
    const { page, requests, problems } = await at('/strict')
    await page.hover('#away')
    await page.waitForTimeout(500)
    expect(requests().filter((request) => /post/.test(request))).toEqual([])
    expect(problems.splice(0)).toEqual([expect.stringMatching(/links prefetch by themselves, in production/)])
  })

  it('strict mode doubles effects, but neither events nor requests nor head tags [9.55]', async () => {
    const { page, push, log, requests, heading, problems } = await at('/about')
    await push('/strict')
    expect((await log()).filter((entry) => entry === 'effect')).toHaveLength(2)
    expect(await page.$$eval('link[rel=help]', (all) => all.length)).toBe(1)
    requests()
    await page.click('#away')
    await heading('post strict')
    expect(requests().filter(isTransport)).toEqual(['fetch /_data/post/strict.json'])
    expect((await log()).filter((entry) => /Change/.test(entry))).toEqual([
      'routeChangeStart /post/strict',
      'beforeHistoryChange /post/strict',
      'routeChangeComplete /post/strict',
    ])
    await page.goBack()
    await heading('strict')
    expect(await page.title()).toBe('strict')
    problems.length = 0
  })

  it('a URL to show that does not fit its route is an error, with a warning that names the parameters [9.20]', async () => {
    const { push, problems } = await at('/about')
    expect(await push('/post/[id]?other=1', '/any/1')).toMatch(
      /`\/any\/1` is incompatible with the href value `\/post\/\[id\]`/,
    )
    expect(problems.splice(0)).toEqual([expect.stringMatching(/its query lacks: id\./)])
  })
})
