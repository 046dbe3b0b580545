import { jest } from '@jest/globals'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readPayload } from '../support/page-data.js'
import {
  expressProgram,
  makeProject,
  removeProjects,
  runCli,
  startApp,
  type Project,
  type RunningApp,
} from '../support/project.js'

jest.setTimeout(60_000)

const PRODUCTION = { NODE_ENV: 'production' }
const DYN = 'private, no-cache, no-store, max-age=0, must-revalidate'

/** A static page that leaves a line in `calls.log` whenever its data function runs. */
const counted = (name: string, result: string) => `
import { appendFileSync } from 'node:fs'
let state = 0
export function getStaticProps({ params = {}, revalidateReason }) {
  appendFileSync(process.env.CALLS ?? 'calls.log', ['${name}', params.slug, revalidateReason].join(' ').trim() + '\\n')
  return { props: { random: Math.random(), state: ++state, slug: params.slug ?? null }, ${result} }
}
export default function Page({ random }) { return <p>{random}</p> }
`

let project: Project
let site: RunningApp

beforeAll(async () => {
  project = await makeProject({
    'calls.log': '',
    'pages/index.jsx': counted('index', ''),
    'pages/isr.jsx': counted('isr', 'revalidate: 1'),
    'pages/blog/[slug].jsx': `${counted('blog', '')}
export const getStaticPaths = () => ({ paths: ['/blog/a', '/blog/b', '/blog/a'], fallback: 'blocking' })`,
    'pages/docs/x.tsx': `import styles from './x.module.css'
export default function Docs() { return <p className={styles.red}>docs</p> }`,
    'pages/docs/x.module.css': '.red { color: red }',
    'pages/types.d.ts': 'export type Never = never',
    'pages/plain.js': `import { createElement } from 'react'
export default function Plain() { return createElement('p', null, 'plain') }`,
    'pages/typed.ts': `import { createElement } from 'react'
export default function Typed() { return createElement('p', null, 'typed' as string) }`,
    'pages/404.jsx': 'export default function Lost() { return <h1>Lost</h1> }',
    'pages/floating.jsx': `
export async function getServerSideProps() {
  void Promise.reject(new Error('nobody waits for this'))
  return { props: {} }
}
export default function Floating() { return null }`,
    'public/file.txt': 'a file',
  })
  const { code, stderr } = await runCli(['build', project.root], { CALLS: join(project.root, 'calls.log') })
  if (code !== 0) throw new Error(stderr)
  site = await start()
})

afterAll(removeProjects)

const start = (mount = "'/docs'"): Promise<RunningApp> =>
  startApp(project, expressProgram({ mount, options: '{ fallthrough: false }' }), PRODUCTION)

