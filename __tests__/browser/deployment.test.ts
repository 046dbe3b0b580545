import { jest } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../support/chromium.js'
import {
  expressProgram,
  makeProject,
  removeProjects,
  runCli,
  startApp,
  startBuilt,
  type Project,
  type RunningApp,
} from '../support/project.js'

jest.setTimeout(90_000)

const page = (name: string, more = '') => `
import { Link } from 'pagepress/react'
export default function Page({ run }) {
  return (
    <main>
      <h1>${name} ONE {run}</h1>
      <Link href="/plain" id="plain">plain</Link> <Link href="/data" id="data">data</Link>
    </main>
  )
}
${more}`

let project: Project
let browser: Browser

const deploy = (): Promise<RunningApp> => startBuilt(project)

beforeAll(async () => {
  project = await makeProject({
    'pages/index.jsx': page('home'),
    'pages/plain.jsx': page('plain'),
    'pages/data.jsx': page('data', 'export const getServerSideProps = () => ({ props: { run: 1 } })'),
  })
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await removeProjects()
})

/** Opens a page whose requests go to whatever server is current. */
async function openTab(current: () => string) {
  const tab = await browser.newPage()
  const problems: string[] = []
  const documents: string[] = []
  tab.on('console', (message) => problems.push(message.text()))
  tab.on('pageerror', (error) => problems.push(error.message))
  await tab.route('http://site.example/**', async (route) => {
    const { pathname, search } = new URL(route.request().url())
    if (route.request().isNavigationRequest()) documents.push(pathname)
    await route.fulfill({ response: await route.fetch({ url: current() + pathname + search }) })
  })
  await tab.goto('http://site.example/', { waitUntil: 'networkidle' })
  return { tab, problems, documents }
}

const heading = (tab: Page, text: string) => tab.getByRole('heading', { level: 1, name: text }).waitFor()

describe('a deployment while a page is open', () => {
  it('changes nothing until data is asked for, and then takes one document load [S178]', async () => {
    const first = await deploy()
    let url = first.url
    const { tab, problems, documents } = await openTab(() => url)
    await heading(tab, 'home ONE')

    for (const name of ['index', 'plain', 'data']) await project.edit(`pages/${name}.jsx`, 'ONE', 'TWO')
    const second = await deploy()
    await first.stop()
    url = second.url

    // Its code is that of the earlier build, and still there.
    await tab.click('#plain')
    await heading(tab, 'plain ONE')
    expect(documents).toEqual(['/'])
    await tab.click('#data')
    await heading(tab, 'data TWO 1')
    expect(documents).toEqual(['/', '/data'])
    await tab.waitForLoadState('networkidle')
    await tab.click('#plain')
    await heading(tab, 'plain TWO')
    expect(documents).toEqual(['/', '/data'])
    expect(problems).toEqual([])
    await second.stop()
  })

  it('in the middle of a hurry ends where the visitor wants to be, and loads nothing that nobody asked for [S178] [S187]', async () => {
    const first = await deploy()
    for (const name of ['index', 'data']) await project.edit(`pages/${name}.jsx`, 'TWO', 'LATER')
    const second = await deploy()
    let url = first.url
    const { tab, problems, documents } = await openTab(() => url)
    await heading(tab, 'home TWO')

    const go = (id: string) => document.querySelector<HTMLAnchorElement>(`#${id}`)?.click()
    for (let n = 0; n < 45; n++) {
      if (n === 20) url = second.url
      // The document may be on its way out: then there is nobody to ask.
      await tab.evaluate(go, ['data', 'plain'][n % 2]!).catch(() => {})
      if (n % 7 === 3) await tab.evaluate(() => history.back()).catch(() => {})
      await tab.waitForTimeout(20)
    }
    await tab.waitForLoadState('networkidle')
    documents.length = 0
    await tab.waitForTimeout(500)
    expect(documents).toEqual([])
    // Only a page that has not come to life again would load this one's document.
    await tab.click('#data')
    await heading(tab, 'data LATER 1')
    expect(documents.length).toBeLessThanOrEqual(1)
    expect(problems).toEqual([])
    await tab.close()
    await Promise.all([first.stop(), second.stop()])
  })

  it('leaves a server that still runs its own pages, those too that nobody has asked for yet', async () => {
    const first = await deploy()
    await project.edit('pages/data.jsx', 'LATER', 'LATEST')
    expect((await runCli(['build', project.root])).code).toBe(0)
    const html = await (await fetch(`${first.url}/data`)).text()
    expect(html).toContain('data LATER')
    await first.stop()
    const second = await startApp(project, expressProgram(), { NODE_ENV: 'production' })
    expect(await (await fetch(`${second.url}/data`)).text()).toContain('data LATEST')
    await second.stop()
    const folders = (await project.list('.pagepress/server')).map((file) => file.split('/')[0]!)
    // With the list of assets, and never more than the new build and three before it.
    expect(new Set(folders).size).toBeLessThanOrEqual(5)
  })

  it('keeps the hashed files of three earlier builds, and no more', async () => {
    const assets = () => project.list('.pagepress/client/_assets')
    const ofPage = async (text: string) => {
      const found: string[] = []
      for (const file of await assets())
        if (
          /^plain-.*\.js$/.test(file) &&
          (await project.read(`.pagepress/client/_assets/${file}`)).includes(text)
        )
          found.push(file)
      return found
    }
    const words = ['TWO', 'THREE', 'FOUR', 'FIVE']
    for (const [index, word] of words.entries()) {
      if (index > 0) {
        await project.edit('pages/plain.jsx', words[index - 1]!, word)
        expect((await runCli(['build', project.root])).code).toBe(0)
      }
    }
    for (const word of words) expect([word, (await ofPage(word)).length]).toEqual([word, 1])
    expect(await ofPage('ONE')).toEqual([])
    const before = await assets()
    expect((await runCli(['build', project.root])).code).toBe(0)
    expect(await assets()).toEqual(before)
  })
})
