import { join } from 'node:path'
import { jest } from '@jest/globals'
import {
  expressProgram,
  makeProject,
  removeProjects,
  runCli,
  startApp,
  type Finished,
  type Project,
} from '../support/project.js'

jest.setTimeout(60_000)

const SECRET = 'MARKER_OF_THE_SERVER'
const image = Buffer.alloc(9000, 'not really an image, but large enough for a file of its own')

let project: Project
let built: Finished

const files = {
  'public/robots.txt': 'User-agent: *\n',
  'styles/global.css': 'body { margin: 0 }\n',
  'lib/secrets.ts': `import { readFileSync } from 'node:fs'\nexport const secret = '${SECRET}'\nexport const read = readFileSync\n`,
  'lib/shared.ts': "export const shout = (text: string) => text.toUpperCase() + '-SHARED-MARKER'\n",
  'components/photo.png': image,
  'components/lazy.module.css': '.lazy { color: orchid }\n',
  'components/lazy.tsx': `import styles from './lazy.module.css'\nexport default function Lazy() { return <i className={styles.lazy}>lazy</i> }\n`,
  'pages/_app.tsx': `import '../styles/global.css'
export default function App({ Component, pageProps }: any) { return <Component {...pageProps} /> }\n`,
  'pages/index.module.css':
    '.home { color: teal; background: url(../components/photo.png) }\n.far { background: url(https://example.com/x.svg) }\n',
  'pages/index.tsx': `import dynamic from 'next/dynamic'
import styles from './index.module.css'
import photo from '../components/photo.png'
const Lazy = dynamic(() => import('../components/lazy'))
export default function Home() { return <main className={styles.home}><img src={photo} alt="" /><Lazy /></main> }\n`,
  'pages/about.js': 'export default function About() { return <h1>About, without a type</h1> }\n',
  'pages/account.tsx': `import { shout } from '../lib/shared'
import { secret } from '../lib/secrets'
export async function getServerSideProps() { return { props: { text: shout(String(secret.length)) } } }
export default function Account({ text }: { text: string }) { return <h1>{shout(text)}</h1> }\n`,
  'pages/blog/[slug].tsx': `import { shout } from '../../lib/shared'
import { read, secret } from '../../lib/secrets'
import fs from 'fs'
const store = { all: () => ['one', 'two words', 'three', 'four', 'five'], secret, read }
export const getStaticPaths = () => ({ paths: store.all().map((slug) => ({ params: { slug } })), fallback: 'blocking' })
export async function getStaticProps({ params }: any) {
  if (params.slug === 'four') return { notFound: true }
  return { props: { slug: params.slug, exists: fs.existsSync('/') }, revalidate: 60 }
}
export default function Post({ slug }: { slug: string }) { return <h1>{shout(slug)}</h1> }\n`,
  'pages/wiki/[...path].tsx': 'export default function Wiki() { return <h1>Wiki</h1> }\n',
  'pages/404.tsx': 'export default function Missing() { return <h1>Nothing here</h1> }\n',
  'pages/api/hello.ts': `export default function hello(_req: unknown, res: any) { res.json({ secret: '${SECRET}'.length }) }\n`,
}

beforeAll(async () => {
  project = await makeProject(files)
  built = await runCli(['build', project.root])
})

afterAll(removeProjects)

async function clientCode(): Promise<string> {
  const names = await project.list('.pagepress/client')
  return (await Promise.all(names.map((name) => project.read(`.pagepress/client/${name}`)))).join('\n')
}

