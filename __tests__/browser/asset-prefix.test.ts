import { jest } from '@jest/globals'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hydrated } from '../support/browser-site.js'
import { launchChromium } from '../support/chromium.js'
import { readPayload } from '../support/page-data.js'
import {
  expressProgram,
  makeProject,
  removeProjects,
  startBuilt,
  type RunningApp,
} from '../support/project.js'

jest.setTimeout(60_000)

const image = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const filesWith = (assetPrefix: string) => ({
  'pagepress.config.mjs': `export default { assetPrefix: ${JSON.stringify(assetPrefix)}, vite: { build: { assetsInlineLimit: 0 } } }`,
  'public/file.txt': 'a file',
  'pages/dot.png': image,
  'pages/index.module.css': '.home { color: rgb(1, 2, 3); background: url(./dot.png) }',
  'pages/index.tsx': `import Link from 'next/link'
import styles from './index.module.css'
import dot from './dot.png'
export default function Home() { return <main className={styles.home}><h1>home</h1><img src={dot} alt="" /><Link href="/other">to other</Link></main> }`,
  'pages/other.module.css': '.other { color: rgb(4, 5, 6) }',
  'pages/other.tsx': `import styles from './other.module.css'
export const getServerSideProps = () => ({ props: { text: 'from the data' } })
export default function Other({ text }: any) { return <h1 className={styles.other}>{text}</h1> }`,
})

async function build(assetPrefix: string, mount: string): Promise<RunningApp> {
  const project = await makeProject(filesWith(assetPrefix))
  const program = expressProgram({ mount: JSON.stringify(mount) })
  return startBuilt(project, program)
}

const urlsIn = (html: string) => [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url!)

let app: RunningApp
let cdn: Server
let prefix: string

/** As a CDN does it: what it is asked for, it asks the app for. */
beforeAll(async () => {
  cdn = createServer(async ({ url }, res) => {
    const answer = await fetch(`${app.url}/shop${url}`)
    for (const name of ['content-type', 'access-control-allow-origin', 'cross-origin-resource-policy']) {
      const value = answer.headers.get(name)
      if (value !== null) res.setHeader(name, value)
    }
    res.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((listening) => cdn.listen(0, '127.0.0.1', listening))
  prefix = `http://127.0.0.1:${(cdn.address() as AddressInfo).port}`
  app = await build(`${prefix}/`, '/shop')
})

afterAll(async () => {
  await removeProjects()
  cdn.closeAllConnections()
  await new Promise((closed) => cdn.close(closed))
})

describe('`assetPrefix` with the URL of an origin', () => {
  it('stands before all scripts, styles and images, and before nothing else [8.10]', async () => {
    for (const path of ['/shop', '/shop/other']) {
      const html = await (await fetch(app.url + path)).text()
      const urls = urlsIn(html).filter((url) => /\.(?:js|css|png)$/.test(url))
      expect(urls.length).toBeGreaterThan(4)
      for (const url of urls) expect(url).toMatch(new RegExp(`^${prefix}/_assets/[\\w-]+\\.(?:js|css|png)$`))
      expect(readPayload(html)).toMatchObject({ basePath: '/shop', assetPrefix: prefix })
    }
    expect(urlsIn(await (await fetch(`${app.url}/shop`)).text())).toContain('/shop/other')
    expect((await fetch(`${app.url}/shop/_data/other.json`)).status).toBe(200)
    expect(await (await fetch(`${app.url}/shop/file.txt`)).text()).toBe('a file')
  })

  it('leaves the assets in the app, too, where every origin may have them [8.10]', async () => {
    const html = await (await fetch(`${app.url}/shop`)).text()
    for (const url of urlsIn(html).filter((one) => one.startsWith(prefix))) {
      const answer = await fetch(url.replace(prefix, `${app.url}/shop`))
      expect([url, answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([url, 200, '*'])
    }
  })

  it('is where a browser loads pages from; their data comes from the site [8.10]', async () => {
    const browser = await launchChromium()
    try {
      const page = await browser.newPage()
      const problems: string[] = []
      const requests: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
      })
      page.on('pageerror', (error) => problems.push(error.message))
      page.on('request', (request) => requests.push(request.url()))
      await page.goto(`${app.url}/shop`)
      await hydrated(page)
      expect(await page.$eval('img', (one) => one.naturalWidth)).toBe(1)
      await page.getByRole('link').click()
      await page.getByRole('heading', { name: 'from the data' }).waitFor()
      expect(await page.$eval('h1', (heading) => getComputedStyle(heading).color)).toBe('rgb(4, 5, 6)')
      expect(problems.filter((problem) => !problem.includes('favicon') && !problem.includes('404'))).toEqual(
        [],
      )
      const assets = requests.filter((url) => /\.(?:js|css|png)$/.test(url))
      expect(assets.filter((url) => !url.startsWith(`${prefix}/_assets/`))).toEqual([])
      expect(requests.filter((url) => url.includes('/_data/'))).toEqual([`${app.url}/shop/_data/other.json`])
    } finally {
      await browser.close()
    }
  })
})

it('`assetPrefix` with a path is served by the site itself, beside the usual place [8.10]', async () => {
  const site = await build('/static/v1', '/')
  const html = await (await fetch(site.url)).text()
  const urls = urlsIn(html).filter((url) => url.includes('/_assets/'))
  expect(urls.length).toBeGreaterThan(4)
  for (const url of urls) {
    expect(url).toMatch(/^\/static\/v1\/_assets\//)
    for (const path of [url, url.replace('/static/v1', '')])
      expect([path, (await fetch(site.url + path)).status]).toEqual([path, 200])
  }
  expect((await fetch(`${site.url}/static/v1/_assets/none.js`)).status).toBe(404)
  expect((await fetch(`${site.url}/static/v1/_data/other.json`)).status).toBe(404)
  await site.stop()
})
