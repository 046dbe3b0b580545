import { jest } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../support/chromium.js'
import { openDevPage } from '../support/dev-page.js'
import {
  expressProgram,
  makeProject,
  removeProjects,
  startApp,
  type Project,
  type RunningApp,
} from '../support/project.js'

jest.setTimeout(60_000)

const GOOD = 'return <h1>Good</h1>'
const NONCE = 'bm9uY2U'
/** What Vite and our development need, with the nonce wherever there can be one. */
const POLICY = `default-src 'self'; img-src data:; style-src 'nonce-${NONCE}'; script-src 'self' 'nonce-${NONCE}'; connect-src *`

let project: Project
let app: RunningApp
let browser: Browser

beforeAll(async () => {
  project = await makeProject({
    'pages/_document.tsx': `import { Html, Head, Main, Scripts } from 'pagepress/document'
export default function Document() {
  return <Html lang="en"><Head nonce="${NONCE}"><link rel="stylesheet" href="/slow.css" nonce="${NONCE}" /></Head>
    <body data-edit="1"><Main /><Scripts nonce="${NONCE}" /></body></Html>
}`,
    'public/slow.css': 'h1 { background: rgb(9, 9, 9) }',
    'pages/index.tsx': `import Link from 'next/link'
import styles from './index.module.css'
export default function Home() { return <><h1 className={styles.home}>Home</h1><Link href="/other">to other</Link></> }`,
    'pages/index.module.css': '.home { color: rgb(1, 2, 3) }',
    'pages/other.tsx': `import styles from './other.module.css'
export default function Other() { return <h1 className={styles.other}>Other</h1> }`,
    'pages/other.module.css': '.other { color: rgb(4, 5, 6) }',
    'pages/function.tsx': `export default function Page(): any { ${GOOD} }\n`,
    'pages/class.tsx': `import { Component } from 'react'
export default class Page extends Component { render(): any { ${GOOD} } }\n`,
    'pages/still.tsx':
      'export const config = { hydrate: false }\nexport default function Still() { return <h1>Still</h1> }\n',
  })
  const program = expressProgram().replace(
    "app.use('/', site)",
    `app.use((req, res, next) => { if (req.query.csp !== undefined) res.setHeader('Content-Security-Policy', ${JSON.stringify(POLICY)}); next() })\napp.use('/', site)`,
  )
  app = await startApp(project, program, { NODE_ENV: 'development' })
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await removeProjects()
})

async function open(path: string): Promise<{ page: Page; problems: string[] }> {
  const problems: string[] = []
  const page = await openDevPage(browser, app.url + path, (opened) => {
    opened.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
    })
  })
  return { page, problems }
}

const styleOf = (page: Page, selector: string) =>
  page.$eval(selector, (element) => {
    const { display, color } = getComputedStyle(element)
    return { display, color }
  })