async function get(path: string, { from = site } = {}) {
  const answer = await fetch(from.url + path, { redirect: 'manual' })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

const callsOf = async (what: string) =>
  (await project.read('calls.log')).split('\n').filter((line) => line.startsWith(what))

const randomOf = (html: string) => readPayload(html).props.pageProps['random']

describe('a built site', () => {
  it('runs getStaticProps once for each path while it is built, and not again when it is asked for [3.03][3.04][3.32]', async () => {
    expect(await callsOf('index')).toEqual(['index  build'])
    expect((await callsOf('blog')).sort()).toEqual(['blog a build', 'blog b build'])

    const first = await get('/docs')
    for (let visit = 0; visit < 5; visit += 1)
      expect((await get(`/docs?visit=${visit}`)).text).toBe(first.text)
    expect((await get('/docs/_data/index.json')).text).toBe(
      JSON.stringify({ pageProps: readPayload(first.text).props.pageProps }),
    )
    expect(first.headers.get('cache-control')).toBe('s-maxage=31536000')
    expect(first.headers.get('cache-status')).toBe('pagepress; hit')
    expect(await callsOf('index')).toHaveLength(1)
  })

  it('shares no module state with the build [3.32]', async () => {
    const { text } = await get('/docs/blog/fresh')

    expect(readPayload(text).props.pageProps).toMatchObject({ slug: 'fresh', state: 1 })
  })

  it('gives the same data for a listed path for ever [4.39]', async () => {
    const texts = [await get('/docs/_data/blog/a.json'), await get('/docs/_data/blog/a.json')]

    expect(texts[0]!.text).toBe(texts[1]!.text)
    expect(await callsOf('blog a')).toHaveLength(1)
  })

  it('serves a page from the build until it is due, then once more, then the new one [7.06]', async () => {
    const built = await get('/docs/isr')
    expect(built.headers.get('cache-status')).toMatch(/^pagepress; hit/)
    expect(await callsOf('isr')).toEqual(expect.arrayContaining(['isr  build']))
    for (let tries = 0; tries < 50 && (await get('/docs/isr')).text === built.text; tries += 1)
      await sleep(50)

    expect(randomOf((await get('/docs/isr')).text)).not.toBe(randomOf(built.text))
    expect(await callsOf('isr')).toEqual(expect.arrayContaining(['isr  build', 'isr  stale']))
  })

  it('keeps what it produced through a restart [7.18]', async () => {
    const before = await get('/docs/blog/later')
    expect(before.headers.get('cache-status')).toBe('pagepress; fwd=uri-miss; stored')
    await site.stop()
    site = await start()

    const after = await get('/docs/blog/later')

    expect(after.text).toBe(before.text)
    expect(after.headers.get('cache-status')).toBe('pagepress; hit')
    expect(await callsOf('blog later')).toEqual(['blog later stale'])
  })

  it('serves public files below its mount alone, as its pages [1.41]', async () => {
    expect(await get('/docs/file.txt')).toMatchObject({ status: 200, text: 'a file' })
    expect((await get('/file.txt')).status).toBe(404)
    expect((await get('/docs/docs/x')).status).toBe(200)
    expect((await get('/docs/')).status).toBe(308)
    expect((await get('/')).status).toBe(404)
    expect((await get('/docsextra')).status).toBe(404)
  })

  it('lets hashed assets be kept for a year, and links to them below its mount [1.52]', async () => {
    const { text } = await get('/docs/docs/x')
    const links = [...text.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(([, url]) => url!)

    expect(links.some((url) => url.endsWith('.css'))).toBe(true)
    for (const url of links) {
      expect(url).toMatch(/^\/docs\/_assets\//)
      const { status, headers } = await get(url)
      expect(status).toBe(200)
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    }
  })

  it('has a page for each of the four endings, and none for declarations [1.04]', async () => {
    for (const path of ['/docs', '/docs/docs/x', '/docs/plain', '/docs/typed'])
      expect([path, (await get(path)).status]).toEqual([path, 200])
    for (const path of ['/docs/types', '/docs/types.d']) {
      const { status, text, headers } = await get(path)
      expect(status).toBe(404)
      expect(text).toContain('<h1>Lost</h1>')
      expect(headers.get('cache-control')).toBe(DYN)
    }
  })

  it('names the source of what a page left unhandled [21.13]', async () => {
    const app = await startApp(project, expressProgram(), PRODUCTION)
    await get('/floating', { from: app }).catch(() => undefined)
    for (let tries = 0; tries < 50 && !app.output().includes('nobody waits'); tries += 1) await sleep(20)

    expect(app.output()).toMatch(/Error: nobody waits for this\s+at [^\n]*pages\/floating/)
    await app.stop()
  })

  it('keeps what it produces in its own folder, in files of hashed names', async () => {
    const names = await readdir(join(project.root, '.pagepress/cache'), { recursive: true })
    const files = names.filter((name) => name.split('/').length > 2)

    for (const name of files) expect(name).toMatch(/^[^/]+\/[0-9a-f]{2}\/[0-9a-f]{62}$/)
    expect(names.join()).not.toMatch(/blog|later/)
  })
})

describe('the pages folder', () => {
  const page = 'export default function Page() { return null }\n'

  /** The routes that the build would have. */
  async function routesOf(files: Record<string, string>): Promise<string[]> {
    const { root } = await makeProject(files)
    const { code, stdout, stderr } = await runCli(['routes', root])
    if (code !== 0) throw new Error(stderr)
    return stdout.match(/\/\S*/g) ?? []
  }

  it('is src/pages where there is no pages; pages wins where there are both [1.06]', async () => {
    expect(await routesOf({ 'src/pages/inner.jsx': page })).toContain('/inner')
    const both = await routesOf({ 'src/pages/inner.jsx': page, 'pages/outer.jsx': page })
    expect(both).toContain('/outer')
    expect(both).not.toContain('/inner')
  })

  it('has the pages of the given endings alone [1.04]', async () => {
    const routes = await routesOf({
      'pagepress.config.js': "export default { pageExtensions: ['page.tsx'] }",
      'pages/yes.page.tsx': page,
      'pages/no.tsx': page,
      'pages/helper.ts': 'export const a = 1',
    })

    expect(routes).toContain('/yes')
    expect(routes.join()).not.toMatch(/no|helper/)
  })
})

describe('a build fails with the name of the file', () => {
  const page = 'export default function Page() { return null }\n'
  const props = 'export const getServerSideProps = () => ({ props: {} })\n'
  const initial = 'Page.getInitialProps = () => ({})\n'

  it.each([
    ['pages/404.jsx', page + props, 'getServerSideProps'],
    ['pages/500.jsx', page + props, 'getServerSideProps'],
    ['pages/404.jsx', page + initial, 'getInitialProps'],
    ['pages/500.jsx', page + initial, 'getInitialProps'],
  ])('for %s with a function that runs per request [2.40][13.06]', async (file, text, name) => {
    const { root } = await makeProject({ 'pages/index.jsx': page, [file]: text })

    const { code, stderr } = await runCli(['build', root])

    expect(code).toBe(1)
    expect(stderr).toContain(`\`${file}\``)
    expect(stderr).toContain(name)
  })

  it('for a 500 page whose getStaticProps fails [13.07]', async () => {
    const { root } = await makeProject({
      'pages/index.jsx': page,
      'pages/500.jsx': `${page}export const getStaticProps = () => { throw new Error('no data') }\n`,
    })

    const { code, stderr } = await runCli(['build', root])

    expect(code).toBe(1)
    expect(stderr).toMatch(/500.*no data/s)
  })

  it.each(['pages/p.jsx', 'pages/_app.jsx', 'pages/_document.jsx'])(
    'for %s without a component [8.38]',
    async (file) => {
      const { root } = await makeProject({
        'pages/index.jsx': page,
        [file]: 'export default { not: 1 }\n',
      })

      const { code, stderr } = await runCli(['build', root])

      expect(code).toBe(1)
      expect(stderr).toContain(file.replace('.jsx', ''))
      expect(stderr).toContain('not a React Component')
    },
  )
})

it('an app ends by itself when its server and its site are closed [21.11]', async () => {
  const program = `${expressProgram()}
process.once('exit', (code) => console.log('ended with ' + code))`
  const app = await startApp(project, program, PRODUCTION)
  await get('/blog/a', { from: app })

  await app.stop()

  expect(app.output()).toContain('ended with 0')
})
