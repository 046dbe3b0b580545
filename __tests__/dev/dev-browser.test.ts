import { jest } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../support/chromium.js'
import { openDevPage, settled } from '../support/dev-page.js'
import {
  expressProgram,
  makeProject,
  removeProjects,
  startApp,
  type Project,
  type RunningApp,
} from '../support/project.js'

jest.setTimeout(60_000)

let project: Project
let app: RunningApp
let browser: Browser

beforeAll(async () => {
  project = await makeProject({
    'styles/global.css': 'body { margin: 0; color: rgb(1, 2, 3) }\n',
    'lib/words.ts': "export const words = 'server words 1'\n",
    'components/badge.module.css': '.badge { padding: 1px }\n',
    'components/badge.tsx': `import styles from './badge.module.css'
export function Badge() { return <b id="badge" className={styles.badge}>badge A</b> }\n`,
    'pages/_app.tsx': `import '../styles/global.css'
export default function App({ Component, pageProps }: any) { return <Component {...pageProps} /> }\n`,
    'pages/_document.tsx': `import { Html, Head, Main, Scripts } from 'pagepress/document'
export default function Document() { return <Html lang="en"><Head /><body data-version="1"><Main /><Scripts /></body></Html> }\n`,
    'pages/index.tsx': `import { useState } from 'react'
import { Badge } from '../components/badge'
import { words } from '../lib/words'
export async function getServerSideProps() { return { props: { data: 'data 1, ' + words } } }
export default function Home({ data }: { data: string }) {
  const [count, setCount] = useState(0)
  return <main style={{ height: 3000 }}>
    <h1>Title A</h1><p id="data">{data}</p>
    <button onClick={() => setCount(count + 1)}>count {count}</button><Badge />
  </main>
}\n`,
    'pages/other.tsx': `import { Link } from 'pagepress/react'
export default function Other() { return <><h1>Other</h1><Link href="/failing">to failing</Link></> }\n`,
    'pages/failing.tsx': `export const getServerSideProps = () => ({ props: {} })\nexport default function Failing() { return <h1>Failing</h1> }\n`,
  })
  app = await startApp(project, expressProgram({ options: '{ fallthrough: false }', mount: "'/shop'" }), {
    NODE_ENV: 'development',
  })
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await removeProjects()
})

/** A page that has hydrated and that listens for edits. */
async function open(path: string): Promise<{ page: Page; documents: string[]; problems: string[] }> {
  const documents: string[] = []
  const problems: string[] = []
  const page = await openDevPage(browser, `${app.url}/shop${path}`, (opened) => {
    opened.on('request', (request) => {
      if (request.isNavigationRequest()) documents.push(new URL(request.url()).pathname)
    })
    opened.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
    })
    opened.on('pageerror', (error) => problems.push(error.message))
  })
  return { page, documents, problems }
}

const text = (page: Page, content: string) => page.getByText(content, { exact: false }).first().waitFor()

/** Does what makes the browser load the page anew, and waits until it has. */
async function reloadedBy(page: Page, edit: () => Promise<void>): Promise<void> {
  const isLoaded = page.waitForEvent('load')
  await edit()
  await isLoaded
  await settled(page)
}

/** Counts up to two, which is state that a reload would lose. */
async function countToTwo(page: Page): Promise<void> {
  await page.getByRole('button').click()
  await text(page, 'count 1')
  await page.getByRole('button').click()
  await text(page, 'count 2')
}

