import type { Visit } from '../support/browser-site.js'
import { useBrowserSite } from '../support/visits.js'

const { at } = useBrowserSite()

const isData = (request: string) => request.includes('_data')
const isEvent = (entry: string) => entry.includes('Change')

/** The page at `/chosen/one?n=1`, whose `shouldRefetch` follows a rule of its own. */
async function chosen(rule: string): Promise<Visit> {
  const opened = await at('/chosen/one?n=1')
  await opened.page.evaluate(`window.rule = (move) => { ${rule} }; undefined`)
  await opened.log()
  opened.requests()
  return opened
}

async function back({ page }: Visit, steps = -1): Promise<void> {
  await page.evaluate((by) => {
    const shown = new Promise((resolve) => (window as any).router.events.on('routeChangeComplete', resolve))
    history.go(by)
    return shown
  }, steps)
}

describe('a page that wants no data for another URL of itself', () => {
  it('keeps its props and state, and gets its query and parameters by an ordinary navigation', async () => {
    const visit = await chosen('return false')
    const { page, push, router, requests, log } = visit
    const run = await page.textContent('#run')
    await page.click('#state')
    await page.evaluate(() => scrollTo(0, 500))

    expect(await push('/chosen/two?n=2')).toBe(true)

    expect(await router()).toEqual(['/chosen/[id]', { n: '2', id: 'two' }, '/chosen/two?n=2', false])
    expect([await page.textContent('#run'), await page.textContent('#state')]).toEqual([run, '1'])
    expect((await log()).filter(isEvent)).toEqual([
      'routeChangeStart /chosen/two?n=2',
      'beforeHistoryChange /chosen/two?n=2',
      'routeChangeComplete /chosen/two?n=2',
    ])
    expect(await page.evaluate(() => scrollY)).toBe(0)

    await back(visit)
    expect(await router()).toEqual(['/chosen/[id]', { n: '1', id: 'one' }, '/chosen/one?n=1', false])
    expect(await page.textContent('#run')).toBe(run)
    expect(await page.evaluate(() => scrollY)).toBe(500)
    expect(requests().filter(isData)).toEqual([])
  })

  it('has it as soon as the rule is another, also behind an entry that back shows', async () => {
    const visit = await chosen("return move.from.searchParams.get('n') !== move.to.searchParams.get('n')")
    const { page, push, requests } = visit
    const run = Number(await page.textContent('#run'))
    await push('/chosen/one?n=1&tab=a')
    expect(requests().filter(isData)).toEqual([])
    await push('/chosen/one?n=2')
    expect(requests().filter(isData)).toEqual(['fetch /_data/chosen/one.json?n=2'])
    expect(await page.textContent('#run')).toBe(String(run + 1))

    await back(visit)
    await page.getByText(String(run + 2), { exact: true }).waitFor()
    expect(requests().filter(isData)).toEqual(['fetch /_data/chosen/one.json?n=1&tab=a'])
  })

  it('has it when it is asked for by name: to the same URL, and on another page', async () => {
    const { page, push, requests, log } = await chosen('return false')
    const run = Number(await page.textContent('#run'))
    await page.evaluate(() => (window as any).router.replace('/chosen/one?n=1') as Promise<unknown>)
    expect(await page.textContent('#run')).toBe(String(run + 1))
    await push('/about')
    await push('/chosen/one?n=3')
    expect(await page.textContent('#run')).toBe(String(run + 2))
    await push('/chosen/one?n=4', null, { shallow: true })
    expect((await log()).filter((entry) => entry.startsWith('asked'))).toEqual([])
    expect(requests().filter(isData)).toEqual([
      'fetch /_data/chosen/one.json?n=1',
      'fetch /_data/chosen/one.json?n=3',
    ])
  })
})

describe('`shouldRefetch`', () => {
  it('is told the URLs that the visitor sees, on the way back as well', async () => {
    const visit = await chosen('return false')
    await visit.push('/chosen/[id]?id=two', '/chosen/two?masked#here')
    await back(visit)
    expect((await visit.log()).filter((entry) => entry.startsWith('asked'))).toEqual([
      'asked /chosen/one?n=1 /chosen/two?masked#here true',
      'asked /chosen/two?masked /chosen/one?n=1 true',
    ])
  })

  it.each([
    ['throws', "throw new Error('no rule')", 'failed: Error: no rule. The data was fetched.'],
    ['returns nothing', '', 'returned undefined. Return `true` or `false`. The data was fetched.'],
    ['returns a promise', 'return Promise.resolve(false)', 'returned an object. Return `true` or `false`.'],
  ])('that %s is an error with the name of the file, and the data is fetched', async (_, rule, message) => {
    const { page, push, requests, problems } = await chosen(rule)
    const run = Number(await page.textContent('#run'))
    expect(await push('/chosen/two')).toBe(true)
    expect(await page.textContent('#run')).toBe(String(run + 1))
    expect(requests().filter(isData)).toEqual(['fetch /_data/chosen/two.json'])
    const [problem, ...others] = problems.splice(0)
    expect(problem).toContain(`\`shouldRefetch\` of \`pages/chosen/[id].tsx\` ${message}`)
    expect(others).toEqual([])
  })

  it('hears that nothing would be asked for where the data is the same and fresh', async () => {
    const { push, requests, log } = await at('/chosen/still')
    requests()
    await push('/chosen/still?a')
    await push('/chosen/still?b')
    await push('/about')
    await push('/chosen/still?c')
    await push('/chosen/still?d')
    expect((await log()).filter((entry) => entry.startsWith('default'))).toEqual([
      'default true',
      'default false',
      'default false',
    ])
    expect(requests().filter(isData)).toEqual(['fetch /_data/chosen/still.json'])
  })
})
