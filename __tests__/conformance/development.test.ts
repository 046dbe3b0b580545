import { setTimeout as pause } from 'node:timers/promises'
import {
  expressProgram,
  makeProject,
  removeProjects,
  runCli,
  startApp,
  type Project,
  type RunningApp,
} from '../support/project.js'

let project: Project
let site: RunningApp

const NONE = 'export const handler = (req, res) => res.end()'

beforeAll(async () => {
  project = await makeProject({
    'pages/api/no-content.js': "export default (req, res) => res.status(204).send('body')",
    'pages/api/silent.js': 'export default async function handler() {}',
    'pages/api/resolved-elsewhere.js': `export default () => {}
export const config = { api: { externalResolver: true } }`,
    'pages/api/ended.js': "export default (req, res) => void res.end('ended')",
    'pages/api/piped.js': `import { Readable } from 'node:stream'
export default (req, res) => void Readable.from(['piped']).pipe(res)`,
    'pages/api/value.js': "export default async (req, res) => (res.end('sent'), { a: 1 })",
    'pages/api/response.js': "export default () => new Response('hello')",
    'pages/api/none.js': NONE,
    'pages/index.jsx': `export function getServerSideProps({ query }) {
  globalThis.broken = query.broken
  return { props: {} }
}
export default function Home() { return <h1>home</h1> }`,
    'pages/_app.jsx': `export default function App({ Component, pageProps }) {
  if (globalThis.broken === '_app') throw new Error('the frame is broken')
  return <Component {...pageProps} />
}`,
    'pages/_document.jsx': `import { Head, Html, Main, Scripts } from 'pagepress/document'
export default function Document() {
  if (globalThis.broken === '_document') throw new Error('the paper is torn')
  return <Html><Head /><body><Main /><Scripts /></body></Html>
}`,
    'pages/500.jsx': 'export default function Broken() { return <h1>we are sorry</h1> }',
  })
  site = await startApp(project, expressProgram(), { NODE_ENV: 'development' })
}, 60_000)

afterAll(removeProjects)

async function get(path: string) {
  const answer = await fetch(site.url + path)
  return { status: answer.status, text: await answer.text() }
}

/** Waits until the server has printed this. */
async function printed(text: RegExp) {
  for (let tries = 0; tries < 250 && !text.test(site.output()); tries++) await pause(20)
  expect(site.output()).toMatch(text)
}

describe('an API route in development', () => {
  it('is told that its 204 has no body [11.15]', async () => {
    expect(await get('/api/no-content')).toEqual({ status: 204, text: '' })

    await printed(/`pages\/api\/no-content\.js` sent a body with status 204/)
  })

  it('is told that it has not answered, unless somebody else does or it has [11.23]', async () => {
    const left = new AbortController()
    const unanswered = ['/api/resolved-elsewhere', '/api/silent'].map((path) =>
      fetch(site.url + path, { signal: left.signal }).catch(() => undefined),
    )
    expect((await get('/api/ended')).text).toBe('ended')
    expect((await get('/api/piped')).text).toBe('piped')
    await printed(/`pages\/api\/silent\.js` resolved without sending a response/)
    left.abort()
    await Promise.all(unanswered)

    expect(site.output()).not.toMatch(/(elsewhere|ended|piped)\.js` resolved without/)
  })

  it('is told that nobody reads what it returns, and that a Response is no answer [11.24]', async () => {
    expect((await get('/api/value')).text).toBe('sent')
    await printed(/`pages\/api\/value\.js` should not return a value, but returned an object/)

    const { status, text } = await get('/api/response')
    expect(status).toBe(500)
    expect(text).toContain('returned a `Response`')
  })

  it('that exports no handler is an error page that says so, and one that fails the build [11.26]', async () => {
    const { status, text } = await get('/api/none')
    expect(status).toBe(500)
    expect(text).toMatch(/pages\/api\/none\.js.* does not export a handler/)
    expect(text).toContain('Resolver is not a function')

    const broken = await makeProject({ 'pages/api/none.js': NONE })
    const { code, stderr } = await runCli(['build', broken.root])
    expect(code).toBe(1)
    expect(stderr).toMatch(/`pages\/api\/none\.js` does not export a handler.*Resolver is not a function/)
  })
})

describe('an error page in development', () => {
  it.each([
    ['_app', 'the frame is broken'],
    ['_document', 'the paper is torn'],
  ])('shows what %s has thrown, and the server goes on [13.14]', async (name, message) => {
    const { status, text } = await get(`/?broken=${name}`)

    expect(status).toBe(500)
    expect(text).toContain(message)
    expect(text).toContain(`pages/${name}.jsx`)
    expect(text).not.toContain('we are sorry')
    expect(await get('/')).toMatchObject({ status: 200, text: expect.stringContaining('<h1>home</h1>') })
  })
})
