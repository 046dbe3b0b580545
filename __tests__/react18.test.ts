import { jest } from '@jest/globals'
import { cp, mkdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { articleFiles, expectKept, expectReloaded, expectShownAgain } from './support/article-site.js'
import { launchChromium } from './support/chromium.js'
import { startHost, type RunningHost } from './support/host.js'
import { createProject, removeProject, repository, runScript } from './support/installed-project.js'
import { readPayload, readRoot } from './support/page-data.js'

jest.setTimeout(90_000)

const files = {
  ...articleFiles,
  'server.js': `
import express from 'express'
import { version } from 'react-dom/server'
import { createServer, pages } from 'pagepress'
const app = express()
app.use('/shop', pages({ fallthrough: false }))
app.get('/version', (_req, res) => res.send(version))
createServer(app).listen(process.env.PORT, '127.0.0.1')
`,
  'pages/index.tsx': `
import { version } from 'react'
import { Head, Link, useRouter } from 'pagepress/react'
export const getStaticProps = () => ({ props: { made: 'once' }, revalidate: 60 })
export default function Home({ made }: { made: string }) {
  return (
    <>
      <Head><title>Home of eighteen</title></Head>
      <h1>{version}</h1>
      <p>{made} {useRouter().asPath}</p>
      <Link href="/server">server</Link>
    </>
  )
}`,
  'pages/server.tsx': `
import { lazy, Suspense } from 'react'
const Later = lazy(() => import('../components/later'))
export const getServerSideProps = ({ query }: any) => ({ props: { asked: query.a ?? null } })
export default function Server({ asked }: any) {
  return <Suspense fallback={<p>loading</p>}><Later asked={asked} /></Suspense>
}`,
  'components/later.tsx': `export default function Later({ asked }: any) { return <p>{'later ' + asked}</p> }`,
  'pages/fails.tsx': `
export const getServerSideProps = () => ({ props: {} })
export default function Fails(): never { throw new Error('in a component') }`,
  'pages/_app.tsx': `
import type { AppProps } from 'pagepress'
export default function App({ Component, pageProps }: AppProps) { return <main><Component {...pageProps} /></main> }`,
  'pages/_document.tsx': `
import Document, { Head, Html, Main, Scripts } from 'pagepress/document'
export default class MyDocument extends Document {
  render() {
    return <Html lang="nl"><Head /><body><Main /><Scripts /></body></Html>
  }
}`,
}

/** The packages that the library and its host need, apart from React. */
const others = [
  'express',
  'vite',
  '@vitejs/plugin-react',
  'cli-progress',
  'cookie',
  'eslint-scope',
  'lru-cache',
  'send',
]

describe('a site with React 18', () => {
  let folder: string
  let host: RunningHost

  beforeAll(async () => {
    folder = await createProject({ files })
    const link = async (target: string, name: string) => {
      const path = join(folder, 'node_modules', name)
      await mkdir(dirname(path), { recursive: true })
      await symlink(target, path)
    }
    await removeProject(join(folder, 'node_modules'))
    for (const name of others) await link(join(repository, 'node_modules', name), name)
    for (const name of ['react', 'react-dom'])
      await link(join(repository, '__tests__/react18/node_modules', name), name)
    // A copy: a linked package would find the React of the repository.
    const installed = join(folder, 'node_modules/pagepress')
    await mkdir(installed)
    await cp(join(repository, 'package.json'), join(installed, 'package.json'))
    await cp(join(repository, 'dist'), join(installed, 'dist'), { recursive: true })

    await runScript([join(installed, 'dist/cli/index.js'), 'build'], { cwd: folder })
    host = await startHost(['server.js'], { cwd: folder, env: { NODE_ENV: 'production' } })
  })

  afterAll(async () => {
    await host?.stop()
    await removeProject(folder)
  })

  it('is built and served: pages, data, documents, suspense', async () => {
    expect(await (await host.ask('/version')).text()).toMatch(/^18\./)

    const home = await host.ask('/shop')
    const html = await home.text()
    expect(home.status).toBe(200)
    expect(home.headers.get('cache-status')).toBe('pagepress; hit')
    expect(html).toMatch(/^<!DOCTYPE html><html lang="nl"><head>/)
    expect(html).toMatch(/<title[^>]*>Home of eighteen<\/title>/)
    expect(readRoot(html).replaceAll('<!-- -->', '')).toMatch(
      /^<main><h1>18\.[\d.]+<\/h1><p>once \/<\/p><a href="\/shop\/server">server<\/a><\/main>$/,
    )
    expect(readPayload(html)).toMatchObject({ gsp: true, props: { pageProps: { made: 'once' } } })
    expect(await (await host.ask('/shop/_data/index.json')).json()).toEqual({ pageProps: { made: 'once' } })

    for (const _time of [1, 2]) {
      const server = await (await host.ask('/shop/server?a=1')).text()
      expect(readRoot(server)).toContain('<p>later 1</p>')
      expect(server).not.toContain('loading')
    }
  })

  it('comes to life in a browser and navigates there', async () => {
    const browser = await launchChromium()
    const page = await browser.newPage()
    const problems: string[] = []
    const documents: string[] = []
    page.on('console', (message) => problems.push(message.text()))
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('request', (request) => request.isNavigationRequest() && documents.push(request.url()))
    await page.goto(`${host.url}/shop`, { waitUntil: 'networkidle' })
    await page.getByRole('link', { name: 'server' }).click()
    await page.getByText('later null').waitFor()
    await page.goBack()
    await page.getByText('once /').waitFor()
    expect(await page.title()).toBe('Home of eighteen')
    expect(documents).toHaveLength(1)
    expect(problems).toEqual([])
    await browser.close()
  })

  it('keeps HTML that only the server has, in development as well, without a word in the console', async () => {
    const browser = await launchChromium()
    const development = await startHost(['server.js'], { cwd: folder, env: { NODE_ENV: 'development' } })
    try {
      for (const { url } of [host, development]) {
        await expectKept(browser, `${url}/shop`)
        await expectShownAgain(browser, `${url}/shop`)
        await expectReloaded(browser, `${url}/shop`)
      }
    } finally {
      await development.stop()
      await browser.close()
    }
  })

  it('answers what fails and what is missing with its error pages', async () => {
    const fails = await host.ask('/shop/fails')
    expect(fails.status).toBe(500)
    expect(await fails.text()).toContain('Internal Server Error')
    const missing = await host.ask('/shop/missing')
    expect(missing.status).toBe(404)
    expect(await missing.text()).toContain('This page could not be found')
  })
})
