import { useBrowserSite } from '../support/visits.js'

const { at } = useBrowserSite()

const isData = (request: string) => request.includes('_data')

describe('data that is fresh', () => {
  it('of a static page is not asked for again, but by a push to the page itself', async () => {
    const { push, requests, heading } = await at('/about')
    await push('/fixed')
    await push('/about')
    requests()
    await push('/fixed')
    await heading('fixed 7')
    expect(requests().filter(isData)).toEqual([])
    await push('/fixed')
    expect(requests().filter(isData)).toEqual(['fetch /_data/fixed.json'])
  })

  it('of a server page is used again for its `staleTime`', async () => {
    const { page, push, requests } = await at('/about')
    await push('/kept')
    const first = await page.textContent('h1')
    await push('/about')
    await push('/kept')
    expect(await page.textContent('h1')).toBe(first)
    expect(requests().filter(isData)).toEqual(['fetch /_data/kept.json'])
    await push('/about')
    await page.waitForTimeout(2000)
    await push('/kept')
    expect(requests().filter(isData)).toEqual(['fetch /_data/kept.json'])
    expect(await page.textContent('h1')).not.toBe(first)
  })
})
