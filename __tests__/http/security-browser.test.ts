import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../support/chromium.js'
import { buildProject, createProject, removeProject } from '../support/installed-project.js'

const props = `JSON.parse('{"__proto__":{"x":1,"polluted":true},"constructor":{"prototype":{"polluted":true}}}')`

const files = {
  'server.js': `
    import express from 'express'
    import { pages } from 'pagepress'
    const app = express()
    app.use((req, res, next) => {
      res.setHeader('Content-Security-Policy', "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'")
      next()
    })
    app.use('/admin', (req, res) => res.status(401).json({ denied: true }))
    app.use('/:tenant', pages())
    const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port))
  `,
  'pages/_app.jsx': `
    import { useEffect, useState } from 'react'
    export default function App({ Component, pageProps }) {
      const [isAlive, setAlive] = useState(false)
      useEffect(() => setAlive(true), [])
      return <main data-alive={isAlive}><Component {...pageProps} /></main>
    }
    App.getInitialProps = () => ({ pageProps: ${props}, ...${props} })
  `,
  'pages/index.jsx': `
    import Link from 'next/link'
    import styles from './style.module.css'
    export default () => <Link href="/proto" prefetch={false} className={styles.link}>proto</Link>
    export const getStaticProps = () => ({ props: {} })
  `,
  'pages/style.module.css': '.link { color: blue } main { color: rgb(1, 2, 3) }',
  'pages/proto.jsx': `
    export default (props) => <p id="proto">{String(Object.keys(props))} {String(({}).polluted)}</p>
    export const getServerSideProps = () => ({ props: ${props} })
  `,
}

describe('in a browser', () => {
  let folder: string
  let host: ChildProcess
  let browser: Browser
  let page: Page
  let origin: string
  const complaints: string[] = []

  beforeAll(async () => {
    folder = await createProject({ files })
    await buildProject(folder)
    host = spawn(process.execPath, ['server.js'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [port] = (await once(createInterface({ input: host.stdout! }), 'line')) as [string]
    origin = `http://127.0.0.1:${port}`
    browser = await launchChromium()
    page = await browser.newPage()
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    host?.kill()
    await removeProject(folder)
  })
  afterEach(() => {
    if (complaints.length > 0) throw new Error(`The browser complained:\n${complaints.splice(0).join('\n')}`)
  })

  const alive = () => page.waitForSelector('main[data-alive=true]', { timeout: 10_000 })
  const isPolluted = () =>
    page.evaluate(() => [({} as { polluted?: unknown }).polluted, ({} as { x?: unknown }).x])

  it("a page works under `script-src 'self'`, and so does the way to the next [S77]", async () => {
    const loads: string[] = []
    page.on('request', (request) => void (request.isNavigationRequest() && loads.push(request.url())))
    const response = await page.goto(`${origin}/shop`)
    expect(response?.headers()['content-security-policy']).toContain("script-src 'self';")
    await alive()
    const executable = await page.$$eval('script:not([src])', (scripts) =>
      scripts.map((script) => script.getAttribute('type')),
    )
    expect(new Set(executable)).toEqual(new Set(['application/json']))
    expect(await page.$eval('main', (main) => getComputedStyle(main).color)).toBe('rgb(1, 2, 3)')
    await page.click('text=proto')
    await page.waitForSelector('#proto', { timeout: 10_000 })
    expect(page.url()).toBe(`${origin}/shop/proto`)
    expect(loads).toEqual([`${origin}/shop`])
  })

  it('props with names that objects inherit change no object, by document and by data [S75]', async () => {
    await page.goto(`${origin}/shop/proto`)
    await alive()
    expect(await page.textContent('#proto')).toMatch(/undefined$/)
    expect(await isPolluted()).toEqual([undefined, undefined])

    await page.goto(`${origin}/shop`)
    await alive()
    await page.click('text=proto')
    await page.waitForSelector('#proto', { timeout: 10_000 })
    expect(await page.textContent('#proto')).toMatch(/undefined$/)
    expect(await isPolluted()).toEqual([undefined, undefined])
    const payload = await (await fetch(`${origin}/shop/_data/proto.json`)).text()
    expect(payload).toContain('"__proto__":{"x":1')
    expect(JSON.stringify(await (await fetch(`${origin}/shop/proto`)).text())).toContain('__proto__')
  })
})
