import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { jest } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../support/chromium.js'
import { expressProgram, makeProject, removeProjects, runCli, startApp } from '../support/project.js'

jest.setTimeout(60_000)

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await removeProjects()
})

const viteConfig = `
const alias = [
  { find: /^react-dom\\/client$/, replacement: 'preact/compat/client' },
  { find: /^react-dom$/, replacement: 'preact/compat' },
  { find: /^react\\/jsx-(dev-)?runtime$/, replacement: 'preact/jsx-runtime' },
  { find: /^react$/, replacement: 'preact/compat' },
]
const preactInBrowsers = {
  name: 'preact-in-browsers',
  enforce: 'pre',
  resolveId(source, importer) {
    if (this.environment.config.consumer !== 'client') return
    const found = alias.find(({ find }) => find.test(source))
    if (found) return this.resolve(found.replacement, importer, { skipSelf: true })
  },
}
export default { plugins: [preactInBrowsers] }
`

describe('preact in the place of React in browsers', () => {
  it('hydrates, keeps state, and navigates', async () => {
    const project = await makeProject({
      'vite.config.mjs': viteConfig,
      'pages/_app.jsx': `
import { useState } from 'react'
import { Head, Link } from 'pagepress/react'
export default function App({ Component, pageProps }) {
  const [count, setCount] = useState(0)
  return (
    <>
      <Head><title>preact</title></Head>
      <button id="count" onClick={() => setCount(count + 1)}>{count}</button>
      <Link href="/" id="home">home</Link> <Link href="/data?x=1" id="data">data</Link>
      <Component {...pageProps} />
    </>
  )
}`,
      'pages/index.jsx': `
import { Head, useRouter } from 'pagepress/react'
export default function Home() {
  const { asPath } = useRouter()
  return <h1><Head><title>home</title></Head>home {asPath}</h1>
}`,
      'pages/data.jsx': `
export const getServerSideProps = ({ query }) => ({ props: { x: query.x } })
export default function Data({ x }) { return <h1>data {x}</h1> }`,
    })
    const { code, stderr } = await runCli(['build', project.root])
    expect([code, stderr]).toEqual([0, ''])
    const files = await project.list('.pagepress/client/_assets')
    const sources = files
      .filter((file) => file.endsWith('.js'))
      .map((file) => readFileSync(join(project.root, '.pagepress/client/_assets', file), 'utf8'))
    expect(sources.join('').length).toBeLessThan(80_000)

    const app = await startApp(project, expressProgram({}), { NODE_ENV: 'production' })
    const page = await browser.newPage()
    const problems: string[] = []
    const documents: string[] = []
    page.on('console', (message) => problems.push(message.text()))
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('request', (request) => request.isNavigationRequest() && documents.push(request.url()))
    await page.goto(app.url, { waitUntil: 'networkidle' })
    await page.click('#count')
    expect(await page.textContent('#count')).toBe('1')
    await page.click('#data')
    await page.getByRole('heading', { name: 'data 1' }).waitFor()
    expect(await page.title()).toBe('preact')
    await page.goBack()
    await page.getByRole('heading', { name: 'home /' }).waitFor()
    expect(await page.title()).toBe('home')
    expect(await page.textContent('#count')).toBe('1')
    expect(documents).toHaveLength(1)
    expect(problems).toEqual([])
    await app.stop()
  })
})
