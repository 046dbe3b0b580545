import { jest } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../support/chromium.js'
import {
  expressProgram,
  makeProject,
  removeProjects,
  runCli,
  startApp,
  type Project,
} from '../support/project.js'

jest.setTimeout(90_000)

let browser: Browser
let project: Project

beforeAll(async () => {
  project = await makeProject({
    'pages/list/[id].jsx': `import Link from 'next/link'
import { useRouter } from 'next/router'
let calls = 0
export const config = { microcache: 3600, query: ['page'] }
export const getServerSideProps = ({ req, query, resolvedUrl }) =>
  ({ props: { call: ++calls, host: req.headers.host ?? 'nobody', resolvedUrl, told: { ...query } } })
export default function List(props) {
  const { query, asPath } = useRouter()
  return <><pre id="props">{JSON.stringify(props)}</pre><pre id="router">{JSON.stringify({ query, asPath })}</pre>
    <Link id="next" href="/list/a?page=2&more=1">next</Link></>
}`,
  })
  const { code, stdout, stderr } = await runCli(['build', project.root])
  if (code !== 0) throw new Error(stdout + stderr)
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await removeProjects()
})

describe('a page with `config.microcache`', () => {
  it.each(['production', 'development'])('is whole in a browser, in %s', async (mode) => {
    const isKept = mode === 'production'
    const site = await startApp(project, expressProgram(), { NODE_ENV: mode })
    const states: (string | null)[] = []
    for (let visit = 0; visit < 2; visit += 1)
      states.push((await fetch(`${site.url}/list/a?page=1`)).headers.get('cache-status'))
    expect(states).toEqual([
      'pagepress; fwd=uri-miss; stored',
      isKept ? 'pagepress; hit' : 'pagepress; fwd=uri-miss; stored',
    ])

    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
    await page.goto(`${site.url}/list/a?page=1&utm=x#there`)
    const read = async (id: string) =>
      JSON.parse((await page.textContent(id)) ?? '') as Record<string, unknown>
    await page.waitForFunction(() => document.querySelector('#router')?.textContent.includes('utm'))
    expect(await read('#props')).toEqual({
      call: isKept ? 1 : expect.any(Number),
      host: 'nobody',
      resolvedUrl: '/list/a?page=1',
      told: { id: 'a', page: '1' },
    })
    // The rest is the browser's to know.
    expect(await read('#router')).toEqual({
      query: { id: 'a', page: '1', utm: 'x' },
      asPath: '/list/a?page=1&utm=x#there',
    })

    await page.click('#next')
    await page.waitForFunction(() => document.querySelector('#props')?.textContent.includes('page=2'))
    expect(await read('#props')).toMatchObject({ host: 'nobody', resolvedUrl: '/list/a?page=2' })
    expect(await read('#router')).toEqual({
      query: { id: 'a', page: '2', more: '1' },
      asPath: '/list/a?page=2&more=1',
    })
    expect(complaints.filter((text) => !text.includes('favicon'))).toEqual([])
    await page.close()
  })
})
