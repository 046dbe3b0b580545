import { hydrated, type Visit } from '../support/browser-site.js'
import { useBrowserSite } from '../support/visits.js'

/** What only a kept layout still has: its state, what was typed into it, and the mark that a test left on its element. */
const stateOf = ({ page }: Visit) =>
  page.evaluate(() => ({
    button: document.querySelector('section button')?.textContent,
    typed: document.querySelector<HTMLInputElement>('section input')?.value,
    isMarked: (document.querySelector('section') as any)?.marked === true,
    outerIsMarked: (document.querySelector('#catalog') as any)?.marked === true,
    category: document.querySelector('section')?.dataset['category'],
    params: document.querySelector('#params')?.textContent,
  }))

async function leaveMarks({ page }: Visit): Promise<void> {
  await page.click('section button')
  await page.click('section button')
  await page.fill('section input', 'typed')
  await page.evaluate(() => {
    for (const name of ['section', '#catalog']) (document.querySelector(name) as any).marked = true
  })
}

const kept = { button: 'clicked 2', typed: 'typed', isMarked: true, outerIsMarked: true }

describe.each(['production', 'development'] as const)('layouts in %s', (mode) => {
  const { at } = useBrowserSite({ fixture: 'params-site', mode })

  it('keep their state and their DOM while pages below them change, and get the new parameters', async () => {
    const visit = await at('/catalog/books/dune')
    const { page, heading } = visit
    await leaveMarks(visit)
    await page.click('text=Emma')
    await heading('Product emma')
    expect(await stateOf(visit)).toEqual({
      ...kept,
      category: 'books',
      params: '{"category":"books","product":"emma"}',
    })
    await page.click('text=Blue')
    await heading('Product blue')
    expect(await stateOf(visit)).toEqual({
      ...kept,
      category: 'music',
      params: '{"category":"music","product":"blue"}',
    })
    await page.goBack()
    await heading('Product emma')
    expect(await stateOf(visit)).toMatchObject({ ...kept, category: 'books' })
  })

  it('go with the last page below them, and begin anew with the next', async () => {
    const visit = await at('/catalog/books/dune')
    const { page, heading, requests } = visit
    await leaveMarks(visit)
    requests()
    await page.click('text=Blog')
    await heading('Post hello')
    expect(await page.locator('section').count()).toBe(0)
    expect(await page.textContent('#params')).toBe('{"slug":"hello"}')
    await page.goBack()
    await heading('Product dune')
    expect(await stateOf(visit)).toMatchObject({ button: 'clicked 0', typed: '', isMarked: false })
    expect(requests().filter((one) => one.startsWith('document'))).toEqual([])
  })

  it('come with their style, and with the parameters of their own part of the route alone', async () => {
    const { page } = await at('/catalog/music/blue')
    const color = await page.evaluate(
      () => getComputedStyle(document.querySelector('section')!).borderTopColor,
    )
    expect(color).toBe('rgb(1, 2, 3)')
    const keys = await page.evaluate(() =>
      ['section', '#catalog'].map((name) => document.querySelector<HTMLElement>(name)!.dataset['keys']),
    )
    expect(keys).toEqual(['category', ''])
  })

  it('are loaded with the page that a link leads to', async () => {
    const { page, heading } = await at('/')
    await page.click('text=Dune')
    await heading('Product dune')
    expect(await page.textContent('section button')).toBe('clicked 0')
    const color = await page.evaluate(
      () => getComputedStyle(document.querySelector('section')!).borderTopColor,
    )
    expect(color).toBe('rgb(1, 2, 3)')
  })
})

describe('a page with generateStaticParams', () => {
  const { at } = useBrowserSite({ fixture: 'params-site' })

  it('hydrates as the server rendered it, with every parameter read in both ways', async () => {
    const { page } = await at('/blog/a%20b%2F%C3%BC%3F&%22')
    expect(await page.textContent('h1')).toBe('Post a b/ü?&"')
    expect(await page.textContent('#params')).toBe('{"slug":"a b/ü?&\\""}')
  })

  it('keeps its parameters apart from the search', async () => {
    const { page } = await at('/catalog/books/dune?category=x&other=y')
    await hydrated(page)
    expect(await page.textContent('#params')).toBe('{"category":"books","product":"dune"}')
  })

  it('that does not list a path shows the 404 page there', async () => {
    const { page, problems } = await at('/closed/in')
    await page.click('text=Out')
    // The text alone proves nothing: the name of a build may hold these figures.
    await page.waitForURL('**/closed/out')
    await page.waitForFunction(() => document.body.textContent.includes('404'))
    expect(problems.splice(0).join()).toMatch(/404/)
  })
})
