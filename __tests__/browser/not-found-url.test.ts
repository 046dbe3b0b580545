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

jest.setTimeout(90_000)

const files = {
  'pages/index.jsx': 'export default () => <h1>home</h1>',
  'pages/gone/[id].jsx': `
export default () => null
export const getStaticPaths = () => ({ paths: [], fallback: 'blocking' })
export const getStaticProps = () => ({ notFound: true, revalidate: 1 })
`,
  'pages/404.jsx': `
import { useRouter } from 'pagepress/react'
export default function NotFound() {
  const { pathname, asPath, query, isReady } = useRouter()
  const shown = [pathname, asPath, query]
  if (typeof window !== 'undefined') (window.renders ??= []).push([...shown, isReady])
  return <h1>{JSON.stringify(shown)}</h1>
}
`,
}

let browser: Browser
let app: RunningApp

beforeAll(async () => {
  const project = await makeProject(files)
  const program = expressProgram({ options: '{ fallthrough: false }', mount: "'/shop'" })
  app = await startBuilt(project, program)
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await app?.stop()
  await removeProjects()
})

/** What the router said at each render in the browser, and in the HTML. */
async function open(path: string) {
  const page = await browser.newPage()
  const problems: string[] = []
  page.on('console', (message) => {
    if (!message.text().includes('status of 404')) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  const response = await page.goto(`${app.url}/shop${path}`)
  const html = /<h1>(.*)<\/h1>/.exec((await response!.text()).replaceAll('&quot;', '"'))![1]!
  await page.waitForSelector('[id$="-route-announcer__"]', { state: 'attached' })
  await page.waitForLoadState('networkidle')
  const renders = await page.evaluate(() => (window as any).renders as unknown[][])
  await page.close()
  expect(problems).toEqual([])
  return { html: JSON.parse(html) as unknown, renders, last: renders.at(-1) }
}

describe('the router on the 404 page', () => {
  it('has the URL of the address bar from the first render on, which is the server’s [9.06]', async () => {
    for (const [path, query] of [
      ['/nowhere', {}],
      ['/no/where?a=1', { a: '1' }],
    ] as const) {
      const { html, renders } = await open(path)
      expect(html).toEqual(['/404', path, query])
      expect(renders.length).toBeGreaterThan(0)
      for (const render of renders) expect(render).toEqual(['/404', path, query, true])
    }
  })

  it('has the hash when the page has come to life, and never another path [9.06]', async () => {
    const { renders, last } = await open('/nowhere?a=1#there')
    expect(renders[0]).toEqual(['/404', '/nowhere?a=1', { a: '1' }, true])
    expect(last).toEqual(['/404', '/nowhere?a=1#there', { a: '1' }, true])
  })

  it('of a static page’s path gets the query when the page has come to life [9.06]', async () => {
    const { html, renders, last } = await open('/gone/1?a=1')
    expect(html).toEqual(['/404', '/gone/1', {}])
    expect(renders[0]).toEqual(['/404', '/gone/1', {}, false])
    expect(last).toEqual(['/404', '/gone/1?a=1', { a: '1' }, true])
    for (const render of renders) expect(render[1]).toMatch(/^\/gone\/1(\?a=1)?$/)
  })
})
