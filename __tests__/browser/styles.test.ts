import { jest } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { hydrated } from '../support/browser-site.js'
import { launchChromium } from '../support/chromium.js'
import {
  expressProgram,
  makeProject,
  removeProjects,
  startBuilt,
  type RunningApp,
} from '../support/project.js'

jest.setTimeout(60_000)

const NONCE = 'bm9uY2U'
/** Lets in what has the nonce, and nothing because of where it comes from. */
const POLICY = `default-src 'none'; connect-src 'self'; img-src data:; script-src 'nonce-${NONCE}'; style-src 'nonce-${NONCE}'`

const files = {
  'styles/first.css': 'p { color: rgb(1, 1, 1); background: rgb(1, 1, 1) }',
  'styles/second.css': 'p { color: rgb(2, 2, 2) }',
  'components/shared.module.css': '.shared { color: rgb(3, 3, 3) }',
  'components/shared.tsx': `import styles from './shared.module.css'
export const shared = styles.shared
export const Shared = () => <b className={shared}>shared</b>`,
  'components/part.module.css': '.part { color: rgb(6, 6, 6) }',
  'components/part.tsx': `import { Shared } from './shared'
import styles from './part.module.css'
export default function Part() { return <i id="part" className={styles.part}>part <Shared /></i> }`,
  'components/drawer.tsx': `import { Shared } from './shared'
export default function Drawer() { return <div id="drawer"><Shared /></div> }`,
  'pages/_app.tsx': `import '../styles/first.css'
import '../styles/second.css'
import { dynamic, Head, useRouter } from 'pagepress/react'
const Drawer = dynamic(() => import('../components/drawer'), { ssr: false })
export default function App({ Component, pageProps }: any) {
  const router = useRouter()
  if (typeof window !== 'undefined') (window as any).router = router
  return <><Head><link rel="icon" href="data:," /></Head><Component {...pageProps} />{router.asPath.includes('drawer') && <Drawer />}</>
}`,
  'pages/_document.tsx': `import { useEffect } from 'react'
import { Html, Head, Main, Scripts } from 'pagepress/document'
export default function Document() {
  useEffect(() => { document.title = 'MARKER_OF_THE_DOCUMENT' })
  return (
    <Html lang="eo" data-own="html" onClick={() => { document.title = 'clicked' }}>
      <Head nonce="${NONCE}" crossOrigin="anonymous" />
      <body className="own" onClick={() => { document.title = 'clicked' }}><Main /><Scripts nonce="${NONCE}" crossOrigin="anonymous" /></body>
    </Html>
  )
}`,
  'pages/index.tsx': 'export default function Home() { return <><h1>home</h1><p id="text">home</p></> }',
  'pages/one.tsx': `import { shared, Shared } from '../components/shared'
import styles from './one.module.css'
export default function One() { return <><h1>one</h1><p id="text" className={shared + ' ' + styles.one}>one <Shared /></p></> }`,
  'pages/one.module.css': '.one { color: rgb(4, 4, 4) }',
  'pages/two.tsx': `import styles from './two.module.css'
import { shared, Shared } from '../components/shared'
export default function Two() { return <><h1>two</h1><p id="text" className={shared + ' ' + styles.two}>two <Shared /></p></> }`,
  'pages/two.module.css': '.two { color: rgb(5, 5, 5) }',
  'pages/loud.tsx': `import styles from './loud.module.css'
export default function Loud() { return <><h1 className={styles.loud}>loud</h1><p id="text">loud</p></> }`,
  'pages/loud.module.css': '.loud, h1 { color: rgb(7, 7, 7) } p { color: rgb(7, 7, 7) }',
  'components/lazily.module.css': '.lazily { color: rgb(10, 10, 10) }',
  'components/lazily.tsx': `import styles from './lazily.module.css'
export default function Lazily() { return <i id="lazily" className={styles.lazily}>lazily</i> }`,
  'pages/lazy.tsx': `import { lazy, Suspense } from 'react'
const Lazily = lazy(() => import('../components/lazily'))
export default function Lazy() { return <><h1>lazy</h1><Suspense><Lazily /></Suspense></> }`,
  'pages/both.tsx': `import Part from '../components/part'
import styles from './both.module.css'
export default function Both() { return <><h1>both</h1><p id="text" className={styles.both}>both <Part /></p></> }`,
  'pages/both.module.css': '.both { color: rgb(8, 8, 8) } .both i { color: rgb(9, 9, 9) }',
  'pages/parts.tsx': `import { dynamic } from 'pagepress/react'
const Part = dynamic(() => import('../components/part'))
export default function Parts() { return <><h1>parts</h1><p id="text">parts <Part /></p></> }`,
}

