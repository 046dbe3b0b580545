import { jest } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../support/chromium.js'
import {
  expressProgram,
  makeProject,
  removeProjects,
  startBuilt,
  type RunningApp,
} from '../support/project.js'

jest.setTimeout(60_000)

let app: RunningApp
let browser: Browser

beforeAll(async () => {
  const page = (title: string) => `
import { Link, useRouter } from 'pagepress/react'
export default function Page() {
  const router = useRouter()
  return (
    <>
      <h1>${title}</h1>
      <p id="path">{router.asPath}</p>
      <Link id="about" href="/about">about</Link> <Link id="file" href="/x.world?a=1">file</Link>
      <button onClick={() => void router.push('/?b=2#c')}>home</button>
    </>
  )
}`
  const project = await makeProject({
    'pagepress.config.js': 'export default { trailingSlash: true }',
    'pages/index.jsx': page('Home'),
    'pages/about.jsx': page('About'),
    'pages/[name].jsx': page('Named'),
  })
  app = await startBuilt(project, expressProgram({ mount: "'/shop'" }))
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await removeProjects()
})

it('trailingSlash shows in links, in the address bar and in router.asPath, from the first HTML on [1.40]', async () => {
  const html = await (await fetch(`${app.url}/shop/`)).text()
  expect(html).toContain('href="/shop/about/"')
  expect(html).toContain('href="/shop/x.world?a=1"')
  const page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(8_000)
  const documents: string[] = []
  page.on('request', (request) => {
    if (request.resourceType() === 'document') documents.push(request.url())
  })
  const visible = async (title: string) => {
    await page.locator('h1', { hasText: title }).waitFor()
    return [new URL(page.url()).href.slice(app.url.length), await page.locator('#path').textContent()]
  }

  await page.goto(`${app.url}/shop/about/`)
  expect(await visible('About')).toEqual(['/shop/about/', '/about/'])
  await page.getByText('home').click()
  expect(await visible('Home')).toEqual(['/shop/?b=2#c', '/?b=2#c'])
  await page.click('#about')
  expect(await visible('About')).toEqual(['/shop/about/', '/about/'])
  await page.click('#file')
  expect(await visible('Named')).toEqual(['/shop/x.world?a=1', '/x.world?a=1'])
  expect(documents).toEqual([`${app.url}/shop/about/`])
})
