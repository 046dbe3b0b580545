import { jest } from '@jest/globals'
import type { Browser } from 'playwright-core'
import {
  articleFiles,
  articleHtml,
  expectKept,
  expectReloaded,
  expectShownAgain,
  openArticle,
  shownUrl,
} from '../support/article-site.js'
import { launchChromium } from '../support/chromium.js'
import { readPayload } from '../support/page-data.js'
import { makeProject, removeProjects, startBuilt, type RunningApp } from '../support/project.js'

jest.setTimeout(60_000)

let app: RunningApp
let browser: Browser
beforeAll(async () => {
  app = await startBuilt(await makeProject(articleFiles))
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await removeProjects()
})

describe('a built page with `serverOnly`', () => {
  it('has its HTML once in the document, and all of its data in the JSON', async () => {
    for (const [path, id] of [
      ['/article/one', 'one'],
      ['/static', 'static'],
    ] as const) {
      const html = await (await fetch(app.url + path)).text()
      expect(html.split(`text of ${id}`)).toHaveLength(2)
      expect(readPayload(html)).toMatchObject({ isPartial: true })
      expect(readPayload(html).props).toEqual({ pageProps: { id } })
      const data = (await (await fetch(`${app.url}/_data${path}.json`)).json()) as { pageProps: object }
      expect(data.pageProps).toEqual({ id, html: expect.stringContaining(`text of ${id}`) })
    }
  })

  it('keeps the HTML of the server through renders, and changes of the hash and shallow ones', () =>
    expectKept(browser, app.url))

  it('is shown by a link, and again when the visitor comes back to it', () =>
    expectShownAgain(browser, app.url))

  it('shows the HTML of data that is loaded anew', () => expectReloaded(browser, app.url))

  it('is shown again from the entries that changes of its hash have made', async () => {
    const { page, problems } = await openArticle(browser, `${app.url}/static`)
    await page.evaluate(() => (location.hash = '#there'))
    await shownUrl(page, '/static#there')
    await articleHtml(page, 'static')
    await page.click('#two')
    await articleHtml(page, 'two')
    await page.goBack()
    await shownUrl(page, '/static#there')
    await articleHtml(page, 'static')
    await page.goBack()
    await shownUrl(page, '/static')
    await articleHtml(page, 'static')
    expect(problems).toEqual([])
    await page.close()
  })

  it('leaves nothing of its HTML on the next page, which has none', async () => {
    const { page, problems } = await openArticle(browser, `${app.url}/article/one`)
    await page.click('#none')
    await page.getByRole('heading', { name: 'none' }).waitFor()
    expect(await page.locator('article').innerHTML()).toBe('')
    expect(problems).toEqual([])
    await page.close()
  })

  it('gets its data when the element is made anew', async () => {
    const { page, problems, asked } = await openArticle(browser, `${app.url}/article/one`)
    await page.click('#toggle')
    await page.locator('article').waitFor({ state: 'detached' })
    expect(asked()).toEqual([])
    for (const _time of [1, 2]) {
      await page.click('#toggle')
      await articleHtml(page, 'one')
      await page.click('#toggle')
    }
    expect([asked(), problems]).toEqual([['/_data/article/one.json'], []])
    await page.close()
  })

  it('gets its data when React gives up what the server has written', async () => {
    const { page, asked } = await openArticle(browser, `${app.url}/unlike`)
    await page.getByRole('heading', { name: 'browser' }).waitFor()
    await page.getByText('text of unlike').waitFor()
    expect(asked()).toEqual(['/_data/unlike.json'])
    await page.close()
  })

  it('asks for no data where a page truly has no HTML', async () => {
    const { page, problems, asked } = await openArticle(browser, `${app.url}/article/none`)
    await page.click('#toggle')
    await page.click('#toggle')
    await page.locator('article').waitFor({ state: 'attached' })
    await page.click('#two')
    await articleHtml(page, 'two')
    expect([asked(), problems]).toEqual([['/_data/article/two.json'], []])
    await page.close()
  })
})