let app: RunningApp
let browser: Browser

beforeAll(async () => {
  const project = await makeProject(files)
  const program = expressProgram({ options: '{ fallthrough: false }' }).replace(
    "app.use('/', site)",
    `app.use((req, res, next) => { if (req.query.csp !== undefined) res.setHeader('Content-Security-Policy', ${JSON.stringify(POLICY)}); next() })\napp.use('/', site)`,
  )
  app = await startBuilt(project, program)
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await removeProjects()
})

async function open(path: string) {
  const context = await browser.newContext()
  context.setDefaultTimeout(8000)
  const page = await context.newPage()
  const problems: string[] = []
  const documents: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('request', (request) => {
    if (request.isNavigationRequest()) documents.push(new URL(request.url()).pathname)
  })
  await page.goto(app.url + path)
  await hydrated(page)
  const go = async (to: string) => {
    await page.evaluate((url) => (window as any).router.push(url), to)
    const heading = to.replace(/\?.*$/, '').slice(1) || 'home'
    await page.getByRole('heading', { name: heading, exact: true }).waitFor()
  }
  return { page, context, problems, documents, go }
}

const colorOf = (page: Page, selector = '#text') =>
  page.$eval(selector, (element) => getComputedStyle(element).color)

const html = async (path: string) => (await fetch(app.url + path)).text()

/** Tags of a document in their order, by their attributes. */
const tagsOf = (text: string, name: string) =>
  [...text.matchAll(new RegExp(`<${name}\\b[^>]*>`, 'g'))].map(([tag]) => tag.toLowerCase())

/** The last of these wins where there are two: see the pages. */
const COLORS: Record<string, string> = {
  '/': 'rgb(2, 2, 2)',
  '/one': 'rgb(4, 4, 4)',
  '/two': 'rgb(3, 3, 3)',
  '/loud': 'rgb(7, 7, 7)',
  '/both': 'rgb(8, 8, 8)',
  '/parts': 'rgb(2, 2, 2)',
}

describe('the order of style sheets', () => {
  it.each(Object.keys(COLORS))('is that of the imports when %s is loaded [8.43]', async (path) => {
    const { page, context, problems } = await open(path)
    expect(await colorOf(page)).toBe(COLORS[path])
    expect(problems).toEqual([])
    await context.close()
  })

  it('is the same on every way from page to page, and back [8.43]', async () => {
    const { page, context, go, documents, problems } = await open('/')
    const way = [
      '/one',
      '/two',
      '/loud',
      '/one',
      '/parts',
      '/two',
      '/',
      '/loud',
      '/both',
      '/two',
      '/one',
      '/',
    ]
    for (const path of way) {
      await go(path)
      expect([path, await colorOf(page)]).toEqual([path, COLORS[path]])
    }
    for (const path of ['/', ...way.slice(0, -1)].reverse()) {
      await page.goBack()
      await page.getByRole('heading', { name: path.slice(1) || 'home', exact: true }).waitFor()
      expect([path, await colorOf(page)]).toEqual([path, COLORS[path]])
    }
    expect(documents).toEqual(['/'])
    expect(problems).toEqual([])
    await context.close()
  })

  it('and what shows stays when another page is prefetched [8.43]', async () => {
    const { page, context, go } = await open('/one')
    const sheets: string[] = []
    page.on('request', (request) => {
      if (request.resourceType() === 'stylesheet') sheets.push(request.url())
    })
    for (const path of ['/two', '/loud']) {
      await page.evaluate((to) => (window as any).router.prefetch(to), path)
      await page.waitForLoadState('networkidle')
      expect(await colorOf(page)).toBe(COLORS['/one'])
    }
    await expectUntil(() => sheets.some((url) => url.includes('loud')))
    expect(await colorOf(page)).toBe(COLORS['/one'])
    await go('/two')
    expect(await colorOf(page)).toBe(COLORS['/two'])
    await context.close()
  })
})

async function expectUntil(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100 && !isTrue(); tries += 1) await new Promise((done) => setTimeout(done, 20))
  expect(isTrue()).toBe(true)
}

