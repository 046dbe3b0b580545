import { jest } from '@jest/globals'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import {
  expressProgram,
  makeProject,
  removeProjects,
  startApp,
  type Project,
  type RunningApp,
} from '../support/project.js'
import { openHmrSocket, type HmrSocket } from '../support/hmr-socket.js'
import { askRaw } from '../support/raw.js'

jest.setTimeout(60_000)

let project: Project
let app: RunningApp
let port: number

const MARKER = 'MARKER-OF-THE-SITE'

/** Everything that development answers by itself: modules, pages, data, errors, public files, API routes. */
const ours = [
  '/_assets/@vite/client',
  '/_assets/pages/index.tsx',
  '/_assets/@id/virtual:pagepress/data',
  '/_assets/__open-in-editor?file=pages/index.tsx',
  '/',
  '/?x=1',
  '/_data/index.json',
  '/boom',
  '/_data/boom.json',
  '/api/hello',
  '/note.txt',
  '/app-fails',
]

beforeAll(async () => {
  project = await makeProject({
    'pages/index.tsx': `export const getServerSideProps = () => ({ props: { text: '${MARKER}' } })
export default ({ text }: any) => <p>{text}</p>`,
    'pages/boom.tsx': `export const getServerSideProps = () => { throw new Error('${MARKER}') }
export default () => null`,
    'pages/api/hello.ts': `export default (_req: unknown, res: any) => res.json({ hello: '${MARKER}' })`,
    'public/note.txt': MARKER,
    '.env': `SECRET_WORD=${MARKER}`,
    'opened.txt': '',
    'editor.sh': '#!/bin/sh\necho "$@" >> opened.txt\n',
    'with space;rm -rf x.txt': 'an odd name',
  })
  await chmod(join(project.root, 'editor.sh'), 0o700)
  const program = expressProgram({
    options: "{ vite: { server: { allowedHosts: ['my-site.test', '.team.test'] } } }",
  })
    // An app that believes what proxies say of hosts and addresses.
    .replace('const site', "app.set('trust proxy', true)\nconst site")
    .replace(
      'const server',
      `app.get('/own', (req, res) => res.send('own of the app'))
app.get('/app-fails', (req, res, next) => next(new Error('${MARKER}')))
app.use(site.errorHandler)
const server`,
    )
  app = await startApp(project, program, {
    NODE_ENV: 'development',
    LAUNCH_EDITOR: join(project.root, 'editor.sh'),
  })
  port = Number(new URL(app.url).port)
  expect((await askRaw(port, '/')).body).toContain(MARKER)
})

afterAll(removeProjects)

const ask = (path: string, headers: Record<string, string> = {}) => askRaw(port, path, { headers })

async function opened(): Promise<string[]> {
  return (await project.read('opened.txt')).split('\n').filter((line) => line !== '')
}

const strangers = ['evil.test', 'evil.test:3000', 'localhost.evil.test', 'evil-my-site.test', 'notlocalhost']
const lies = [
  {},
  {
    'X-Forwarded-For': '127.0.0.1',
    'X-Forwarded-Host': 'localhost',
    'X-Real-IP': '::1',
    Forwarded: 'for=127.0.0.1;host=localhost',
    'X-Forwarded-Proto': 'https',
    'X-Client-IP': '127.0.0.1',
    Origin: 'http://localhost:3000',
  },
]

