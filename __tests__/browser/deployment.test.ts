import { jest } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../support/chromium.js'
import {
  expressProgram,
  makeProject,
  removeProjects,
  runCli,
  startApp,
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

async function deploy(): Promise<RunningApp> {
  const { code, stderr } = await runCli(['build', project.root])
  if (code !== 0) throw new Error(stderr)
  return startApp(project, expressProgram({}), { NODE_ENV: 'production' })
}

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
  it('changes nothing until data is asked for, and then takes one document load', async () => {
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
