import { jest } from '@jest/globals'
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

let project: Project
let app: RunningApp

const DEVELOPMENT = { NODE_ENV: 'development' }

beforeAll(async () => {
  project = await makeProject({
    'data/count.json': '0',
    'styles/global.css': 'body { margin: 0 }\n',
    'lib/only-server.ts': `import { readFileSync } from 'node:fs'\nexport const count = () => Number(readFileSync('data/count.json', 'utf8'))\n`,
    'pages/_app.tsx': `import '../styles/global.css'\nexport default function App({ Component, pageProps }: any) { return <Component {...pageProps} /> }\n`,
    'pages/index.tsx': `import styles from './index.module.css'\nexport default function Home() { return <h1 className={styles.title}>Home</h1> }\n`,
    'pages/index.module.css': '.title { color: teal }\n',
    'pages/count.tsx': `import { count } from '../lib/only-server'
export const getStaticProps = () => ({ props: { n: count() }, revalidate: 60 })
export default function Count({ n }: any) { return <h1>{'count ' + n}</h1> }\n`,
    'pages/list/[id].tsx': `import { count } from '../../lib/only-server'
export const getStaticPaths = () => ({ paths: Array.from({ length: count() + 1 }, (_, i) => '/list/' + i), fallback: false })
export const getStaticProps = ({ params }: any) => ({ props: params })
export default function Item({ id }: any) { return <h1>{'item ' + id}</h1> }\n`,
    'pages/boom.tsx': `const words = 'no luck'

export function getServerSideProps() {
  throw new Error(words)
}
export default function Boom() { return null }\n`,
    'pages/api/hello.ts': `export default function hello(_req: unknown, res: any) { res.json({ hello: 'typed' as string }) }\n`,
  })
  app = await startApp(project, expressProgram({ mount: "'/shop'" }), DEVELOPMENT)
})

afterAll(removeProjects)

async function get(path: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${app.url}/shop${path}`, { headers })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

/** Asks until the answer is as expected; an edit takes a moment to be noticed. */
async function eventually(
  path: string,
  isExpected: (answer: Awaited<ReturnType<typeof get>>) => boolean,
): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (isExpected(await get(path))) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${path} did not become what was expected: ${(await get(path)).text}`)
}

describe('a site in development', () => {
  it('renders pages from their sources, with the styles of the page in the document', async () => {
    const { status, text } = await get('/')
    expect(status).toBe(200)
    expect(text).toContain('>Home</h1>')
    expect(text).toContain('body { margin: 0 }')
    const [, name] = /<h1 class="([^"]+)"/.exec(text) ?? []
    expect(text).toContain(`.${name} { color: teal }`)
    expect(text).toContain('src="/shop/_assets/@vite/client"')
  })

  it('runs getStaticProps for every request, and lets nobody keep the page [17.01]', async () => {
    for (const n of [1, 2]) {
      await project.write('data/count.json', String(n))
      const { text, headers } = await get('/count')
      expect(text).toContain(`count ${n}`)
      expect(headers.get('cache-control')).toMatch(/no-store|no-cache/)
      expect(headers.get('cache-control')).not.toContain('s-maxage')
      expect(JSON.parse((await get('/_data/count.json')).text)).toEqual({ pageProps: { n } })
    }
  })

  it('asks getStaticPaths again, and again after an edit, without a restart [4.21]', async () => {
    await project.write('data/count.json', '1')
    await eventually('/list/1', ({ status }) => status === 200)
    expect((await get('/list/5')).status).toBe(404)
    await project.write('data/count.json', '5')
    await eventually('/list/5', ({ text }) => text.includes('item 5'))
    await project.edit('pages/list/[id].tsx', 'count() + 1', 'count() + 10')
    await eventually('/list/14', ({ text }) => text.includes('item 14'))
  })

  it('serves modules with what only the server needs taken out', async () => {
    const { status, text } = await get('/_assets/pages/count.tsx')
    expect(status).toBe(200)
    expect(text).not.toMatch(/only-server|getStaticProps/)
    expect(text).toContain('count ')
  })

  it('compiles API routes written in TypeScript, and shows their edits in the next request [11.32]', async () => {
    expect((await get('/api/hello')).text).toBe('{"hello":"typed"}')
    await project.edit('pages/api/hello.ts', "'typed'", "'edited'")
    await eventually('/api/hello', ({ text }) => text === '{"hello":"edited"}')
  })

  it('answers an error of a data function with 500, its message, and the place in its source; logs it once [2.20][17.10]', async () => {
    const { status, text } = await get('/boom')
    expect(status).toBe(500)
    expect(text).toContain('<h1>no luck</h1>')
    expect(text).toContain('pages/boom.tsx:4:9')
    expect(text).toMatch(/<mark>&gt; 4 \| {3}throw new Error\(words\)/)
    expect(app.output().match(/Error: no luck/g)).toHaveLength(1)
    expect(app.output()).toContain(`${project.root}/pages/boom.tsx:4:9`)
  })

  it('answers a syntax error with 500, the file and the place, and recovers', async () => {
    await project.write('pages/typo.tsx', 'export default function Typo() {\n  return <p>fine</p>\n}\n')
    await eventually('/typo', ({ status }) => status === 200)
    await project.edit('pages/typo.tsx', '</p>', '</b>')
    // Until Vite has noticed the edit as well, the page's facts are what cannot be told.
    await eventually('/typo', ({ status, text }) => status === 500 && text.includes('<h1>Expected '))
    const { text } = await get('/typo')
    expect(text).toContain('pages/typo.tsx:2:')
    expect(text).toMatch(/<mark>&gt; 2 \|/)
    expect(text).not.toContain('\x1b')
    await project.edit('pages/typo.tsx', '</b>', '</p>')
    await eventually('/typo', ({ status, text }) => status === 200 && text.includes('fine'))
  })

  it('notices pages that come, go and come back', async () => {
    expect((await get('/later')).status).toBe(404)
    for (const text of ['first', 'second']) {
      await project.write('pages/later.tsx', `export default () => <p>${text}</p>`)
      await eventually('/later', (answer) => answer.text.includes(text))
      await project.remove('pages/later.tsx')
      await eventually('/later', ({ status }) => status === 404)
    }
    await project.write('pages/post/[slug].tsx', 'export default () => <p>any post</p>')
    await eventually('/post/x', ({ text }) => text.includes('any post'))
  })

  it('reports a conflict of routes while there is one, and recovers [17.17]', async () => {
    await project.write('pages/post/[other]/x.tsx', 'export default () => null')
    await eventually('/', ({ status, text }) => status === 500 && /different slug names/.test(text))
    expect(app.output()).toMatch(/pages\/post\/\[other\]\/x\.tsx/)
    await project.remove('pages/post/[other]')
    await eventually('/', ({ status }) => status === 200)
  })

  it('warns of two files for one route and serves the first [1.01]', async () => {
    await project.write('pages/twice/index.tsx', 'export default () => <p>folder</p>')
    await project.write('pages/twice.tsx', 'export default () => <p>file</p>')
    await eventually('/twice', ({ text }) => text.includes('folder'))
    for (let tries = 0; !app.output().includes('Duplicate page detected') && tries < 50; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 50))
    expect(app.output()).toMatch(
      /Duplicate page detected: `pages\/twice\/index\.tsx` and `pages\/twice\.tsx`/,
    )
  })

  it('compiles a page once for many first requests [17.23]', async () => {
    await project.write(
      'pages/fresh.tsx',
      "console.log('evaluated fresh')\nexport default () => <p>fresh</p>",
    )
    await eventually('/fresh', ({ status }) => status === 200)
    await project.write(
      'pages/fresh2.tsx',
      "console.log('evaluated again')\nexport default () => <p>again</p>",
    )
    await new Promise((resolve) => setTimeout(resolve, 500))
    const answers = await Promise.all(Array.from({ length: 20 }, () => get('/fresh2')))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect(app.output().match(/evaluated again/g)).toHaveLength(1)
  })
})