describe('pagepress build', () => {
  it('exits with 0 and prints the table of routes, with a legend for the symbols it uses [18.01]', () => {
    expect(built).toMatchObject({ code: 0, stderr: '' })
    expect(built.stdout).toContain('Route (pages)')
    expect(built.stdout).toMatch(/^○ {2}\/about /m)
    expect(built.stdout).toMatch(/^● {2}\/blog\/\[slug\] +60 s /m)
    expect(built.stdout).toMatch(/^ƒ {2}\/account /m)
    expect(built.stdout).toMatch(/^ƒ {2}\/api\/hello$/m)
    for (const meaning of ['○  static', '●  static', 'ƒ  server']) expect(built.stdout).toContain(meaning)
  })

  it('lists three paths of a dynamic route, the slow ones first with their time, and counts the others [18.03]', async () => {
    const slow = await makeProject({
      'pages/[id].tsx': `export const getStaticPaths = () => ({ paths: ['/a', '/b', '/c', '/d', '/slow'], fallback: false })
export const getStaticProps = async ({ params }: any) => { if (params.id === 'slow') await new Promise((done) => setTimeout(done, 400)); return { props: {} } }
export default () => null`,
    })
    const { stdout } = await runCli(['build', slow.root])
    expect(stdout).toMatch(/\/slow \(\d{3} ms\)\n +\/a\n +\/b\n +\[\+2 more paths\]/)

    expect(built.stdout).toMatch(/\/blog\/one\n +\/blog\/two%20words\n +\/blog\/three\n +\[\+2 more paths\]/)
  })

  it('counts no code for a page that is not hydrated: browsers load none', async () => {
    const still = await makeProject({
      'pages/index.tsx':
        'export const config = { hydrate: false }\nexport default function Still() { return <h1>Still</h1> }\n',
    })
    const { stdout } = await runCli(['build', still.root])
    expect(stdout).toMatch(/^○ {2}\/ +0\.0 kB$/m)
  })

  it('lists `_app` without a symbol, the 404 page with one, and never `_document` [18.04]', () => {
    expect(built.stdout).toMatch(/^ {3}\/_app /m)
    expect(built.stdout).toMatch(/^○ {2}\/404 /m)
    expect(built.stdout).not.toContain('_document')
  })

  it('keeps what only data functions use out of browser code [2.41]', async () => {
    const code = await clientCode()
    expect(code).toContain('SHARED-MARKER')
    expect(code).not.toContain(SECRET)
    expect(code).not.toMatch(/readFileSync|getStaticProps:|existsSync/)
  })

  it('keeps API routes out of browser code [11.30]', async () => {
    expect(await clientCode()).not.toMatch(/hello\(_?req/)
  })

  it('puts what several pages share into one chunk, and loads a page without the chunks of others [18.14]', async () => {
    const names = (await project.list('.pagepress/client')).filter((name) => name.endsWith('.js'))
    const holders = []
    for (const name of names)
      if ((await project.read(`.pagepress/client/${name}`)).includes('SHARED-MARKER'))
        holders.push(`/${name}`)
    expect(holders).toHaveLength(1)
    const { pages } = JSON.parse(await project.read('.pagepress/manifest.json'))
    const preloads = (route: string) => pages.find((page: any) => page.route === route).assets.preloads
    expect(preloads('/account')).toContain(holders[0])
    expect(preloads('/blog/[slug]')).toContain(holders[0])
    expect(preloads('/about')).not.toContain(holders[0])
  })

  it('ships no source maps to browsers [18.15]', async () => {
    const names = await project.list('.pagepress/client')
    expect(names.filter((name) => name.endsWith('.map'))).toEqual([])
    expect(await clientCode()).not.toContain('sourceMappingURL')
  })

  it('gives unchanged input the same names and the same build id [18.09]', async () => {
    const namesAndId = async () => {
      const { buildId, pages } = JSON.parse(await project.read('.pagepress/manifest.json'))
      return { names: await project.list('.pagepress/client'), buildId, pages }
    }
    const first = await namesAndId()
    expect((await runCli(['build', project.root])).code).toBe(0)
    expect(await namesAndId()).toEqual(first)
    await project.edit('lib/shared.ts', 'SHARED-MARKER', 'SHARED-MARKER-2')
    expect((await runCli(['build', project.root])).code).toBe(0)
    const changed = await namesAndId()
    expect(changed.buildId).not.toBe(first.buildId)
    expect(changed.names.filter((name) => /^_assets\/react-/.test(name))).toEqual(
      first.names.filter((name) => /^_assets\/react-/.test(name)),
    )
    await project.edit('lib/shared.ts', 'SHARED-MARKER-2', 'SHARED-MARKER')
    expect((await runCli(['build', project.root])).code).toBe(0)
  })

  it('leaves a working build in place when the next one fails', async () => {
    const before = await project.read('.pagepress/manifest.json')
    await project.write(
      'pages/broken.tsx',
      "export const getStaticProps = () => { throw new Error('no') }\nexport default () => null",
    )
    expect((await runCli(['build', project.root])).code).toBe(1)
    await project.remove('pages/broken.tsx')
    expect(await project.read('.pagepress/manifest.json')).toBe(before)
    expect(await project.list('.pagepress/building')).toEqual([])
  })
})

describe('a build that is served', () => {
  it('needs neither the sources nor Vite [18.16]', async () => {
    const copy = await makeProject(files)
    expect((await runCli(['build', copy.root])).code).toBe(0)
    for (const name of ['pages', 'lib', 'components', 'styles']) await copy.remove(name)
    const app = await startApp(copy, expressProgram(), { NODE_ENV: 'production', NODE_DEBUG: 'esm' })
    const answer = await fetch(`${app.url}/blog/one`)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('ONE-SHARED-MARKER')
    expect((await fetch(`${app.url}/account`)).status).toBe(200)
    expect(app.output()).toMatch(/node_modules\/react-dom\//)
    expect(app.output()).not.toMatch(/node_modules\/(?:vite|rolldown|@vitejs)\//)
    await app.stop()
  })

  it('works at the root and at any mount path, with every asset where the page says it is [8.42][8.45]', async () => {
    for (const mount of ['', '/shop/deep']) {
      const app = await startApp(project, expressProgram({ mount: JSON.stringify(mount || '/') }), {
        NODE_ENV: 'production',
      })
      const html = await (await fetch(`${app.url}${mount || '/'}`)).text()
      expect(html).toContain('id="__next"')
      const urls = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '')
      expect(urls.length).toBeGreaterThan(5)
      for (const url of urls) {
        expect(url).toMatch(new RegExp(`^${mount}/_assets/`))
        const asset = await fetch(app.url + url)
        expect([url, asset.status, asset.headers.get('cache-control')]).toEqual([
          url,
          200,
          'public, max-age=31536000, immutable',
        ])
      }
      const styles = urls.filter((url) => url.endsWith('.css'))
      const css = (await Promise.all(styles.map(async (url) => (await fetch(app.url + url)).text()))).join(
        '\n',
      )
      const [, homeClass] = /<main class="([^"]+)"/.exec(html) ?? []
      expect(css).toContain(`.${homeClass}{`)
      const [, lazyClass] = /<i class="([^"]+)"/.exec(html) ?? []
      expect(css).toContain(`.${lazyClass}{`)
      const [, inCss] = /url\((\.\/photo[^)]+)\)/.exec(css) ?? []
      expect(urls).toContain(`${mount}/_assets/${inCss?.slice(2)}`)
      expect(css).toContain('url(https://example.com/x.svg)')
      await app.stop()
    }
  })

  it('serves prerendered pages, their data, and the ones that were not found', async () => {
    const app = await startApp(project, expressProgram(), { NODE_ENV: 'production' })
    const page = await fetch(`${app.url}/blog/two%20words`)
    expect(page.headers.get('cache-control')).toMatch(/^s-maxage=\d+/)
    expect(await page.text()).toContain('TWO WORDS-SHARED-MARKER')
    expect(await (await fetch(`${app.url}/_data/blog/one.json`)).json()).toEqual({
      pageProps: { slug: 'one', exists: true },
    })
    const missing = await fetch(`${app.url}/blog/four`)
    expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining('Nothing here')])
    expect(await (await fetch(`${app.url}/wiki/any/where`)).text()).toContain('<h1>Wiki</h1>')
    expect(await (await fetch(`${app.url}/robots.txt`)).text()).toBe('User-agent: *\n')
    await app.stop()
  })

  it('gives every one of many pages its own content', async () => {
    const many = await makeProject({
      'pages/[id].tsx': `export const getStaticPaths = () => ({ paths: Array.from({ length: 500 }, (_, i) => '/' + i), fallback: false })
export async function getStaticProps({ params }: any) { await new Promise((done) => setTimeout(done, Number(params.id) % 7)); return { props: { id: params.id } } }
export default function Page({ id }: any) { return <h1>{'page ' + id}</h1> }`,
    })
    expect((await runCli(['build', many.root])).code).toBe(0)
    const app = await startApp(many, expressProgram(), { NODE_ENV: 'production' })
    for (let id = 0; id < 500; id += 1) {
      const html = await (await fetch(`${app.url}/${id}`)).text()
      expect(html).toContain(`<h1>page ${id}</h1>`)
      expect(html).toContain(`"query":{"id":"${id}"}`)
    }
    expect((await fetch(`${app.url}/500`)).status).toBe(404)
    await app.stop()
  })

  it('says what to do when there is none [18.11]', async () => {
    const empty = await makeProject({ 'pages/index.tsx': 'export default () => null' })
    const { code, stderr } = await runCli(['start', empty.root, '--port', '0'])
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /PAGES_BUILD_MISSING: Could not find a production build in .*\.pagepress.*pagepress build/,
    )
    expect(stderr).toContain(join(empty.root, '.pagepress'))
  })
})