describe('a host that leads to a development server', () => {
  it('is refused what development answers, modules, pages, data and errors, if it is a stranger’s [S99]', async () => {
    for (const Host of strangers)
      for (const path of ours) {
        const { status, headers, body } = await ask(path, { Host })
        expect([path, Host, status]).toEqual([path, Host, 403])
        expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
        expect(headers['content-type']).toMatch(/^text\/plain/)
        expect(body).not.toContain(MARKER)
      }
    expect(await opened()).toEqual([])
    expect((await ask('/', { Host: 'evil.test:80' })).body).toMatch(
      /"evil\.test".*`pages\(\{ vite: \{ server: \{ allowedHosts: \["evil\.test"\] \} \} \}\)`/,
    )
  })

  it('reaches the app, whose own routes are its own matter', async () => {
    expect(await ask('/own', { Host: 'evil.test' })).toMatchObject({ status: 200, body: 'own of the app' })
    expect(await ask('/nowhere', { Host: 'evil.test' })).toMatchObject({ status: 404 })
  })

  it.each([
    'localhost',
    'localhost:3000',
    'shop.localhost:3000',
    '127.0.0.1:3000',
    '[::1]:3000',
    '192.168.1.20:3000',
    'my-site.test',
    'team.test',
    'a.team.test:8080',
  ])('is served if it is of this machine, or listed in `server.allowedHosts`: %s', async (Host) => {
    for (const path of ['/', '/_assets/@vite/client', '/_data/index.json', '/api/hello'])
      expect([path, (await ask(path, { Host })).status]).toEqual([path, 200])
  })

  it('is not taken from what proxies and browsers say besides: no header makes a request a local one [S101]', async () => {
    for (const path of ours) {
      for (const lie of lies) expect((await ask(path, { Host: 'evil.test', ...lie })).status).toBe(403)
    }
    // Nor does an address or a host of this machine open what is closed to everybody.
    for (const path of [
      '/_assets/.env',
      '/_assets/.env?raw',
      '/_assets/@fs/etc/hostname',
      '/_assets/__open-in-editor?file=/etc/hostname',
    ])
      for (const lie of lies)
        for (const Host of ['localhost', '127.0.0.1', '[::1]'])
          expect([path, (await ask(path, { Host, ...lie })).status]).toEqual([path, 403])
    expect(await opened()).toEqual([])
  })
})

