import { jest } from '@jest/globals'
import { readPayload, readRoot } from '../support/page-data.js'
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

const PRODUCTION = { NODE_ENV: 'production' }
const LONG = 'x'.repeat(300)

let project: Project
let site: RunningApp
let printed: string

const start = () => startApp(project, expressProgram({ options: '{ fallthrough: false }' }), PRODUCTION)

beforeAll(async () => {
  project = await makeProject({
    'pages/server.jsx': `export const getServerSideProps = () => ({ props: { at: new Date(0), gone: undefined } })
export default function Page({ at }) { return <p>{at.getTime()}</p> }`,
    'pages/guarded.jsx': `import { secret } from '../lib/secret'
export const middleware = [(req, res, next) => (req.get('X-User') === secret ? next() : res.status(401).end('who?'))]
export const getStaticProps = () => ({ props: { text: 'for members' } })
export default function Page({ text }) { return <p>{text}</p> }`,
    'lib/secret.js': "import 'node:fs'\nexport const secret = 'SECRET_OF_THE_GUARD'\n",
    'pages/blog/[slug].jsx': `let calls = 0
export const getStaticPaths = () => ({ paths: ['/blog/a'], fallback: 'blocking' })
export const getStaticProps = ({ params, draftMode = false }) => ({ props: { slug: params.slug, calls: ++calls, draftMode }, revalidate: false })
export default function Post({ slug }) { return <p>{slug}</p> }`,
    'pages/large.jsx': `export const getStaticProps = () => ({ props: { text: 'x'.repeat(150_000) } })
export default function Large() { return null }`,
    'pages/render.jsx': `export const getServerSideProps = () => ({ props: {} })
export default function Page() { throw new Error('secret of the render') }`,
    'pages/err.jsx': `export const getServerSideProps = () => { throw new Error('secret') }
export default function Page() { return null }`,
    'pages/gone.jsx': `export const getServerSideProps = () => ({ notFound: true })
export default function Page() { return null }`,
    'pages/listed/[slug].jsx': `export const getStaticPaths = () => ({ paths: [], fallback: false })
export const getStaticProps = () => ({ props: {} })
export default function Page() { return null }`,
    'pages/404.jsx': 'export default function Missing() { return <h1>Nothing here</h1> }',
    'pages/500.jsx': `export const getStaticProps = () => ({ props: { at: Math.random() } })
export default function Broken({ at }) { return <h1>We are sorry {at}</h1> }`,
    'pages/api/draft.js': 'export default (req, res) => res.setDraftMode({ enable: true }).end()',
  })
  const { code, stdout, stderr } = await runCli(['build', project.root])
  printed = stdout + stderr
  if (code !== 0) throw new Error(printed)
  site = await start()
})

afterAll(removeProjects)

