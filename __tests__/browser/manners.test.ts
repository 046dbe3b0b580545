import type { Page } from 'playwright-core'
import { useBrowserSite } from '../support/visits.js'

const { at } = useBrowserSite()

const path = (page: Page) => page.evaluate(() => location.href.slice(location.origin.length))

describe('useBlocker', () => {
  it('holds back links, the router and history, until the page says what to do', async () => {
    const { page, push, heading, log } = await at('/any/1')
    await push('/about')
    await push('/form')
    await page.fill('#text', 'changed')
    await log()

    await page.click('#away')
    expect(await page.textContent('#blocked')).toBe('/about')
    await page.click('#stay')
    await page.waitForSelector('#blocked', { state: 'detached' })
    expect(await path(page)).toBe('/form')

    await page.evaluate(() => void (window as any).router.replace('/any/2'))
    expect(await page.textContent('#blocked')).toBe('/any/2')
    await page.click('#stay')

    await page.goBack()
    expect(await page.textContent('#blocked')).toBe('/about')
    expect(await path(page)).toBe('/form')
    await page.click('#stay')
    await page.waitForSelector('#blocked', { state: 'detached' })
    expect((await log()).filter((entry) => /Change/.test(entry))).toEqual([])
    expect(await page.inputValue('#text')).toBe('changed')

    await page.evaluate(() => history.go(-2))
    expect(await page.textContent('#blocked')).toBe('/any/1')
    await page.click('#proceed')
    await heading('any 1')
    expect(await path(page)).toBe('/any/1')
    await page.goForward()
    await heading('about')
  })

  it('lets go when there is nothing to lose, or the URL is one that it does not mind', async () => {
    const { page, push, heading } = await at('/about')
    await push('/form')
    await page.fill('#text', 'elsewhere')
    await page.click('#inside')
    await page.waitForFunction(() => location.search === '?page=2')
    await page.click('#away')
    expect(await page.textContent('#blocked')).toBe('/about')
    await page.click('#proceed')
    await heading('about')
    await page.goBack()
    await heading('form')
    await page.click('#away')
    await heading('about')
  })

  it('a second attempt takes the place of the first, whose promise says that it failed', async () => {
    const { page } = await at('/form')
    await page.fill('#text', 'changed')
    const first = page.evaluate(() => (window as any).router.push('/any/1'))
    await page.waitForSelector('#blocked')
    await page.evaluate(() => void (window as any).router.push('/any/2'))
    expect(await first).toBe(false)
    await page.waitForFunction(() => document.querySelector('#blocked')!.textContent === '/any/2')
  })

  it('has the browser ask before another document takes the place of the page', async () => {
    const { page } = await at('/form')
    await page.fill('#text', 'changed')
    const dialog = page.waitForEvent('dialog')
    await page.evaluate(() => void setTimeout(() => location.reload()))
    expect((await dialog).type()).toBe('beforeunload')
    await (await dialog).dismiss()
    expect(await page.inputValue('#text')).toBe('changed')
    await page.fill('#text', '')
    await page.reload()
  })

  it('asks once: whoever has agreed to leave is not asked again by the browser, and is the next time', async () => {
    const { page, heading } = await at('/form')
    const dialogs: string[] = []
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.type())
      void dialog.accept()
    })
    await page.fill('#text', 'changed')
    // A change within the page, which stays and still has something to lose.
    await page.click('#inside')
    await page.click('#proceed')
    await page.waitForFunction(() => location.search === '?page=2')
    await page.evaluate(() => void setTimeout(() => location.reload()))
    await page.waitForEvent('load')
    expect(dialogs).toEqual(['beforeunload'])

    await page.fill('#text', 'changed')
    await page.evaluate(() => void (window as any).router.push('/file.txt'))
    await page.click('#proceed')
    await page.waitForURL('**/file.txt')
    expect(dialogs).toEqual(['beforeunload'])
    await page.goBack()
    await heading('form')
  })
})

describe('useNavigation', () => {
  it('tells where a navigation leads while it is under way', async () => {
    const { page, heading } = await at('/about')
    const state = () => page.textContent('#navigation')
    expect(await state()).toBe('idle ')
    await page.evaluate(() => void (window as any).router.push('/server?wait=200'))
    await page.waitForFunction(
      () => document.querySelector('#navigation')!.textContent === 'loading /server?wait=200',
    )
    await heading('about')
    await heading('server')
    await page.waitForFunction(() => document.querySelector('#navigation')!.textContent === 'idle ')
    await page.evaluate(() => void (window as any).router.push('/server?wait=300'))
    await page.evaluate(() => (window as any).router.push('/any/1'))
    expect(await state()).toBe('idle ')
  })
})

describe('a view transition', () => {
  it('shows the change when asked for, and not for visitors who want less motion', async () => {
    const { page, push, heading } = await at('/about')
    await page.evaluate(() => {
      const start = document.startViewTransition.bind(document)
      ;(window as any).transitions = 0
      document.startViewTransition = ((change: () => void) => {
        ;(window as any).transitions++
        return start(change)
      }) as typeof start
    })
    const count = () => page.evaluate(() => (window as any).transitions as number)
    await push('/any/1')
    expect(await count()).toBe(0)
    expect(await push('/any/2', undefined, { viewTransition: true })).toBe(true)
    await heading('any 2')
    expect(await count()).toBe(1)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await push('/any/3', undefined, { viewTransition: true })
    await heading('any 3')
    expect(await count()).toBe(1)
  })
})

describe('the focus', () => {
  const focused = (page: Page) => page.evaluate(() => document.activeElement?.id ?? '')

  it('begins at the top of a new page, when what had it is gone, and stays where it is otherwise', async () => {
    const { page, heading } = await at('/form')
    await page.focus('#away')
    await page.keyboard.press('Enter')
    await heading('about')
    await page.waitForFunction(() => document.activeElement?.id === '__page')
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('count')
    expect(await page.getAttribute('#__page', 'tabindex')).toBeNull()
    await page.focus('#to-home')
    await page.keyboard.press('Enter')
    await heading('home')
    expect(await focused(page)).toBe('to-home')
  })

  it('goes to what a hash names', async () => {
    const { page } = await at('/long')
    await page.focus('#to-middle')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.activeElement?.id === 'middle')
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('to-bare')
  })
})
