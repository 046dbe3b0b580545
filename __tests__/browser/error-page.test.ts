import { jest } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../support/chromium.js'
import {
  expressProgram,
  makeProject,
  removeProjects,
  startBuilt,
  type RunningApp,
} from '../support/project.js'

jest.setTimeout(90_000)

const files = {
  'pages/index.jsx': `
import { Link } from 'pagepress/react'
export default function Home() {
  return (
    <main>
      <h1>home</h1>
      <Link href="/gone/1" id="gone">gone</Link> <Link href="/throws" id="throws">throws</Link>
    </main>
  )
}
`,
  'pages/gone/[id].jsx': `
export default () => null
export const getStaticPaths = () => ({ paths: [], fallback: 'blocking' })
export const getStaticProps = () => ({ notFound: true, revalidate: 1 })
`,
  'pages/breaks.jsx': `
export default () => null
export function getServerSideProps() { throw new Error('secret') }
`,
  'pages/throws.jsx': `
export default function Throws() {
  if (typeof window !== 'undefined') throw new Error('in the browser')
  return null
}
`,
  'pages/own.jsx': `
import { ErrorPage } from 'pagepress/react'
export default () => <ErrorPage statusCode={410} title="Gone for good" withDarkMode={false} />
`,
}

const POLICY = `default-src 'self'; script-src 'self'`

let browser: Browser
let app: RunningApp

beforeAll(async () => {
  const project = await makeProject(files)
  const options = '{ fallthrough: false, onError() {} }'
  const program = expressProgram({ options, mount: "'/shop'" }).replace(
    'const site',
    `app.use((req, res, next) => (res.set('Content-Security-Policy', ${JSON.stringify(POLICY)}), next()))\nconst site`,
  )
  app = await startBuilt(project, program)
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await app?.stop()
  await removeProjects()
})

/** Opens a page below the mount; its console holds nothing but that the document's status is an error's. */
async function open(path: string, colorScheme: 'light' | 'dark' = 'light') {
  const page = await browser.newPage({ colorScheme })
  const problems: string[] = []
  page.on('console', (message) => {
    if (!/status of (404|500)/.test(message.text())) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  await page.goto(`${app.url}/shop${path}`)
  // Hydrated: the announcer is put in place after that.
  await page.waitForSelector('[id$="-route-announcer__"]', { state: 'attached' })
  return { page, problems }
}

/** How the error page looks: colours, and whether its text stands in the middle of the window. */
function lookOf(page: Page) {
  return page.evaluate(() => {
    const main = document.querySelector('.pagepress-error')!
    const { color, backgroundColor } = getComputedStyle(main)
    const box = main.firstElementChild!.getBoundingClientRect()
    const isCentred =
      Math.abs(box.left + box.right - innerWidth) < 4 && Math.abs(box.top + box.bottom - innerHeight) < 4
    const inline = document.querySelectorAll('style, #__page [style]').length
    return { color, backgroundColor, isCentred, inline }
  })
}

const LIGHT = { color: 'rgb(28, 32, 36)', backgroundColor: 'rgb(252, 252, 253)', isCentred: true, inline: 0 }
const DARK = { ...LIGHT, color: 'rgb(237, 238, 240)', backgroundColor: 'rgb(17, 17, 19)' }

describe('the built-in error page under a strict Content-Security-Policy', () => {
  it.each([
    ['/nowhere', '404', 'This page could not be found'],
    ['/breaks', '500', 'Internal Server Error'],
  ])('at %s is styled, hydrates, and complains of nothing [S77]', async (path, status, text) => {
    const { page, problems } = await open(path)
    expect(await page.textContent('h1')).toBe(status)
    expect(await page.textContent('p')).toBe(text)
    expect(await lookOf(page)).toEqual(LIGHT)
    expect(problems).toEqual([])
    await page.close()
  })

  it('follows a preference for dark pages, unless it is told not to [13.18]', async () => {
    const dark = await open('/nowhere', 'dark')
    expect(await lookOf(dark.page)).toEqual(DARK)
    const told = await open('/own', 'dark')
    expect(await told.page.textContent('p')).toBe('Gone for good')
    expect(await lookOf(told.page)).toEqual(LIGHT)
    for (const { page, problems } of [dark, told]) {
      expect(problems).toEqual([])
      await page.close()
    }
  })

  it('is styled when a navigation in place leads to it, and when a page fails in the browser', async () => {
    for (const [id, text] of [
      ['gone', 'This page could not be found'],
      ['throws', 'Application error: a client-side exception has occurred'],
    ] as const) {
      const { page, problems } = await open('/')
      expect(await page.$$('link[rel=stylesheet]')).toEqual([])
      await page.click(`#${id}`)
      await page.getByText(text, { exact: true }).waitFor()
      expect(await lookOf(page)).toMatchObject({ color: LIGHT.color, isCentred: true })
      expect(problems.filter((problem) => !/in the browser/.test(problem))).toEqual([])
      await page.close()
    }
  })

  it('costs other pages no style sheet', async () => {
    const html = await (await fetch(`${app.url}/shop`)).text()
    expect(html).not.toContain('stylesheet')
  })
})
