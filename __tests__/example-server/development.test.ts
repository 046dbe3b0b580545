import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../support/chromium.js'
import { copyShop, removeShop, startShop, type RunningShop } from './shop.js'

let folder: string
let shop: RunningShop
let browser: Browser

beforeAll(async () => {
  folder = await copyShop()
  shop = await startShop(folder, 'development')
  browser = await launchChromium()
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await shop?.stop()
  if (folder !== undefined) await removeShop(folder)
})

async function edit(file: string, from: string, to: string): Promise<void> {
  const path = join(folder, file)
  const text = await readFile(path, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)}.`)
  await writeFile(path, text.replace(from, to))
}

/** A page that has hydrated, with a record of what went wrong in it and of the documents it loaded. */
async function openPage(path: string) {
  const page = await browser.newPage({ baseURL: shop.url })
  page.setDefaultTimeout(20_000)
  const problems: string[] = []
  const documents: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('request', (request) => {
    if (request.isNavigationRequest()) documents.push(new URL(request.url()).pathname)
  })
  const cart = page.waitForResponse('**/api/cart')
  await page.goto(path)
  await cart
  return { page, problems, documents }
}

function heading(page: Page, text: string) {
  return page.getByRole('heading', { level: 1, name: text }).waitFor()
}

describe('the shop in development', () => {
  it('serves and hydrates its pages from their sources, with an empty console', async () => {
    for (const path of ['/', '/about', '/products', '/products/42', '/cart', '/login']) {
      const { page, problems } = await openPage(path)
      await page.locator('h1').waitFor()
      expect([path, problems]).toEqual([path, []])
      await page.close()
    }
  }, 90_000)

  it('goes from page to page without loading documents', async () => {
    const { page, problems, documents } = await openPage('/')
    await page.getByRole('link', { name: 'Open the catalogue' }).click()
    await heading(page, 'The catalogue')
    await page.locator('main li h3 a').first().click()
    await page.getByText('No. 2', { exact: true }).waitFor()
    await page.goBack()
    await heading(page, 'The catalogue')
    expect(documents).toEqual(['/'])
    expect(problems).toEqual([])
    await page.close()
  }, 60_000)

  it('shows the edit of a page file in the open browser, without a reload and with the state that components had', async () => {
    const { page, problems, documents } = await openPage('/products/42')
    await page.getByRole('button', { name: 'Put in the cart' }).click()
    const state = page.getByRole('status').filter({ hasText: 'your cart' })
    await state.waitFor()

    await edit('pages/products/[id].tsx', 'More from {country}', 'Further stamps of {country}')
    await page.getByRole('heading', { name: /^Further stamps of/ }).waitFor()

    expect(await state.isVisible()).toBe(true)
    expect(documents).toEqual(['/products/42'])
    expect(problems).toEqual([])
    const { text } = await fetch(`${shop.url}/products/42`).then(async (answer) => ({
      text: await answer.text(),
    }))
    expect(text).toContain('Further stamps of')
    await page.close()
  }, 60_000)

  it('shows the edit of a component and of a style sheet in the same way', async () => {
    const { page, documents } = await openPage('/products/43')
    await page.getByRole('button', { name: 'Put in the cart' }).click()
    const state = page.getByRole('status').filter({ hasText: 'your cart' })
    await state.waitFor()

    await edit('components/add-to-cart.tsx', 'Put in the cart', 'Into the cart with it')
    await page.getByRole('button', { name: 'Into the cart with it' }).waitFor()
    await edit('pages/products/product.module.css', '.price {', '.price {\n  text-decoration: overline;')
    await page.waitForFunction(() => {
      const price = document.querySelector('[data-testid="price"]')
      return price !== null && getComputedStyle(price).textDecorationLine === 'overline'
    })

    expect(await state.isVisible()).toBe(true)
    expect(documents).toEqual(['/products/43'])
    await page.close()
  }, 60_000)

  it('shows the edit of a data function, without a reload and with the state that components had', async () => {
    const { page, problems, documents } = await openPage('/products/44')
    await page.getByRole('button', { name: 'cart' }).click()
    const state = page.getByRole('status').filter({ hasText: 'your cart' })
    await state.waitFor()
    expect(await page.locator('section li').count()).toBe(6)

    await edit('pages/products/[id].tsx', 'RELATED = 6', 'RELATED = 4')
    await page.waitForFunction(() => document.querySelectorAll('section li').length === 4)

    expect(await state.isVisible()).toBe(true)
    expect(documents).toEqual(['/products/44'])
    expect(problems).toEqual([])
    await page.close()
  }, 60_000)

  it('sells, guards and prices as the built one does', async () => {
    const { page } = await openPage('/products/45')
    await page.getByRole('button', { name: 'cart' }).click()
    await page.getByRole('status').getByRole('link', { name: 'your cart' }).click()
    await heading(page, 'Cart')
    await page.locator('output', { hasText: '1' }).waitFor()
    await page.reload()
    await page.locator('output', { hasText: '1' }).waitFor()

    for (const url of ['/admin', '/_data/admin.json', '/_data/account.json'])
      expect((await fetch(shop.url + url, { redirect: 'manual' })).status).toBe(303)

    await page.goto('/login')
    await page.getByLabel('Name').fill('admin')
    await page.getByLabel('Password').fill('postmaster')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('**/account')
    await page.goto('/admin?q=45')
    await page.getByRole('textbox', { name: /^Price of/ }).fill('66.60')
    await page.getByRole('button', { name: 'Set price' }).click()
    await page.getByRole('status').filter({ hasText: '€66.60' }).waitFor()
    await page.goto('/products/45')
    expect(await page.getByTestId('price').innerText()).toBe('€66.60')
    await page.close()
  }, 60_000)

  it('shows a page that has been added while the server runs', async () => {
    await writeFile(join(folder, 'pages/imprint.tsx'), 'export default () => <h1>Imprint</h1>\n')
    const started = Date.now()
    let status = 404
    while (status !== 200 && Date.now() - started < 10_000) {
      const answer = await fetch(`${shop.url}/imprint`)
      status = answer.status
      if (status === 200) expect(await answer.text()).toContain('Imprint')
      else await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(status).toBe(200)
  }, 20_000)
})