describe('an open browser', () => {
  it('shows the edit of a component and keeps its state, without a reload [17.03]', async () => {
    const { page, documents, problems } = await open('')
    const other = await open('/other')
    const origin = await page.evaluate(() => performance.timeOrigin)
    const originOfOther = await other.page.evaluate(() => performance.timeOrigin)
    await countToTwo(page)
    await project.edit('pages/index.tsx', 'Title A', 'Title B')
    await text(page, 'Title B')
    await project.edit('components/badge.tsx', 'badge A', 'badge B')
    await text(page, 'badge B')
    await text(page, 'count 2')
    expect(await page.evaluate(() => performance.timeOrigin)).toBe(origin)
    expect(await other.page.evaluate(() => performance.timeOrigin)).toBe(originOfOther)
    expect(documents).toEqual(['/shop'])
    expect(problems).toEqual([])
    await page.close()
    await other.page.close()
  })

  it('fetches data anew when only a data function or a module of the server changed; state and scroll stay [17.06]', async () => {
    const { page, documents } = await open('')
    await countToTwo(page)
    await page.evaluate(() => scrollTo(0, 700))
    await project.edit('pages/index.tsx', 'data 1', 'data 2')
    await text(page, 'data 2, server words 1')
    await project.edit('lib/words.ts', 'words 1', 'words 2')
    await text(page, 'data 2, server words 2')
    await text(page, 'count 2')
    expect(await page.evaluate(() => scrollY)).toBe(700)
    expect(documents).toEqual(['/shop'])
    await page.close()
  })

  it('shows edits of styles without a reload, and has them before any script runs [17.15]', async () => {
    const { page, documents } = await open('')
    await countToTwo(page)
    await project.edit('styles/global.css', 'rgb(1, 2, 3)', 'rgb(4, 5, 6)')
    await page.waitForFunction(() => getComputedStyle(document.body).color === 'rgb(4, 5, 6)')
    await project.edit('components/badge.module.css', '1px', '9px')
    await page.waitForFunction(() => getComputedStyle(document.querySelector('#badge')!).padding === '9px')
    await project.edit('pages/index.tsx', 'Title B', 'Заголовок 見出し')
    await text(page, 'Заголовок 見出し')
    await text(page, 'count 2')
    expect(documents).toEqual(['/shop'])
    expect(await page.locator('style[data-vite-dev-id$="global.css"]').count()).toBe(1)

    const still = await browser.newPage({ javaScriptEnabled: false })
    await still.goto(`${app.url}/shop`)
    const color = await still.locator('body').evaluate((body) => getComputedStyle(body).color)
    expect(color).toBe('rgb(4, 5, 6)')
    await still.close()
    await page.close()
  })

  it('shows a syntax error with file and frame, and clears it when it is mended, without a reload [17.07]', async () => {
    const { page } = await open('/other')
    await project.edit('pages/other.tsx', '<h1>', '<h1')
    const overlay = page.locator('vite-error-overlay')
    await overlay.waitFor()
    const shown = await overlay.evaluate((element) => element.shadowRoot?.textContent ?? '')
    expect(shown).toContain('pages/other.tsx')
    expect(shown).toMatch(/<h1Other/)
    const answer = await fetch(`${app.url}/shop/other`)
    expect(answer.status).toBe(500)
    expect(await answer.text()).toContain('pages/other.tsx')
    await project.edit('pages/other.tsx', '<h1', '<h1>')
    await overlay.waitFor({ state: 'detached' })
    await text(page, 'Other')
    await page.close()
  })

  it.each([
    ['a component', 'export default function Frail() {\n  onlyOnServer()\n  return <h1>Frail</h1>\n}\n'],
    ['a module', 'onlyOnServer()\nexport default function Frail() {\n  return <h1>Frail</h1>\n}\n'],
  ])(
    'shows what fails in %s in the browser alone, and the page when it is mended [17.08]',
    async (_, code) => {
      await project.write(
        'pages/frail.tsx',
        `const onlyOnServer = () => typeof window === 'undefined' || gone.now()\n${code}`,
      )
      const page = await browser.newPage()
      await page.goto(`${app.url}/shop/frail`)
      const overlay = page.locator('vite-error-overlay')
      await overlay.waitFor()
      const shown = await overlay.evaluate((element) => element.shadowRoot?.textContent ?? '')
      expect(shown.match(/ReferenceError: gone is not defined/g)).toHaveLength(1)
      expect(shown).toContain('pages/frail.tsx')
      await project.edit('pages/frail.tsx', 'gone.now()', 'true')
      await overlay.waitFor({ state: 'detached' })
      await page.getByRole('heading', { name: 'Frail' }).waitFor()
      await page.locator('[id$="-route-announcer__"]').waitFor({ state: 'attached' })
      await page.close()
    },
  )

  it('has data after a click on a page that an edit gave a data function', async () => {
    const { page } = await open('/other')
    const visitFailing = async (heading: string) => {
      await page.getByRole('link').click()
      await page.getByRole('heading', { name: heading }).waitFor()
      await page.goBack()
      await page.getByRole('heading', { name: 'Other' }).waitFor()
    }
    const component = (heading: string) =>
      `export default function Failing() { return <h1>${heading}</h1> }\n`
    await visitFailing('Failing')
    await reloadedBy(page, () => project.write('pages/failing.tsx', component('Without')))
    await visitFailing('Without')
    const withData = `export const getServerSideProps = () => ({ props: {} })\n${component('Failing')}`
    await reloadedBy(page, () => project.write('pages/failing.tsx', withData))
    const data = page.waitForRequest(/_data\/failing\.json/)
    await visitFailing('Failing')
    await data
    await page.close()
  })

  it('hears nothing of a page that does not parse while it shows another', async () => {
    await project.write('pages/broken.tsx', 'export default () => <p>mended</b>\n')
    const { page, problems } = await open('')
    await countToTwo(page)
    expect(await page.locator('vite-error-overlay').count()).toBe(0)
    expect(problems).toEqual([])
    const broken = await open('/broken')
    await text(broken.page, 'pages/broken.tsx:1:')
    await project.edit('pages/broken.tsx', '</b>', '</p>')
    await text(broken.page, 'mended')
    await broken.page.close()
    await page.close()
  })

  it('shows a failing data function where it is asked for, and the page when it is mended', async () => {
    await project.edit('pages/failing.tsx', '({ props: {} })', "{ throw new Error('no stock today') }")
    const { page } = await open('/failing')
    await text(page, 'no stock today')
    await project.edit('pages/failing.tsx', "{ throw new Error('no stock today') }", '({ props: {} })')
    await page.getByRole('heading', { name: 'Failing' }).waitFor()
    await page.close()
  })

  it('shows a page that was added while it saw the 404 page, loses it, and has it back [17.11]', async () => {
    const { page } = await open('/added')
    await text(page, '404')
    for (const content of ['added first', 'added again']) {
      await project.write('pages/added.tsx', `export default () => <p>${content}</p>`)
      await text(page, content)
      await project.remove('pages/added.tsx')
      await text(page, '404')
    }
    await project.write('pages/[slug].tsx', 'export default () => <p>any slug</p>')
    await text(page, 'any slug')
    await project.remove('pages/[slug].tsx')
    await page.close()
  })

  it('shows edits of `_app`, and of `_document` by loading anew [17.19]', async () => {
    const { page } = await open('/other')
    await project.edit(
      'pages/_app.tsx',
      '<Component {...pageProps} />',
      '<><i>frame</i><Component {...pageProps} /></>',
    )
    await text(page, 'frame')
    await project.edit('pages/_document.tsx', 'data-version="1"', 'data-version="2"')
    await page.locator('body[data-version="2"]').waitFor()
    await page.close()
  })

  it('finds its way back when the server was started again [17.13]', async () => {
    const { page } = await open('/other')
    const { port } = new URL(app.url)
    await app.stop()
    await project.edit('pages/other.tsx', 'Other<', 'Other anew<')
    const program = expressProgram({ options: '{ fallthrough: false }', mount: "'/shop'" }).replace(
      'listen(0',
      `listen(${port}`,
    )
    app = await startApp(project, program, { NODE_ENV: 'development' })
    await text(page, 'Other anew')
    await page.close()
  })
})
