import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../support/chromium.js'
import { buildShop, copyShop, removeShop, startShop, type RunningShop } from './shop.js'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let folder: string
let shop: RunningShop
let browser: Browser

beforeAll(async () => {
  folder = await copyShop()
  await buildShop(folder)
  shop = await startShop(folder, 'production')
  browser = await launchChromium()
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await shop?.stop()
  if (folder !== undefined) await removeShop(folder)
})

async function openPage(colorScheme: 'light' | 'dark', width = 1280): Promise<Page> {
  const context = await browser.newContext({
    baseURL: shop.url,
    colorScheme,
    reducedMotion: 'reduce',
    viewport: { width, height: 800 },
  })
  context.setDefaultTimeout(10_000)
  return context.newPage()
}

/** What an automated audit finds serious on the page as it is now. */
async function audit(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() =>
    (window as any).axe.run(document, { resultTypes: ['violations'] }),
  )
  return violations
    .filter(({ impact }: { impact: string }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }: { id: string; nodes: { target: string[] }[] }) =>
      [id, ...nodes.map(({ target }) => target.join(' '))].join(': '),
    )
}

async function signIn(page: Page): Promise<void> {
  await page.goto('/login')
  await page.getByLabel('Name').fill('admin')
  await page.getByLabel('Password').fill('postmaster')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/account')
}

const PUBLIC = [
  '/',
  '/about',
  '/products',
  '/products?q=nothing-like-it',
  '/products/42',
  '/cart',
  '/login',
  '/nowhere',
]

describe('an automated audit finds nothing serious', () => {
  it.each(['light', 'dark'] as const)(
    'on the shop’s pages in %s',
    async (scheme) => {
      const page = await openPage(scheme)
      for (const path of PUBLIC) {
        await page.goto(path, { waitUntil: 'networkidle' })
        expect([path, await audit(page)]).toEqual([path, []])
      }
      await signIn(page)
      for (const path of ['/account', '/admin']) {
        await page.goto(path, { waitUntil: 'networkidle' })
        expect([path, await audit(page)]).toEqual([path, []])
      }
      await page.context().close()
    },
    90_000,
  )

  it('at phone width, and after a navigation', async () => {
    const page = await openPage('light', 390)
    await page.goto('/', { waitUntil: 'networkidle' })
    await page.getByRole('link', { name: 'Open the catalogue' }).click()
    await page.getByRole('heading', { level: 1, name: 'The catalogue' }).waitFor()
    expect(await audit(page)).toEqual([])
    await page.context().close()
  }, 30_000)
})

describe('the keyboard alone', () => {
  it('reaches a stamp, puts it into the cart and finds it there', async () => {
    const page = await openPage('light')
    await page.goto('/products/42', { waitUntil: 'networkidle' })
    const title = (await page.textContent('h1'))!
    const press = async (name: RegExp) => {
      for (let n = 0; n < 40; n++) {
        await page.keyboard.press('Tab')
        const text = await page.evaluate(() => document.activeElement?.textContent ?? '')
        if (name.test(text)) return page.keyboard.press('Enter')
      }
      throw new Error(`No ${String(name)} within forty tabs.`)
    }
    await press(/^Put in the cart$/)
    await page.getByRole('status').getByText('is in your cart').waitFor()
    await press(/^your cart$/)
    await page.waitForURL('**/cart')
    await page.getByRole('main').getByRole('link', { name: title }).first().waitFor()
    expect(await audit(page)).toEqual([])
    // The link that had the focus is gone: the keyboard begins at the top again.
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/content|Nowhere Post/)
    await page.context().close()
  }, 30_000)

  it('goes from the front page to an order, and sees at every stop where it is', async () => {
    const page = await openPage('light')
    await page.goto('/', { waitUntil: 'networkidle' })
    const focused = () =>
      page.evaluate(() => {
        const element = document.activeElement as HTMLElement
        const hasRing = ({ outlineStyle, boxShadow }: CSSStyleDeclaration) =>
          outlineStyle !== 'none' || boxShadow !== 'none'
        // A card shows it around all of itself, and a form of one field around the form.
        const styles = [getComputedStyle(element), getComputedStyle(element, '::after')]
        const form = element.closest('form')
        if (form) styles.push(getComputedStyle(form))
        const isSeen = element === document.body || styles.some(hasRing)
        const text = element.getAttribute('aria-label') ?? element.textContent.trim()
        return { isSeen, text, href: element.getAttribute('href') ?? '', name: element.getAttribute('name') }
      })
    type Stop = Awaited<ReturnType<typeof focused>>
    const tabTo = async (what: string, isThere: (stop: Stop) => boolean) => {
      for (let n = 0; n < 80; n++) {
        await page.keyboard.press('Tab')
        const stop = await focused()
        expect([stop.text, stop.isSeen]).toEqual([stop.text, true])
        if (isThere(stop)) return
      }
      throw new Error(`${what} is not within eighty tabs.`)
    }
    /** The new page is there, and the focus at its beginning. */
    const arrive = async (url: string | RegExp) => {
      await page.waitForURL(url)
      await page.waitForFunction(() => document.activeElement?.id === '__page')
    }
    const follow = async (what: string, isThere: (stop: Stop) => boolean = ({ text }) => text === what) => {
      await tabTo(what, isThere)
      await page.keyboard.press('Enter')
    }

    await follow('Skip to the content')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content')
    await follow('Open the catalogue')
    await arrive('**/products')
    await follow('a stamp', ({ href }) => /^\/products\/\d+$/.test(href))
    await arrive(/products\/\d+$/)
    await follow('Put in the cart')
    await page.getByRole('status').getByText('is in your cart').waitFor()
    await follow('your cart')
    await arrive('**/cart')
    await follow('One more')
    await page.getByText('2 stamps, sent with care').waitFor()
    await follow('Place the order')
    await page.waitForURL('**/login**')
    await tabTo('the name', ({ name }) => name === 'name')
    await page.keyboard.type('admin')
    await page.keyboard.press('Tab')
    await page.keyboard.type('postmaster')
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.pathname !== '/login')
    await page.goto('/cart', { waitUntil: 'networkidle' })
    await follow('Place the order')
    await page.waitForURL('**/account?ordered=*')
    expect(await audit(page)).toEqual([])
    await page.context().close()
  }, 60_000)
})