describe('pages of other sites', () => {
  it.each(['http://evil.test', 'https://evil.test:3000', 'null', 'http://localhost.evil.test'])(
    'are not allowed to read anything: %s [S99]',
    async (Origin) => {
      for (const path of ours.filter((path) => !path.includes('editor'))) {
        const { headers } = await ask(path, { Origin })
        expect([path, headers['access-control-allow-origin']]).toEqual([path, undefined])
      }
    },
  )

  it('cannot load modules as scripts, which browsers do without asking [S99]', async () => {
    const script = { 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'script' }
    for (const path of ['/_assets/@vite/client', '/_assets/pages/index.tsx']) {
      expect((await ask(path, { ...script, 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
      expect((await ask(path, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
      expect((await ask(path, { ...script, 'Sec-Fetch-Site': 'same-site' })).status).toBe(403)
      for (const site of ['same-origin', 'none'])
        expect((await ask(path, { ...script, 'Sec-Fetch-Site': site })).status).toBe(200)
    }
    // Data is nothing that a browser would run.
    const data = await ask('/_data/index.json', { ...script, 'Sec-Fetch-Site': 'cross-site' })
    expect(data.headers).toMatchObject({ 'x-content-type-options': 'nosniff' })
    expect(data.headers['content-type']).toMatch(/^application\/json/)
  })
})

describe('opening a file in the editor', () => {
  const open = (file: string, headers: Record<string, string> = {}) =>
    ask(`/_assets/__open-in-editor?file=${encodeURIComponent(file)}`, headers)

  it('is refused for names of other machines, for commands, and outside of the project [S103]', async () => {
    const outside = [
      '\\\\host\\x',
      '\\\\?\\UNC\\host\\x',
      '//host/x',
      'file://host/x',
      'file:///etc/hostname',
      `file://${project.root}/pages/index.tsx`,
      ';rm',
      'pages/index.tsx;rm -rf x',
      'pages/index.tsx & calc',
      '$(touch x)',
      '`touch x`',
      '/etc/hostname',
      '/etc/passwd:1:1',
      '../outside.txt',
      'pages/../../outside.txt',
      'node_modules/express/package.json',
      `${project.root}/../x`,
      project.root,
      '.',
      '',
      'pages/index.tsx\0',
    ]
    for (const file of outside) expect([file, (await open(file)).status]).toEqual([file, 403])
    for (const path of [
      '/_assets/__OPEN-in-editor',
      '/_assets/__open-in-editor/x',
      '/_assets//__open-in-editor',
    ])
      expect((await ask(`${path}?file=/etc/hostname`)).status).toBe(403)
    const foreign = [
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'cors' },
    ]
    for (const headers of foreign) expect((await open('pages/index.tsx', headers)).status).toBe(403)
    const posted = await askRaw(port, '/_assets/__open-in-editor?file=pages/index.tsx', { method: 'POST' })
    expect(posted.status).toBe(403)
    // What is opened next comes after whatever was opened before.
    expect((await open('pages/index.tsx:2:3', { 'Sec-Fetch-Site': 'same-origin' })).status).toBe(200)
    for (let tries = 0; (await opened()).length === 0 && tries < 200; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 25))
    expect(await opened()).toEqual([expect.stringContaining(`${project.root}/pages/index.tsx`)])
  })
})

interface Told {
  readonly type: string
  readonly event?: string
  readonly data: { readonly name: string; readonly data: unknown }
}

describe('the socket that tells of edits', () => {
  const sockets: HmrSocket[] = []
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.close()
  })

  async function connect(query: string, headers: Record<string, string> = {}): Promise<HmrSocket> {
    const socket = await openHmrSocket(port, `/_assets/@hmr${query}`, headers)
    sockets.push(socket)
    return socket
  }

  async function readToken(): Promise<string> {
    const [, token = ''] = /wsToken = "([^"]+)"/.exec((await ask('/_assets/@vite/client')).body) ?? []
    expect(token).not.toBe('')
    return token
  }

  const heard = async (socket: HmrSocket, count: number) => {
    for (let tries = 0; socket.messages.length < count && tries < 200; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 25))
    return socket.messages
  }

  it('is closed to whoever has no token, and to foreign pages whatever they have [S100]', async () => {
    const token = await readToken()
    const Origin = `http://localhost:${port}`
    const wrong = [...token].reverse().join('')
    for (const query of [
      '',
      '?',
      '?token=',
      '?token=x',
      `?token=${wrong}`,
      `?token=${token}x`,
      '?token=%C3%A9',
    ])
      for (const headers of [{ Origin }, {}, { Origin: 'null' }, { Origin: 'http://evil.test' }])
        expect([query, headers, (await connect(query, headers)).status]).toEqual([query, headers, 403])
    for (const headers of [
      { Origin: 'null' },
      { Origin: 'http://evil.test' },
      { Origin: 'nonsense' },
      { Origin: 'file://' },
      { Origin, Host: 'evil.test' },
      { Origin: 'http://evil.test', Host: 'evil.test', 'X-Forwarded-Host': 'localhost' },
    ])
      expect([headers, (await connect(`?token=${token}`, headers)).status]).toEqual([headers, 403])
    const ping = { 'Sec-WebSocket-Protocol': 'vite-ping', Origin: 'http://evil.test' }
    expect((await connect('', ping)).status).toBe(403)
    expect((await connect(`?token=${token}`, { Origin })).status).toBe(101)
    expect((await connect(`?token=${token}`, { Origin: 'http://my-site.test' })).status).toBe(101)
  })

  it('loads no modules for whoever is connected, and does nothing at events of their making [S100]', async () => {
    const token = await readToken()
    const sender = await connect(`?token=${token}`)
    const other = await connect(`?token=${token}`)
    expect(await heard(other, 1)).toEqual(['{"type":"connected"}'])
    const files = [
      `${project.root}/.env?raw`,
      '/etc/hostname?raw',
      '/pages/index.tsx',
      'virtual:pagepress/data',
    ]
    const invoke = (name: string, data: unknown[]) =>
      sender.send({ type: 'custom', event: 'vite:invoke', data: { name, id: 'send:1', data } })
    for (const file of files) invoke('fetchModule', [file])
    invoke('getBuiltins', [])
    for (const event of [
      'vite:invalidate',
      'vite:forward-console',
      'pagepress:change',
      'pagepress:data',
      'full-reload',
    ])
      sender.send({ type: 'custom', event, data: { path: '/pages/index.tsx', file: 'pages/index.tsx' } })
    sender.send({ type: 'full-reload' })
    sender.send({ type: 'custom', event: 'pagepress:hello', data: 'of another table' })
    // What it is told to do at last, and alone: load anew, as its pages are of another table.
    await heard(sender, files.length + 3)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const answers = sender.messages.slice(1).map((text) => JSON.parse(text) as Told)
    const invoked = answers.filter(({ event }) => event === 'vite:invoke').map(({ data }) => data)
    expect(invoked.filter(({ name }) => name === 'fetchModule')).toHaveLength(files.length)
    for (const { name, data } of invoked)
      expect(data).toEqual(name === 'fetchModule' ? { error: expect.anything() } : { result: [] })
    expect(answers.filter(({ event }) => event !== 'vite:invoke')).toEqual([{ type: 'full-reload' }])
    expect(sender.messages.join()).not.toContain(MARKER)
    expect(other.messages).toEqual(['{"type":"connected"}'])
    expect((await ask('/')).status).toBe(200)
  })
})
