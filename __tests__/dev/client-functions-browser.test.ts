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
    'pages/index.tsx': `import { Link } from 'pagepress/react'
export default function Home() { return <><h1>Home</h1><Link href="/own?n=1">to own</Link><Link href="/later" id="to-later">to later</Link></> }\n`,
    'pages/own.tsx': `import { useState } from 'react'
import { Link } from 'pagepress/react'
import type { GetClientProps, ShouldRefetch } from 'pagepress'
export const shouldRefetch: ShouldRefetch = ({ to }) => !to.searchParams.has('keep')
export const getClientProps: GetClientProps = async ({ query }) => {
  return { props: { text: 'browser 1, ' + query['n'] } }
}
export const getServerSideProps = () => ({ props: { text: 'server 1' } })
export default function Own({ text }: { text: string }) {
  const [count, setCount] = useState(0)
  return <main>
    <h1>Own A</h1><p id="text">{text}</p><button onClick={() => setCount(count + 1)}>count {count}</button>
    <Link href="/own?n=2" id="two">two</Link><Link href="/own?n=3&keep" id="keep">keep</Link>
    <Link href="/own?n=4" id="four">four</Link>
  </main>
}\n`,
    'pages/later.tsx': `export const getServerSideProps = () => ({ props: { text: 'server' } })
export default function Later({ text }: { text: string }) { return <h1>later {text}</h1> }\n`,
    'pages/alone.tsx':
      'export const getClientProps = () => ({ props: {} })\nexport default function Alone() { return null }\n',
  })
  app = await startApp(project, expressProgram(), { NODE_ENV: 'development' })
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await removeProjects()
})

/** A page that listens for edits. */
async function open(path: string): Promise<{ page: Page; data: string[] }> {
  const data: string[] = []
  const page = await openDevPage(browser, app.url + path, (opened) => {
    opened.on('request', (request) => {
      if (request.url().includes('/_data/')) data.push(request.url().replace(app.url, ''))
    })
  })
  return { page, data }
}

const text = (page: Page, content: string) => page.getByText(content, { exact: true }).first().waitFor()

describe('in development', () => {
  it('a page decides about its data, and an edit of how takes effect and keeps its state', async () => {
    const { page, data } = await open('/')
    const origin = await page.evaluate(() => performance.timeOrigin)
    await page.click('a[href="/own?n=1"]')
    await text(page, 'browser 1, 1')
    await page.getByRole('button').click()
    await text(page, 'count 1')
    await page.click('#two')
    await text(page, 'browser 1, 2')
    await page.click('#keep')
    await page.waitForFunction(() => location.search === '?n=3&keep')
    await text(page, 'browser 1, 2')

    // An edit beside the functions, then one of each.
    await project.edit('pages/own.tsx', 'Own A', 'Own B')
    await text(page, 'Own B')
    await project.edit('pages/own.tsx', 'browser 1', 'browser 2')
    for (let tries = 0; (await page.textContent('#text')) !== 'browser 2, 4' && tries < 100; tries++) {
      await page.click(tries % 2 ? '#two' : '#four')
      await page.waitForTimeout(50)
    }
    await text(page, 'browser 2, 4')
    await project.edit('pages/own.tsx', '=> !to.searchParams', '=> to.searchParams')
    for (let tries = 0; (await page.textContent('#text')) !== 'browser 2, 3' && tries < 100; tries++) {
      await page.click(tries % 2 ? '#two' : '#keep')
      await page.waitForTimeout(50)
    }
    await text(page, 'browser 2, 3')

    await text(page, 'count 1')
    expect(await page.evaluate(() => performance.timeOrigin)).toBe(origin)
    expect(data).toEqual([])
    await page.close()
  })

  it('a page that an edit gave such a function is used with it', async () => {
    const { page } = await open('/')
    const isLoaded = page.waitForEvent('load')
    await project.edit(
      'pages/later.tsx',
      'export default',
      "export const getClientProps = () => ({ props: { text: 'browser' } })\nexport default",
    )
    await isLoaded
    await settled(page)
    await page.click('#to-later')
    await text(page, 'later browser')
    await page.close()
  })

  it('a page with `getClientProps` alone is an error that says what is missing', async () => {
    const answer = await fetch(`${app.url}/alone`)
    expect(answer.status).toBe(500)
    expect((await answer.text()).replaceAll('&#x60;', '`')).toContain(
      '`pages/alone.tsx` exports `getClientProps` but neither `getServerSideProps` nor `getStaticProps`',
    )
  })
})
