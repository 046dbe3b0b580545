import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchChromium } from '../support/chromium.js'
import { buildShop, copyShop, removeShop, startShop, type RunningShop } from './shop.js'

let folder: string
let shop: RunningShop
let browser: Browser
let context: BrowserContext

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

beforeEach(async () => {
  context = await browser.newContext({ baseURL: shop.url })
  context.setDefaultTimeout(10_000)
})

afterEach(() => context.close())

/** A page with a record of what went wrong in it, and of the documents it loaded. */
async function openPage(path: string) {
  const page = await context.newPage()
  const problems: string[] = []
  const documents: string[] = []
  page.on('console', (message) => problems.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('request', (request) => {
    if (request.isNavigationRequest()) documents.push(new URL(request.url()).pathname)
  })
  await page.goto(path, { waitUntil: 'networkidle' })
  return { page, problems, documents }
}

async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.goto('/login')
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/account')
}

function heading(page: Page, text: string | RegExp) {
  return page.getByRole('heading', { level: 1, name: text }).waitFor()
}

describe('the built shop in a browser', () => {
  it('hydrates every page with an empty console', async () => {
    for (const path of [
      '/',
      '/about',
      '/products?q=moon&order=dear',
      '/products/42',
      '/cart',
      '/cart/plain',
      '/login',
    ]) {
      const { page, problems } = await openPage(path)
      // The cart's count is asked for by script: when it is asked for, React is at work.
      await page.waitForFunction(() =>
        performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/api/cart')),
      )
      expect([path, problems]).toEqual([path, []])
      await page.close()
    }
  }, 60_000)

  it('goes from page to page, back and forward without loading documents', async () => {
    const { page, problems, documents } = await openPage('/')
    await page.getByRole('link', { name: 'Open the catalogue' }).click()
    await heading(page, 'The catalogue')
    await page.getByRole('link', { name: 'Next' }).click()
    await page.waitForURL('**/products?page=2')
    // The URL is there before the list: what is clicked is a stamp of the second page.
    await page.locator('main li h3 a[href="/products/27"]').click()
    await page.waitForURL('**/products/27')
    await page.getByRole('link', { name: 'No. 28' }).click()
    await page.waitForURL('**/products/28')
    await page.getByRole('navigation', { name: 'Shop' }).getByRole('link', { name: 'About' }).click()
    await heading(page, 'About the shop')
    expect(await page.title()).toBe('About – Nowhere Post')
    await page.goBack()
    await page.getByText('No. 28', { exact: true }).waitFor()
    await page.goBack()
    await page.goBack()
    await page.waitForURL('**/products?page=2')
    await page.goForward()
    await page.waitForURL('**/products/27')
    expect(documents).toEqual(['/'])
    expect(problems).toEqual([])
  }, 30_000)

  it('searches and narrows in place, with a URL for each result', async () => {
    const { page, documents } = await openPage('/products')
    await page.getByRole('searchbox').fill('comet')
    await page.getByRole('searchbox').press('Enter')
    await heading(page, '“comet”')
    await page.getByLabel('Country').selectOption('Vell')
    await heading(page, '“comet” in Vell')
    expect(new URL(page.url()).search).toBe('?q=comet&country=Vell')
    const countries = await page.locator('main li p:first-of-type').allTextContents()
    expect(countries.length).toBeGreaterThan(0)
    for (const country of countries) expect(country).toMatch(/^Vell, \d{4}$/)
    expect(documents).toEqual(['/products'])
  }, 30_000)

  it('keeps the cart across a reload, and changes quantities at once', async () => {
    const { page, problems, documents } = await openPage('/products/42')
    await page.getByLabel('How many').fill('3')
    await page.getByRole('button', { name: 'Put in the cart' }).click()
    await page.getByRole('status').getByRole('link', { name: 'your cart' }).click()
    await heading(page, 'Cart')
    await page.getByRole('button', { name: 'One more' }).click()
    await page.locator('output', { hasText: '4' }).waitFor()
    expect(documents).toEqual(['/products/42'])
    await page.waitForLoadState('networkidle')
    await page.reload()
    await page.locator('output', { hasText: '4' }).waitFor()
    expect(await page.getByRole('navigation', { name: 'Shop' }).innerText()).toMatch(/Cart\s*4/)
    await page.getByRole('button', { name: /Take out/ }).click()
    await page.getByText('Nothing in it yet').waitFor()
    expect(problems).toEqual([])
  }, 30_000)

  it('takes a quantity back when the shop cannot be reached', async () => {
    const { page } = await openPage('/products/42')
    await page.getByRole('button', { name: 'Put in the cart' }).click()
    await page.getByRole('status').getByRole('link').click()
    await page.locator('output', { hasText: '1' }).waitFor()
    await context.route('**/api/cart', (route) => route.abort())
    await page.getByRole('button', { name: 'One more' }).click()
    await page.getByRole('alert').waitFor()
    await page.locator('output', { hasText: /^1$/ }).waitFor()
  }, 30_000)

  it('asks strangers to sign in when they follow a link to a guarded page, and takes them there', async () => {
    const { page } = await openPage('/about')
    await page.getByRole('navigation', { name: 'Shop' }).getByRole('link', { name: 'Account' }).click()
    await page.waitForURL('**/login?next=**')
    await page.getByLabel('Name').fill('ada')
    await page.getByLabel('Password').fill('lovelace')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await heading(page, 'Good to see you, ada')
    expect(new URL(page.url()).pathname).toBe('/account')
  }, 30_000)

  it('shows a price that the postmaster has changed to a visitor who comes next', async () => {
    const { page } = await openPage('/products/55')
    const before = await page.getByTestId('price').innerText()
    await signIn(page, 'admin', 'postmaster')
    await page.goto('/admin?q=55')
    await page.getByRole('textbox', { name: /^Price of/ }).fill('77.70')
    await page.getByRole('button', { name: 'Set price' }).click()
    await page.getByRole('status').filter({ hasText: '€77.70' }).waitFor()
    expect(before).not.toBe('€77.70')

    const visitor = await browser.newContext({ baseURL: shop.url })
    const other = await visitor.newPage()
    await other.goto('/products/54', { waitUntil: 'networkidle' })
    await other.getByRole('link', { name: 'No. 55' }).click()
    await other.getByTestId('price').filter({ hasText: '€77.70' }).waitFor()
    await visitor.close()
  }, 30_000)

  it('fits a phone: no page is wider than 360 pixels', async () => {
    const { page } = await openPage('/')
    await page.setViewportSize({ width: 360, height: 740 })
    for (const path of [
      '/',
      '/about',
      '/products',
      '/products?q=zzzz',
      '/products/42',
      '/cart',
      '/login',
      '/products/0',
    ]) {
      await page.goto(path)
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      expect([path, wider > 0]).toEqual([path, false])
    }
  }, 30_000)
})

