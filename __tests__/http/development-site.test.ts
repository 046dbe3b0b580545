import { jest } from '@jest/globals'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  expressProgram,
  makeProject,
  removeProjects,
  startApp,
  type Project,
  type RunningApp,
} from '../support/project.js'

jest.setTimeout(60_000)

const DEVELOPMENT = { NODE_ENV: 'development' }

let project: Project
let site: RunningApp

beforeAll(async () => {
  project = await makeProject({
    'pages/index.jsx': `import './index.module.css'
export default function Home() { return <h1>Home</h1> }`,
    'pages/index.module.css': 'h1 { color: teal }',
    'pages/hello.jsx': 'export default function Hello() { return <h1>Hello</h1> }',
    'pages/server.jsx': `
export const getServerSideProps = ({ res }) => {
  res.setHeader('Cache-Control', 'public, max-age=3600')
  return { props: {} }
}
export default function Server() { return null }`,
    'pages/floating.jsx': `
export async function getServerSideProps() {
  void Promise.reject(new Error('nobody waits for this'))
  return { props: {} }
}
export default function Floating() { return null }`,
    'pages/500.jsx': 'export default function Sorry() { return <h1>Sorry</h1> }',
    'pages/fails.jsx': `
export function getServerSideProps() { throw new Error('no luck') }
export default function Fails() { return null }`,
    'public/hello': 'a file',
    'public/file.txt': 'a file',
  })
  site = await startApp(project, expressProgram({ options: '{ fallthrough: false }' }), DEVELOPMENT)
})

afterAll(removeProjects)

async function get(path: string, from = site) {
  const answer = await fetch(from.url + path, { redirect: 'manual' })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

async function outputWith(text: string | RegExp, from = site): Promise<string> {
  for (let tries = 0; tries < 100 && !new RegExp(text).test(from.output()); tries += 1) await sleep(20)
  return from.output()
}

/** Opens the connection that a browser learns of edits by. */
async function openSocket({ url }: RunningApp): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(
    'GET /_assets/@hmr HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
      'Sec-WebSocket-Protocol: vite-ping\r\n\r\n',
  )
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1.1 101 /)
  return socket
}

describe('a site in development', () => {
  it('tells of a public file with the URL of a page when that is asked for, in the page and in the log [1.32]', async () => {
    const { status, text } = await get('/hello')

    expect(status).toBe(500)
    for (const told of [text, await outputWith('public/hello')]) {
      expect(told).toContain('public/hello')
      expect(told).toContain('pages/hello.jsx')
    }
    expect((await get('/')).status).toBe(200)
  })

  it('lets nobody keep pages, modules or data, whatever a page says [1.52][2.22]', async () => {
    const { text, headers } = await get('/')
    expect(headers.get('cache-control')).toBe('no-store, must-revalidate')
    expect((await get('/server')).headers.get('cache-control')).toBe('no-store, must-revalidate')
    const scripts = [...text.matchAll(/src="([^"]+)"/g)].map(([, url]) => url!)

    expect(scripts.length).toBeGreaterThan(0)
    for (const url of scripts) {
      const answer = await get(url)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('cache-control')).toMatch(/no-(cache|store)/)
      expect(answer.headers.get('cache-control')).not.toContain('immutable')
    }
    expect((await get('/_assets/missing.js')).headers.get('cache-control') ?? '').not.toContain('immutable')
  })

  it('shows what failed instead of the 500 page [13.05]', async () => {
    const { status, text } = await get('/fails')

    expect(status).toBe(500)
    expect(text).toContain('no luck')
    expect(text).not.toContain('Sorry')
    expect(await outputWith('no luck')).toContain('no luck')
  })

  it('refuses a public folder with the name of its own assets [1.33]', async () => {
    const other = await makeProject({
      'pages/index.jsx': 'export default function Home() { return <h1>Home</h1> }',
      'public/_assets/x.txt': 'x',
    })
    const app = await startApp(other, expressProgram(), DEVELOPMENT)

    expect((await get('/', app)).status).toBe(500)
    expect(await outputWith('_assets', app)).toMatch(/`public\/_assets` clashes with URLs/)
    await app.stop()
  })

  it('names the source and the line of what a page left unhandled [21.13]', async () => {
    const app = await startApp(project, expressProgram(), DEVELOPMENT)
    await get('/floating', app).catch(() => undefined)

    expect(await outputWith('nobody waits', app)).toMatch(
      /Error: nobody waits for this\s+at [^\n]*pages\/floating\.jsx:3:/,
    )
    await app.stop()
  })

  it('ends by itself when its server and its site are closed [21.11]', async () => {
    const program = `${expressProgram()}
process.once('exit', (code) => console.log('ended with ' + code))`
    const app = await startApp(project, program, DEVELOPMENT)
    await get('/', app)
    await get('/_assets/@vite/client', app)
    const socket = await openSocket(app)

    await app.stop()

    expect(app.output()).toContain('ended with 0')
    socket.destroy()
  })
})
