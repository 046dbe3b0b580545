import { setTimeout as pause } from 'node:timers/promises'
import { jest } from '@jest/globals'
import {
  expressProgram,
  makeProject,
  removeProjects,
  startApp,
  type Project,
  type RunningApp,
} from '../support/project.js'

jest.setTimeout(60_000)

const PAGE = 'export default function Page({ params }) { return <p>{JSON.stringify({ ...params })}</p> }\n'
const note = (name: string) =>
  `import { appendFileSync } from 'node:fs'\nconst note = () => appendFileSync('calls.log', '${name}\\n')\n`

let project: Project
let site: RunningApp

beforeAll(async () => {
  project = await makeProject({
    'calls.log': '',
    'pages/list/[id].jsx': `${note('list')}export const dynamicParams = false
export function generateStaticParams() { note(); return [{ id: 'one' }] }\n${PAGE}`,
    'pages/shop/[kind]/_layout.jsx': `export const generateStaticParams = () => [{ kind: 'a' }]
export default function Layout({ children, params }) { return <section data-kind={params.kind}>{children}</section> }`,
    'pages/shop/[kind]/[id].jsx': `export const dynamicParams = false
export const generateStaticParams = ({ params }) => [{ id: params.kind + '1' }]\n${PAGE}`,
    'pages/plain/index.jsx': 'export default function Plain() { return <p>plain</p> }\n',
    'pages/wrong/[id].jsx': `export const generateStaticParams = () => 'text'\n${PAGE}`,
    'pages/part/[a]/[b].jsx': `export const generateStaticParams = () => [{ a: '1' }]\n${PAGE}`,
    'pages/lower.js':
      "export const get = () => new Response('x')\nexport const GET = () => new Response('upper')\n",
    'pages/lowest.js': "export const get = () => new Response('x')\n",
    'pages/byDefault.js': "export const GET = () => new Response('x')\nexport default () => null\n",
    'pages/none.js': 'export const other = 1\n',
    'pages/throws.js': "export const GET = () => { throw new Error('handler is out of order') }\n",
    'pages/kept.js':
      "export const dynamic = 'force-static'\nexport const GET = (request) => new Response('v1 ' + new URL(request.url).search)\n",
  })
  site = await startApp(project, expressProgram(), { NODE_ENV: 'development' })
})
afterAll(removeProjects)

const get = async (path: string, init?: RequestInit) => {
  const { status, headers, ...response } = await fetch(site.url + path, init).then(async (answer) => ({
    status: answer.status,
    headers: answer.headers,
    text: (await answer.text()).replace(/<!-- -->/g, ''),
  }))
  return { status, headers, ...response }
}

const calls = async () => (await project.read('calls.log')).split('\n').slice(0, -1)

/** An edit is there when Vite has seen it. */
async function until(path: string, isThere: (answer: { status: number; text: string }) => boolean) {
  let answer = await get(path)
  for (let attempt = 0; attempt < 100 && !isThere(answer); attempt++) {
    await pause(50)
    answer = await get(path)
  }
  // A watcher does not tell apart two edits of a file that follow each other at once.
  await pause(300)
  if (isThere(answer)) return answer
  throw new Error(`${path} did not follow the edit: ${answer.status} ${answer.text}`)
}

describe('generateStaticParams in development', () => {
  it('is told once of a set that lacks a parameter', async () => {
    expect((await get('/part/1/2')).status).toBe(200)
    expect((await get('/part/3/4')).status).toBe(200)
    expect(
      site.output().match(/`pages\/part\/\[a\]\/\[b\]\.jsx` listed .*lacks the parameter `b`/g),
    ).toHaveLength(1)
  })

  it('runs when its route is visited, and an edit of it applies without a restart [5.09]', async () => {
    expect(await calls()).toEqual([])
    await get('/plain')
    expect(await calls()).toEqual([])
    expect((await get('/list/one')).text).toContain('<p>{&quot;id&quot;:&quot;one&quot;}</p>')
    expect((await calls()).length).toBeGreaterThan(0)
    expect((await get('/list/two')).status).toBe(404)
    await project.edit('pages/list/[id].jsx', "[{ id: 'one' }]", "[{ id: 'two' }]")
    await until('/list/two', ({ status }) => status === 200)
    expect((await get('/list/one')).status).toBe(404)
  })

  it('runs in layouts, too, parents first', async () => {
    expect((await get('/shop/a/a1')).text).toContain(
      '<section data-kind="a"><p>{&quot;kind&quot;:&quot;a&quot;,&quot;id&quot;:&quot;a1&quot;}',
    )
    expect((await get('/shop/b/b1')).status).toBe(404)
    await project.edit('pages/shop/[kind]/_layout.jsx', "{ kind: 'a' }", "{ kind: 'b' }")
    await until('/shop/b/b1', ({ status }) => status === 200)
  })

  it('shows what is wrong with what it returns', async () => {
    const { status, text } = await get('/wrong/1')
    expect(status).toBe(500)
    expect(text).toContain('returned &quot;text&quot; for /wrong/[id]')
  })
})

describe('layouts in development', () => {
  it('come, change and go while the site runs', async () => {
    expect((await get('/plain')).text).not.toContain('<nav>')
    await project.write('pages/plain/_layout.jsx', 'export default ({ children }) => <nav>{children}</nav>\n')
    await until('/plain', ({ text }) => text.includes('<nav><p>plain</p></nav>'))
    await project.edit('pages/plain/_layout.jsx', '<nav>', '<nav title="new">')
    await until('/plain', ({ text }) => text.includes('<nav title="new"><p>plain</p></nav>'))
    await project.remove('pages/plain/_layout.jsx')
    await until('/plain', ({ text }) => !text.includes('<nav'))
  })

  it('are no pages', async () => {
    expect((await get('/shop/a/_layout')).status).toBe(404)
  })
})

describe('route handlers in development', () => {
  it('are told of what looks like a mistake [12.10]', async () => {
    expect((await get('/lower')).text).toBe('upper')
    await get('/lowest')
    await get('/byDefault')
    await get('/none')
    const output = site.output()
    expect(output).toMatch(/Detected lowercase method `get` in `pages\/lower\.js`/)
    expect(output).toMatch(/`pages\/lowest\.js`.*No HTTP methods exported.*Detected lowercase method `get`/)
    expect(output).toMatch(/`pages\/byDefault\.js`.*Detected default export/)
    expect(output).toMatch(/`pages\/none\.js`.*No HTTP methods exported/)
  })

  it('that throw are a 500 with nothing in it, and the error stands in the terminal [12.06]', async () => {
    const { status, text } = await get('/throws')
    expect([status, text]).toEqual([500, ''])
    expect(site.output()).toContain('handler is out of order')
  })

  it('are never kept, and follow an edit, also of what kind of module they are', async () => {
    const first = await get('/kept?a=1')
    expect([first.text, first.headers.get('cache-control')]).toEqual(['v1 ', 'no-store, must-revalidate'])
    await project.edit('pages/kept.js', 'v1', 'v2')
    await until('/kept', ({ text }) => text === 'v2 ')
    await project.write('pages/kept.js', 'export default function Kept() { return <p>a page now</p> }\n')
    await until('/kept', ({ text }) => text.includes('<p>a page now</p>'))
    await project.write('pages/kept.js', "export const GET = () => new Response('a handler again')\n")
    await until('/kept', ({ text }) => text === 'a handler again')
  })
})