describe('the style sheets of a page', () => {
  it('are gone when the page is, also those that came with the document [8.44]', async () => {
    const { page, context, go, documents } = await open('/loud')
    expect(await colorOf(page, 'h1')).toBe('rgb(7, 7, 7)')
    await go('/')
    expect([await colorOf(page, 'h1'), await colorOf(page)]).toEqual(['rgb(0, 0, 0)', COLORS['/']])
    await go('/loud')
    expect(await colorOf(page, 'h1')).toBe('rgb(7, 7, 7)')
    await page.goBack()
    await page.getByRole('heading', { name: 'home' }).waitFor()
    expect(await colorOf(page, 'h1')).toBe('rgb(0, 0, 0)')
    expect(documents).toEqual(['/loud'])
    await context.close()
  })

  it('apply before the page is shown: it is never seen without [8.44]', async () => {
    const { page, context } = await open('/')
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    await page.route('**/*.css', async (route) => {
      await held
      await route.continue()
    })
    await page.evaluate(() => {
      const seen = ((window as any).seen = [] as string[])
      const look = () => {
        const text = document.querySelector('#text')
        if (text) seen.push(`${document.querySelector('h1')!.textContent} ${getComputedStyle(text).color}`)
        requestAnimationFrame(look)
      }
      look()
      void (window as any).router.push('/one')
    })
    await page.waitForTimeout(200)
    expect(await page.textContent('h1')).toBe('home')
    release()
    await page.getByRole('heading', { name: 'one' }).waitFor()
    await page.waitForTimeout(50)
    const seen = await page.evaluate(() => [...new Set((window as any).seen as string[])])
    expect(seen).toEqual([`home ${COLORS['/']}`, `one ${COLORS['/one']}`])
    await context.close()
  })

  it('stay for a part that needs them and outlives the page', async () => {
    const { page, context, go } = await open('/one?drawer')
    await page.locator('#drawer b').waitFor()
    await go('/?drawer')
    expect(await colorOf(page, '#drawer b')).toBe('rgb(3, 3, 3)')
    await context.close()
  })
})

