import { jest } from '@jest/globals'
import { join } from 'node:path'
import {
  expressProgram,
  makeProject,
  removeProjects,
  runCli,
  startApp,
  type Project,
  type RunningApp,
} from '../support/project.js'
import { openHmrSocket } from '../support/hmr-socket.js'
import { askRaw } from '../support/raw.js'

jest.setTimeout(90_000)

let project: Project

/** What the environment holds: what a prefix makes public, and what is nobody's business. */
const shown = { NEXT_PUBLIC_SHOWN: 'SHOWN-BY-NEXT', VITE_SHOWN: 'SHOWN-BY-VITE' }
const hidden = {
  SECRET_WORD: 'KEPT-BACK-SECRET',
  DATABASE_URL: 'KEPT-BACK-DATABASE',
  PUBLIC_WORD: 'KEPT-BACK-PUBLIC',
  NEXT_PRIVATE_WORD: 'KEPT-BACK-NEXT',
  REACT_APP_WORD: 'KEPT-BACK-REACT',
  MY_VITE_WORD: 'KEPT-BACK-INNER',
  next_public_word: 'KEPT-BACK-LOWER',
}
const inFiles = { SECRET_OF_FILE: 'KEPT-BACK-FILE', VITE_OF_FILE: 'SHOWN-OF-FILE' }

const named = [...Object.keys(shown), ...Object.keys(hidden), ...Object.keys(inFiles)]

/** Says on standard error which modules of Vite are imported, or that there is none where it is told so. */
const hooks = `
import { writeSync } from 'node:fs'
const isVite = (text) => /^(?:vite|rolldown|@vitejs)(?:\\/|$)|\\/node_modules\\/(?:vite|rolldown|@vitejs)\\//.test(text)
export async function resolve(specifier, context, next) {
  if (isVite(specifier)) {
    writeSync(2, 'imported ' + specifier + '\\n')
    if (process.env.VITE_IS_MISSING)
      throw Object.assign(new Error("Cannot find package '" + specifier + "' imported from " + context.parentURL), { code: 'ERR_MODULE_NOT_FOUND' })
  }
  return next(specifier, context)
}`

beforeAll(async () => {
  const env = Object.entries({ ...inFiles, ...hidden }).map(([name, value]) => `${name}=${value}\n`)
  project = await makeProject({
    '.env': env.join(''),
    'hooks.mjs': hooks,
    'register.mjs': "import { register } from 'node:module'\nregister('./hooks.mjs', import.meta.url)\n",
    'pages/index.tsx': `import { useEffect, useState } from 'react'
export const getServerSideProps = () => ({ props: { secret: process.env.SECRET_WORD } })
export default function Home({ secret }: { secret: string }) {
  const [seen, setSeen] = useState('')
  useEffect(() => {
    const all = [${named.map((name) => `process.env.${name}, (import.meta as any).env.${name}`).join(', ')}]
    setSeen(all.join() + JSON.stringify(process.env) + JSON.stringify((import.meta as any).env))
  }, [])
  return <p>{'HOME ' + secret}<i>{seen}</i></p>
}`,
    'pages/boom.tsx': `export const getServerSideProps = () => { throw new Error('no luck') }
export default () => null`,
  })
  expect(await runCli(['build', project.root], { ...shown, ...hidden })).toMatchObject({ code: 0 })
})

afterAll(removeProjects)

function start(env: Record<string, string | undefined>): Promise<RunningApp> {
  const NODE_OPTIONS = `--import ${join(project.root, 'register.mjs')}`
  return startApp(project, expressProgram(), { NODE_OPTIONS, ...shown, ...hidden, ...env })
}

/** One for all tests: none of them changes anything. */
let development: Promise<RunningApp> | undefined
const startDevelopment = () => (development ??= start({ NODE_ENV: undefined }))

const portOf = ({ url }: RunningApp) => Number(new URL(url).port)

