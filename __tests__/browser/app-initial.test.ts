import { jest } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../support/chromium.js'
import { makeProject, removeProjects, startBuilt, type RunningApp } from '../support/project.js'

jest.setTimeout(90_000)

const files = {
  'pages/_app.jsx': `
import { useRouter } from 'pagepress/react'
export default function App({ Component, pageProps, side }) {
  const router = useRouter()
  if (typeof window !== 'undefined') {
    window.router = router
    ;(window.ready ??= []).push([router.isReady, router.asPath, side])
  }
  return <Component {...pageProps} />
}
App.getInitialProps = () => ({ side: typeof window === 'undefined' ? 'server' : 'browser' })
`,
  'pages/index.jsx': `
import { Link } from 'pagepress/react'
export default () => (
  <main>
    <h1>home</h1>
    <Link href="/other?a=1" id="plain">plain</Link> <Link href="/other?a=2" id="moving" viewTransition>moving</Link>
  </main>
)
`,
  'pages/other.jsx': `
import { useRouter } from 'pagepress/react'
export default () => <h1>other {useRouter().query.a}</h1>
`,
  'pages/own.jsx': `
export const getClientProps = async ({ query, serverProps }) =>
  ({ props: query.ask ? await serverProps() : { by: 'browser' } })
export const getServerSideProps = () => ({ props: { by: 'server' } })
export default ({ by }) => <h1>own by {by}</h1>
`,
}

let browser: Browser
let app: RunningApp

beforeAll(async () => {
  const project = await makeProject(files)
  app = await startBuilt(project)
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await app?.stop()
  await removeProjects()
})

async function open(path: string) {
  const page = await browser.newPage()
  const problems: string[] = []
  page.on('console', (message) => problems.push(message.text()))
  page.on('pageerror', (error) => problems.push(error.message))
  await page.goto(app.url + path)
  await page.waitForSelector('[id$="-route-announcer__"]', { state: 'attached' })
  return { page, problems }
}

describe('a site whose `_app` has getInitialProps', () => {
  it('is ready at once on every page, whatever the search [9.07]', async () => {
    const { page, problems } = await open('/other?a=7')
    expect(await page.textContent('h1')).toBe('other 7')
    const states = await page.evaluate(() => (window as any).ready as unknown[])
    for (const state of states) expect(state).toEqual([true, '/other?a=7', 'server'])
    await page.evaluate(() => (window as any).router.push('/'))
    await page.getByRole('heading', { name: 'home' }).waitFor()
    expect(await page.evaluate(() => (window as any).ready.at(-1))).toEqual([true, '/', 'browser'])
    expect(problems).toEqual([])
    await page.close()
  })
})

describe('what such an `_app` has beside the page’s props', () => {
  it('stays as it was where the server is not asked, and is the server’s where it is', async () => {
    const { page } = await open('/')
    const push = (url: string, options: object = {}) =>
      page.evaluate(([to, how]) => (window as any).router.push(to, undefined, how) as Promise<unknown>, [
        url,
        options,
      ] as const)
    const shown = async () => [
      await page.textContent('h1'),
      await page.evaluate(() => (window as any).ready.at(-1).at(-1) as unknown),
    ]
    await push('/other?a=1')
    expect(await shown()).toEqual(['other 1', 'browser'])
    await push('/own')
    expect(await shown()).toEqual(['own by browser', 'browser'])
    await push('/own?ask=1')
    expect(await shown()).toEqual(['own by server', 'server'])
    await push('/other?a=2', { data: false })
    expect(await shown()).toEqual(['other 2', 'server'])
    await push('/own', { data: false })
    expect(await shown()).toEqual(['own by ', 'server'])
    await page.close()
  })
})

describe('a link with `viewTransition`', () => {
  it('shows the change as one, and a link without does not', async () => {
    for (const [id, count, text] of [
      ['plain', 0, 'other 1'],
      ['moving', 1, 'other 2'],
    ] as const) {
      const { page, problems } = await open('/')
      await page.evaluate(() => {
        const start = document.startViewTransition.bind(document)
        ;(window as any).transitions = 0
        document.startViewTransition = ((change: () => void) => {
          ;(window as any).transitions++
          return start(change)
        }) as typeof start
      })
      await page.click(`#${id}`)
      await page.getByRole('heading', { name: text }).waitFor()
      expect(await page.evaluate(() => (window as any).transitions as number)).toBe(count)
      expect(problems).toEqual([])
      await page.close()
    }
  })
})

describe('a push to another site', () => {
  it('never settles: the document is on its way out [9.22]', async () => {
    const { page } = await open('/')
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    await page.route('https://other.example/**', async (route) => {
      await held
      await route.fulfill({ body: '<h1>elsewhere</h1>', contentType: 'text/html' })
    })
    const settled = await page.evaluate(() => {
      const pushed = (window as any).router.push('https://other.example/x').finally(() => 'settled')
      return Promise.race([pushed, new Promise((resolve) => setTimeout(resolve, 300, 'still waiting'))])
    })
    expect(settled).toBe('still waiting')
    release()
    await page.getByRole('heading', { name: 'elsewhere' }).waitFor()
    await page.close()
  })
})