describe('two sites of one process', () => {
  it('have their own modules, styles and mount paths [21.06]', async () => {
    const one = await makeProject({ 'pages/index.tsx': 'export default () => <p>site one</p>' })
    const two = await makeProject({ 'pages/index.tsx': 'export default () => <p>site two</p>' })
    const program = expressProgram({
      options: `{ root: ${JSON.stringify(one.root)} }`,
      mount: "'/one'",
    }).replace(
      'const server',
      `const other = pages({ root: ${JSON.stringify(two.root)} })
app.use('/two', other)
const again = pages({ root: ${JSON.stringify(one.root)} })
app.use('/again', again)
process.once('SIGTERM', () => { void other.close(); void again.close() })
const server`,
    )
    const both = await startApp(one, program, DEVELOPMENT)
    const texts = await Promise.all(
      ['/one', '/two', '/again'].map(async (path) => (await fetch(both.url + path)).text()),
    )
    expect(texts[0]).toMatch(/site one.*src="\/one\/_assets\/@vite/s)
    expect(texts[1]).toMatch(/site two.*src="\/two\/_assets\/@vite/s)
    expect(texts[2]).toMatch(/site one.*src="\/again\/_assets\/@vite/s)
    for (const path of ['/one', '/two', '/again'])
      expect((await fetch(`${both.url}${path}/_assets/pages/index.tsx`)).status).toBe(200)
    expect(both.output()).not.toMatch(/24678|error/i)
    await both.stop()
  })
})

describe('error pages tell visitors nothing and authors what they need', () => {
  it('in production neither message, stack, path nor environment; in development escaped, without cookies or secrets [S74]', async () => {
    const attack = '</script><img src=x onerror=alert(1)>'
    const site = await makeProject({
      'pages/index.tsx': `export const getServerSideProps = ({ query }: any) => { throw new Error('PRIVATE ' + query.x) }\nexport default () => null`,
    })
    expect((await runCli(['build', site.root])).code).toBe(0)
    const secrets = { cookie: 'session=COOKIE_SECRET', authorization: 'Bearer TOKEN_SECRET' }
    const path = `/?x=${encodeURIComponent(attack)}`
    for (const NODE_ENV of ['production', 'development']) {
      const running = await startApp(site, expressProgram({ options: '{ fallthrough: false }' }), {
        NODE_ENV,
        APP_SECRET: 'ENV_SECRET',
      })
      const failed = await fetch(running.url + path, { headers: secrets })
      const html = await failed.text()
      expect(failed.status).toBe(500)
      expect(html).not.toMatch(/COOKIE_SECRET|TOKEN_SECRET|ENV_SECRET|<img/)
      const missing = await (await fetch(`${running.url}/nowhere`, { headers: secrets })).text()
      expect(missing).not.toMatch(/COOKIE_SECRET|TOKEN_SECRET|ENV_SECRET/)
      if (NODE_ENV === 'production') {
        for (const text of [html, missing]) expect(text).not.toMatch(/PRIVATE|node_modules|\.tsx|\.mjs:/)
        expect(html + missing).not.toContain(site.root)
      } else expect(html).toContain('PRIVATE &lt;/script&gt;&lt;img')
      await running.stop()
    }
  })
})