describe('the built shop with JavaScript off', () => {
  beforeEach(async () => {
    await context.close()
    context = await browser.newContext({ baseURL: shop.url, javaScriptEnabled: false })
    context.setDefaultTimeout(10_000)
  })

  it('can be read on every page, and every link works', async () => {
    const page = await context.newPage()
    await signIn(page, 'admin', 'postmaster')
    const links = new Set<string>()
    const paths = [
      '/',
      '/about',
      '/products',
      '/products?q=zzzz',
      '/products/42',
      '/cart',
      '/cart/plain',
      '/login',
      '/account',
      '/admin',
    ]
    for (const path of paths) {
      await page.goto(path)
      await page.locator('h1').waitFor({ state: 'visible' })
      expect((await page.locator('main').innerText()).length).toBeGreaterThan(60)
      for (const link of await page.locator('a[href^="/"]').all())
        links.add((await link.getAttribute('href')) ?? '')
    }
    for (const link of links) expect([link, (await context.request.get(link)).status()]).toEqual([link, 200])
  }, 60_000)

  it('is walked through, bought in and managed with links and forms alone', async () => {
    const page = await context.newPage()
    await page.goto('/')
    await page.getByRole('searchbox').fill('whale')
    await page.getByRole('button', { name: 'Search' }).click()
    await heading(page, '“whale”')
    await page.getByLabel('Order').selectOption('cheap')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.waitForURL(/order=cheap/)
    await page.locator('main li h3 a').first().click()
    await page.waitForURL(/\/products\/\d+$/)
    await page.getByRole('button', { name: 'Put in the cart' }).click()
    await page.waitForURL('**/cart/plain')
    await page.getByLabel(/^How many of/).fill('6')
    await page.getByRole('button', { name: 'Change' }).click()
    await page.getByText('6 stamps').waitFor()

    await page.goto('/cart')
    await page.getByRole('link', { name: /without any/ }).click()
    await page.getByText('6 stamps').waitFor()
    await signIn(page, 'ada', 'lovelace')
    await page.goto('/cart/plain')
    await page.getByRole('button', { name: 'Place the order' }).click()
    await page.getByText('is written down').waitFor()
  }, 30_000)
})
