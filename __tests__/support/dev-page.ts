import type { Browser, Page } from 'playwright-core'

/**
 * Opens a page of a development server, and waits until it listens for edits and is settled.
 *
 * @param record called before anything is asked for, to listen to the page
 */
export async function openDevPage(
  browser: Browser,
  url: string,
  record: (page: Page) => void,
): Promise<Page> {
  const page = await browser.newPage()
  page.setDefaultTimeout(15_000)
  record(page)
  const isListening = page.waitForEvent('console', (message) => message.text().includes('[vite] connected'))
  await page.goto(url)
  await isListening
  await settled(page)
  return page
}

/** Waits until the page takes clicks, or is one that shows an error. */
export async function settled(page: Page): Promise<void> {
  await page.locator('[id$="-route-announcer__"], p.kind').first().waitFor({ state: 'attached' })
}