describe('a page in development', () => {
  it('is hidden until its styles are there, and has nothing of that afterwards [8.12]', async () => {
    const html = await (await fetch(app.url)).text()
    const [, guard, override] =
      /<style nonce="\w+" data-pagepress-guard="">(.*?)<\/style><noscript data-pagepress-guard=""><style nonce="\w+">(.*?)<\/style><\/noscript>/.exec(
        html,
      ) ?? []
    expect([guard, override]).toEqual(['body{display:none}', 'body{display:block}'])

    const page = await browser.newPage()
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    await page.route('**/slow.css', async (route) => {
      await held
      await route.continue()
    })
    await page.goto(app.url, { waitUntil: 'commit' })
    await page.locator('h1').waitFor({ state: 'attached' })
    await page.waitForTimeout(300)
    expect(await styleOf(page, 'body')).toMatchObject({ display: 'none' })
    // Looks at the page as soon as it is shown.
    const seen = page.evaluate(
      () =>
        new Promise<string[]>((resolve) => {
          const look = () => {
            if (getComputedStyle(document.body).display === 'none') return void requestAnimationFrame(look)
            const { color, backgroundColor } = getComputedStyle(document.querySelector('h1')!)
            resolve([color, backgroundColor])
          }
          look()
        }),
    )
    release()
    expect(await seen).toEqual(['rgb(1, 2, 3)', 'rgb(9, 9, 9)'])
    expect(await page.locator('[data-pagepress-guard]').count()).toBe(0)
    await page.close()
  })

  it('is shown without JavaScript, and when it has none [8.12]', async () => {
    const bare = await browser.newContext({ javaScriptEnabled: false })
    const page = await bare.newPage()
    await page.goto(app.url)
    expect(await page.locator('h1').isVisible()).toBe(true)
    await bare.close()
    const still = await browser.newPage()
    await still.goto(`${app.url}/still`)
    expect(await still.locator('h1').isVisible()).toBe(true)
    await still.close()
  })

  it('is styled under a policy that asks for the nonce, the next one, too [8.11]', async () => {
    const { page, problems } = await open('/?csp')
    expect(await styleOf(page, 'h1')).toMatchObject({ color: 'rgb(1, 2, 3)' })
    await page.getByRole('link').click()
    await page.getByRole('heading', { name: 'Other' }).waitFor()
    await page.waitForFunction(() => getComputedStyle(document.querySelector('h1')!).color === 'rgb(4, 5, 6)')
    expect(problems.filter((problem) => /style/.test(problem))).toEqual([])
    await page.close()
  })

  it('follows edits of `_document` by loading anew [8.26]', async () => {
    const { page } = await open('/')
    await project.edit('pages/_document.tsx', 'data-edit="1"', 'data-edit="2"')
    await page.locator('body[data-edit="2"]').waitFor()
    await page.close()
  })
})

describe.each(['function', 'class'])('a %s that is a page', (kind) => {
  it.each([
    ['a promise', 'return Promise.resolve(<h1>Late</h1>)', 'a promise is not valid as a React child'],
    ['undefined', 'return undefined', 'nothing was returned from render'],
    ['a regular expression', 'return /x/', 'Objects are not valid as a React child'],
  ])(
    'and returns %s is shown as an error, and recovers when it is edited [8.39]',
    async (_what, bad, text) => {
      const file = `pages/${kind}.tsx`
      const { page } = await open(`/${kind}`)
      await page.getByRole('heading', { name: 'Good' }).waitFor()
      await project.edit(file, GOOD, bad)
      await page.locator('p.kind').waitFor()
      expect(await page.textContent('body')).toContain(text)
      const answer = await fetch(`${app.url}/${kind}`)
      expect([answer.status, await answer.text()]).toEqual([500, expect.stringContaining(text)])
      await project.edit(file, bad, GOOD)
      await page.getByRole('heading', { name: 'Good' }).waitFor()
      await page.close()
    },
  )
})

describe('the page of an error', () => {
  it('shows an edit that came before it was connected', async () => {
    await project.edit('pages/function.tsx', GOOD, 'throw new Error("early")')
    const isServed = async (status: number) => {
      for (let tries = 0; tries < 200; tries += 1) {
        if ((await fetch(`${app.url}/function`)).status === status) return
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
      throw new Error(`The page is not answered with ${status}.`)
    }
    await isServed(500)
    const page = await browser.newPage()
    page.setDefaultTimeout(15_000)
    let release = (): void => undefined
    const mended = new Promise<void>((resolve) => (release = resolve))
    await page.route('**/@vite/client', async (route) => {
      await mended
      await route.continue()
    })
    await page.goto(`${app.url}/function`, { waitUntil: 'commit' })
    await page.locator('p.kind').waitFor()
    await project.edit('pages/function.tsx', 'throw new Error("early")', GOOD)
    await isServed(200)
    release()
    await page.getByRole('heading', { name: 'Good' }).waitFor()
    await page.close()
  })
})