describe('a document', () => {
  it('preloads and links the styles of `_app`, then those of the page, each with its mark [8.09]', async () => {
    const text = await html('/one')
    const links = tagsOf(text.slice(0, text.indexOf('<noscript data-n-css="">')), 'link').filter((tag) =>
      tag.includes('.css"'),
    )
    const sheet = (name: string, mark: string) => [
      expect.stringMatching(
        new RegExp(`^<link rel="preload" href="/_assets/${name}-[\\w-]{8}\\.css" as="style"`),
      ),
      expect.stringMatching(
        new RegExp(`^<link rel="stylesheet" href="/_assets/${name}-[\\w-]{8}\\.css".* ${mark}=""`),
      ),
    ]
    expect(links).toEqual([
      ...sheet('site', 'data-n-g'),
      ...sheet('shared', 'data-n-p'),
      ...sheet('one', 'data-n-p'),
    ])
    expect(text.slice(text.indexOf('<noscript data-n-css="">'))).not.toContain('rel="stylesheet"')
    const hrefs = links.map((tag) => /href="([^"]+)"/.exec(tag)![1])
    expect(hrefs.filter((href, index) => index % 2 === 0)).toEqual(
      hrefs.filter((_, index) => index % 2 === 1),
    )
  })

  it('has module scripts of hashed names alone, and names the code of its page, but on error pages [8.08]', async () => {
    const codeOf = async (path: string) => {
      const text = await html(path)
      const scripts = tagsOf(text, 'script').filter((tag) => !tag.includes('type="application/json"'))
      expect(scripts.length).toBeGreaterThan(0)
      for (const tag of scripts) {
        // What browsers defer by itself.
        expect(tag).toMatch(/ type="module"/)
        expect(tag).toMatch(/ src="\/_assets\/[\w-]+-[\w-]{8}\.js"/)
        expect(tag).not.toMatch(/\sasync\b/)
      }
      const modules = tagsOf(text, 'link').filter((tag) => tag.includes('rel="modulepreload"'))
      const urls = modules.map((tag) => /href="([^"]+)"/.exec(tag)![1]!)
      const originals = [...text.matchAll(/href="([^"]+\.js)"/g)].map(([, url]) => url!)
      expect(originals.map((url) => url.toLowerCase())).toEqual(urls)
      return (await Promise.all(originals.map(async (url) => (await fetch(app.url + url)).text()))).join('\n')
    }
    expect(await codeOf('/one')).toMatch(/children:\[?[`"']one/)
    expect(await codeOf('/two')).not.toMatch(/children:\[?[`"']one/)
    expect(await codeOf('/loud')).toMatch(/children:\[?[`"']loud/)
    const codeOfError = await codeOf('/nowhere')
    expect(codeOfError).toContain('pagepress-error')
    expect(codeOfError).not.toMatch(/children:\[?[`"'](?:one|two|loud|home)/)
  })

  it('names the code and the styles of the parts that were rendered, once, and of no others [8.13]', async () => {
    const text = await html('/parts')
    expect(text).toContain('id="part"')
    const named = [...text.matchAll(/<link\b[^>]*>/g)].map(([tag]) => tag)
    const parts = named.filter((tag) => /\/part-/.test(tag))
    expect(parts.filter((tag) => tag.includes('rel="modulepreload"'))).toHaveLength(1)
    expect(parts.filter((tag) => tag.includes('rel="stylesheet"'))).toHaveLength(1)
    // Another page imports the same at once.
    expect(await html('/both')).toMatch(/<link rel="stylesheet" href="\/_assets\/part-[^>]*data-n-p=""/)
    expect(named.filter((tag) => /modulepreload.*\/shared-/.test(tag))).toHaveLength(1)
    expect(text).not.toMatch(/\/drawer-/)
    expect(await html('/one')).not.toMatch(/\/part-|\/drawer-/)
    const { page, context, problems } = await open('/parts')
    expect(await colorOf(page, '#part')).toBe('rgb(6, 6, 6)')
    expect(await page.$$eval('link[href*="/part-"][rel=modulepreload]', (all) => all.length)).toBe(1)
    expect(problems).toEqual([])
    await context.close()
  })

  it('links the styles of what `lazy()` of React has rendered, too', async () => {
    const text = await html('/lazy')
    expect(text).toContain('id="lazily"')
    expect(text).toMatch(/<link rel="stylesheet" href="\/_assets\/lazily-/)
    expect(await html('/one')).not.toContain('/lazily-')
    const bare = await browser.newContext({ javaScriptEnabled: false })
    const page = await bare.newPage()
    await page.goto(`${app.url}/lazy`)
    expect(await page.$eval('#lazily', (part) => getComputedStyle(part).color)).toBe('rgb(10, 10, 10)')
    await bare.close()
  })

  it('hands its nonce and its `crossorigin` to everything, also to what is added on the way [8.11]', async () => {
    for (const path of ['/one', '/parts']) {
      const text = await html(path)
      const tags = [...tagsOf(text, 'script'), ...tagsOf(text, 'link')].filter(
        (tag) => !tag.includes('data:,'),
      )
      expect(tags.length).toBeGreaterThan(5)
      for (const tag of tags) {
        expect(tag).toContain(`nonce="${NONCE.toLowerCase()}"`)
        expect(tag).toContain('crossorigin="anonymous"')
      }
    }
    const { page, context, go, documents, problems } = await open('/?csp')
    for (const path of ['/one', '/two', '/parts', '/loud']) {
      await go(path)
      expect([path, await colorOf(page)]).toEqual([path, COLORS[path]])
    }
    await go('/parts?drawer')
    await page.locator('#drawer').waitFor()
    const links = await page.$$eval('link:not([rel=icon])', (all) =>
      all.map((link) => [(link as HTMLLinkElement).nonce, (link as HTMLLinkElement).crossOrigin]),
    )
    expect(links.length).toBeGreaterThan(8)
    expect(new Set(links.map(String))).toEqual(new Set([`${NONCE},anonymous`]))
    expect(documents).toEqual(['/'])
    expect(problems).toEqual([])
    await context.close()
  })

  it('of a `_document` of one’s own is made on the server alone: its attributes stay, its code never runs [8.26]', async () => {
    const { page, context, go, problems } = await open('/')
    const attributes = () =>
      page.evaluate(() => [
        document.documentElement.lang,
        document.documentElement.dataset['own'],
        document.body.className,
      ])
    expect(await attributes()).toEqual(['eo', 'html', 'own'])
    await page.click('body')
    await go('/one')
    await page.click('#text')
    expect(await attributes()).toEqual(['eo', 'html', 'own'])
    expect(await page.title()).toBe('')
    const urls = await page.evaluate(() =>
      performance.getEntriesByType('resource').flatMap(({ name }) => (name.endsWith('.js') ? [name] : [])),
    )
    expect(urls.length).toBeGreaterThan(3)
    for (const url of urls) expect(await (await fetch(url)).text()).not.toContain('MARKER_OF_THE_DOCUMENT')
    expect(problems).toEqual([])
    await context.close()
  })
})