async function get(path: string, headers: Record<string, string> = {}, from = site) {
  const answer = await fetch(from.url + path, { headers, redirect: 'manual' })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

const clientCode = async () => {
  const names = (await project.list('.pagepress/client')).filter((name) => name.endsWith('.js'))
  return (await Promise.all(names.map((name) => project.read(`.pagepress/client/${name}`)))).join('\n')
}

describe('a built page', () => {
  it('may have props that are no JSON: they are there on the server, and in data as JSON has them [2.16]', async () => {
    const { status, text } = await get('/server')

    expect([status, readRoot(text)]).toEqual([200, '<p>0</p>'])
    expect(JSON.parse((await get('/_data/server.json')).text)).toEqual({
      pageProps: { at: '1970-01-01T00:00:00.000Z' },
    })
  })

  it('with middleware of its own is guarded from its first request, document and data', async () => {
    for (const path of ['/guarded', '/_data/guarded.json']) {
      for (let round = 0; round < 2; round++) {
        const refused = await get(path)
        expect([refused.status, refused.text]).toEqual([401, 'who?'])
        const { status, text, headers } = await get(path, { 'X-User': 'SECRET_OF_THE_GUARD' })
        expect(status).toBe(200)
        expect(text).toContain('for members')
        expect(headers.get('cache-control')).toMatch(/^private/)
      }
    }
    const code = await clientCode()
    expect(code).not.toContain('SECRET_OF_THE_GUARD')
    expect(code).not.toContain('who?')
  })

  it('tells the browser where its props come from [3.29]', async () => {
    const code = await clientCode()

    const dataOf = (route: string) =>
      new RegExp(`route:[\`"']${route.replace(/[[\]]/g, '\\$&')}[\`"'],data:[\`"'](\\w+)[\`"']`).exec(
        code,
      )?.[1]
    expect([dataOf('/blog/[slug]'), dataOf('/guarded'), dataOf('/server')]).toEqual([
      'static',
      'static',
      'server',
    ])
  })

  it('with large props is reported while building, with its size [3.28]', () => {
    expect(printed).toMatch(/the props of page `\/large` are 150 kB of JSON, more than 128 kB/)
  })

  it('may have a path that is longer than the name of a file [4.20]', async () => {
    const first = await get(`/blog/${LONG}`)
    expect([first.status, readRoot(first.text)]).toEqual([200, `<p>${LONG}</p>`])
    const second = await get(`/blog/${LONG}`)
    expect([second.text, second.headers.get('cache-status')]).toEqual([first.text, 'pagepress; hit'])
  })
})

describe('the error pages of a build', () => {
  it('404 is produced while building, and answers for everything that is not there [13.04]', async () => {
    for (const path of ['/nothing', '/gone', '/listed/a']) {
      const { status, text, headers } = await get(path)
      expect([status, readRoot(text), readPayload(text).page]).toEqual([404, '<h1>Nothing here</h1>', '/404'])
      expect(headers.get('cache-control')).toMatch(/^private/)
    }
    expect(await project.list('.pagepress/prerendered')).not.toEqual([])
  })

  it('500 is produced while building, and answers for every failure [13.05]', async () => {
    const pages = new Set<string>()
    for (const path of ['/err', '/render', '/err']) {
      const { status, text } = await get(path)
      expect(status).toBe(500)
      expect(text).not.toContain('secret')
      pages.add(readRoot(text))
    }
    expect([...pages]).toEqual([expect.stringMatching(/^<h1>We are sorry/)])
  })

  it('a page that fails is a 500 where there is a 404 page, too [13.12]', async () => {
    const { status, text } = await get('/err')

    expect([status, readPayload(text).page]).toEqual([500, '/500'])
  })
})

describe('draft mode of a build', () => {
  it('is another one after the next build, and its keys are nowhere to be had [14.13]', async () => {
    const [cookie = ''] = (await get('/api/draft')).headers.getSetCookie()
    const headers = { Cookie: cookie.slice(0, cookie.indexOf(';')) }
    const isDraft = async (from: RunningApp) =>
      readPayload((await get('/blog/a', headers, from)).text).props.pageProps['draftMode']
    expect(await isDraft(site)).toBe(true)
    const keys = (JSON.parse(await project.read('.pagepress/manifest.json')) as { draftKeys: object })
      .draftKeys

    for (const key of Object.values(keys) as string[]) expect(await clientCode()).not.toContain(key)
    for (const path of [
      '/manifest.json',
      '/.pagepress/manifest.json',
      '/_assets/manifest.json',
      '/_assets/../manifest.json',
    ])
      expect((await get(path)).status).toBe(404)

    // Another process of the same build knows it.
    const same = await start()
    expect(await isDraft(same)).toBe(true)
    await same.stop()
    expect((await runCli(['build', project.root])).code).toBe(0)
    const next = await start()
    expect(await isDraft(next)).toBe(false)
    expect((await get('/blog/a', headers, next)).headers.getSetCookie()).toHaveLength(2)
    await next.stop()
  })
})

describe('pagepress build', () => {
  const failing = async (files: Record<string, string>) => {
    const broken = await makeProject({ 'pages/index.jsx': 'export default () => null', ...files })
    const { code, stdout, stderr } = await runCli(['build', broken.root])
    return [code, stdout + stderr] as const
  }

  it('fails when the 500 page has no props to show [13.07]', async () => {
    const [code, output] = await failing({
      'pages/500.jsx': `export const getStaticProps = () => { throw new Error('nothing works') }
export default () => null`,
    })

    expect(code).toBe(1)
    expect(output).toMatch(/\/500.*nothing works/)
  })

  it('fails when the 404 page says that it is not found [3.17]', async () => {
    const [code, output] = await failing({
      'pages/404.jsx': 'export const getStaticProps = () => ({ notFound: true })\nexport default () => null',
    })

    expect(code).toBe(1)
    expect(output).toMatch(/`pages\/404\.jsx`.*`notFound`/)
  })

  it.each(['_app', '_document', '_error'])('fails when %s has getStaticProps [3.17]', async (name) => {
    const [code, output] = await failing({
      [`pages/${name}.jsx`]: 'export const getStaticProps = () => ({ props: {} })\nexport default () => null',
    })

    expect(code).toBe(1)
    expect(output).toMatch(new RegExp(`\`pages/${name}\\.jsx\` exports \`getStaticProps\``))
  })

  it('fails when a page without visitors of its own has middleware', async () => {
    for (const name of ['_app', '404']) {
      const [code, output] = await failing({
        [`pages/${name}.jsx`]: 'export const middleware = []\nexport default () => null',
      })
      expect(code).toBe(1)
      expect(output).toMatch(new RegExp(`\`pages/${name}\\.jsx\` exports \`middleware\``))
    }
  })
})