describe('development, in production', () => {
  it.each([
    ['installed', undefined],
    ['not installed', '1'],
  ])('is not there: no module of Vite is imported where it is %s', async (_, VITE_IS_MISSING) => {
    const app = await start({ NODE_ENV: 'production', VITE_IS_MISSING })
    const port = portOf(app)
    expect(await askRaw(port, '/')).toMatchObject({ status: 200, body: expect.stringContaining('HOME') })
    expect(await askRaw(port, '/_data/index.json')).toMatchObject({ status: 200 })
    const failed = await askRaw(port, '/boom')
    expect(failed.status).toBe(500)
    expect(failed.body).not.toMatch(/no luck|@vite|pagepress\/reload/)
    for (const front of ['', '/_assets'])
      for (const path of [
        '/@vite/client',
        '/@vite/env',
        '/@react-refresh',
        '/@id/virtual:pagepress/show',
        '/@id/__x00__virtual:pagepress/client',
        `/@fs${project.root}/pages/index.tsx`,
        '/pages/index.tsx',
        '/.env?raw',
        '/__open-in-editor?file=pages/index.tsx',
        '/@hmr',
      ])
        for (const headers of [{}, { Host: 'localhost', 'X-Forwarded-For': '127.0.0.1' }])
          expect([path, (await askRaw(port, front + path, { headers })).status]).toEqual([path, 404])
    // Nobody listens to upgrades: Node answers the request as if it did not ask for one.
    expect((await openHmrSocket(port, '/_assets/@hmr')).status).toBe(404)
    // What the page prints is its own matter.
    expect((await askRaw(port, '/')).body).toContain('HOME KEPT-BACK-SECRET')
    expect(app.output()).not.toContain('imported ')
    await app.stop()
  })

  it('is what an app without NODE_ENV runs, and says so where there is a build', async () => {
    const app = await startDevelopment()
    expect((await askRaw(portOf(app), '/')).body).toContain('/_assets/@vite/client')
    expect(app.output()).toContain('imported vite')
    expect(app.output()).toMatch(/`\.pagepress` holds a build.*NODE_ENV=production/)
  })

  it('is refused without NODE_ENV where Vite is not installed, with what to do', async () => {
    const app = await start({ NODE_ENV: undefined, VITE_IS_MISSING: '1' })
    const { status, body } = await askRaw(portOf(app), '/')
    expect(status).toBe(500)
    expect(body).not.toContain('HOME')
    expect(app.output()).toMatch(/NODE_ENV=production.*needs the package `vite`[^]*PAGES_PEER_MISSING/)
    await app.stop()
  })
})

describe('variables of the environment', () => {
  it('reach browsers by their prefix alone; what data functions print is in no script [S104]', async () => {
    const scripts = (await project.list('.pagepress')).filter((file) => file.endsWith('.js'))
    const texts = await Promise.all(scripts.map((file) => project.read(`.pagepress/${file}`)))
    const client = texts.filter((_, index) => scripts[index]?.includes('client/')).join('\n')
    expect(client).toContain('HOME ')
    for (const value of [...Object.values(shown), inFiles.VITE_OF_FILE]) expect(client).toContain(value)
    for (const text of texts) expect(text).not.toContain('KEPT-BACK')
  })

  it('reach browsers by their prefix alone in development, too [S104]', async () => {
    const app = await startDevelopment()
    const { body } = await askRaw(portOf(app), '/')
    expect(body).toContain('HOME KEPT-BACK-SECRET')
    const toLoad = new Set([...body.matchAll(/src="([^"]+)"/g)].map(([, url = '']) => url))
    toLoad.add('/_assets/pages/index.tsx').add('/_assets/@vite/env')
    let all = ''
    for (const url of toLoad) {
      const { status, body: text } = await askRaw(portOf(app), url)
      expect([url, status]).toEqual([url, 200])
      all += text
      for (const [, next = ''] of text.matchAll(/(?:from|import)\s*\(?\s*"(\/_assets\/[^"]+)"/g))
        if (!next.includes('/deps/') && toLoad.size < 100) toLoad.add(next)
    }
    expect(toLoad.size).toBeGreaterThan(5)
    for (const value of [...Object.values(shown), inFiles.VITE_OF_FILE]) expect(all).toContain(value)
    expect(all).not.toContain('KEPT-BACK')
  })
})
