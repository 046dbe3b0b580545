import { jest } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { articleFiles, expectKept, expectReloaded, expectShownAgain } from '../support/article-site.js'
import { launchChromium } from '../support/chromium.js'
import { expressProgram, makeProject, removeProjects, startApp, type RunningApp } from '../support/project.js'

jest.setTimeout(60_000)

let app: RunningApp
let browser: Browser
beforeAll(async () => {
  app = await startApp(await makeProject(articleFiles), expressProgram(), { NODE_ENV: 'development' })
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await removeProjects()
})

describe('a page with `serverOnly` in development', () => {
  it('comes to life and keeps the HTML of the server, without a word in the console', () =>
    expectKept(browser, app.url))

  it('is shown by a link, when the visitor comes back, and when its data is loaded anew', async () => {
    await expectShownAgain(browser, app.url)
    await expectReloaded(browser, app.url)
  })
})
