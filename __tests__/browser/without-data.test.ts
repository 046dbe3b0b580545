import { useBrowserSite } from '../support/visits.js'
import type { Visit } from '../support/browser-site.js'

const { at } = useBrowserSite()

const isData = (request: string) => request.includes('_data')
const BARE = { data: false }

async function back({ page }: Visit): Promise<void> {
  await page.evaluate(() => {
    const shown = new Promise((resolve) => (window as any).router.events.on('routeChangeComplete', resolve))
    history.back()
    return shown
  })
}

describe('a navigation with `data: false`', () => {
  it('shows another page without props, and the same page with those it has', async () => {
    const { page, push, router, requests, log, heading } = await at('/about')
    await log()
    expect(await push('/server?x=1', null, BARE)).toBe(true)
    await heading('server')
    expect([await page.textContent('#run'), await router()]).toEqual([
      '',
      ['/server', { x: '1' }, '/server?x=1', false],
    ])
    await push('/server?x=2')
    const run = await page.textContent('#run')
    expect(run).not.toBe('')
    await page.evaluate(
      () => (window as any).router.replace('/server?x=3', undefined, { data: false }) as unknown,
    )
    expect([await page.textContent('#run'), (await router())[2]]).toEqual([run, '/server?x=3'])
    expect(requests().filter(isData)).toEqual(['fetch /_data/server.json?x=2'])
    expect((await log()).filter((entry) => entry.startsWith('routeChange'))).toEqual(
      ['/server?x=1', '/server?x=2', '/server?x=3'].flatMap((url) => [
        `routeChangeStart ${url}`,
        `routeChangeComplete ${url}`,
      ]),
    )
  })

  it('is one that back shows as it was, and nothing is asked for', async () => {
    const visit = await at('/about')
    const { page, push, requests, heading } = visit
    await push('/server?x=1', null, BARE)
    await page.click('#state')
    await push('/own/a', null, BARE)
    await heading('own from nobody')
    await push('/server?x=2')
    const run = await page.textContent('#run')
    await push('/server?x=3', null, BARE)
    await push('/about')
    requests()
    await back(visit)
    await heading('server')
    expect(await page.textContent('#run')).toBe(run)
    expect(requests().filter(isData)).toEqual([])
    // The ordinary entry before it is brought up to date.
    await back(visit)
    await page.waitForFunction((old) => document.querySelector('#run')!.textContent !== old, run)
    await back(visit)
    await heading('own from nobody')
    await back(visit)
    await heading('server')
    expect([await page.textContent('#run'), await page.textContent('h1')]).toEqual(['', 'server'])
    await push('/about')
    expect(requests().filter(isData)).toEqual(['fetch /_data/server.json?x=2'])
  })

  it('is an ordinary one for back when it is not known how it was', async () => {
    const { page, push, requests, heading } = await at('/about')
    await push('/server?x=1', null, BARE)
    await push('/about')
    await page.reload()
    await page.waitForSelector('[id$="-route-announcer__"]', { state: 'attached' })
    requests()
    await page.goBack()
    await heading('server')
    expect(await page.textContent('#run')).toMatch(/^\d+$/)
    expect(requests().filter(isData)).toEqual(['fetch /_data/server.json?x=1'])
  })

  it('does not ask pages that decide for themselves, and says so in the entry', async () => {
    const { page, push, log } = await at('/chosen/one')
    await log()
    await push('/chosen/two', null, BARE)
    expect((await log()).filter((entry) => entry.startsWith('asked'))).toEqual([])
    expect(await page.evaluate(() => (history.state as { options: object }).options)).toMatchObject(BARE)
  })
})

describe('a link with `data={false}`', () => {
  it('is followed like that, and prefetches the code alone, in view and on hover', async () => {
    const { page, requests, heading } = await at('/about')
    const chunk = page.waitForResponse(/_assets\/fixed.*\.js$/)
    await page.evaluate(() => {
      ;(window as any).router.push('/chosen/one')
    })
    await heading('chosen one')
    await chunk
    await page.hover('#bare')
    await page.click('#bare')
    // Without its props it has no time to tell.
    await page.waitForFunction(() => document.querySelector('h1')?.textContent === 'fixed ')
    expect(requests().filter(isData)).toEqual(['fetch /_data/chosen/one.json'])
  })
})
