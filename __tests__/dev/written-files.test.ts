import { jest } from '@jest/globals'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openHmrSocket, type HmrSocket } from '../support/hmr-socket.js'
import {
  expressProgram,
  makeProject,
  removeProjects,
  startApp,
  type Project,
  type RunningApp,
} from '../support/project.js'

jest.setTimeout(60_000)

let project: Project
let app: RunningApp
let browser: HmrSocket

const toStyle = (color: string) => `.title { color: ${color} }\n`

beforeAll(async () => {
  project = await makeProject({
    'pages/index.tsx': `import styles from './index.module.css'
export default function Home() { return <h1 className={styles.title}>Home</h1> }\n`,
    'pages/index.module.css': toStyle('teal'),
    'pages/broken.tsx': `export default function Broken() { throw new Error('broken') }\n`,
  })
  app = await startApp(project, expressProgram(), { NODE_ENV: 'development' })
  const [, token] = /wsToken = "([^"]+)"/.exec(await get('/_assets/@vite/client')) ?? []
  browser = await openHmrSocket(Number(new URL(app.url).port), `/_assets/@hmr?token=${token}`)
  await get('/_assets/pages/index.tsx')
})

afterAll(async () => {
  browser?.close()
  await removeProjects()
})

async function get(path: string): Promise<string> {
  const answer = await fetch(app.url + path)
  return answer.text()
}

const styleModule = () => get('/_assets/pages/index.module.css')
const updates = () => browser.messages.filter((message) => message.includes('"type":"update"'))

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()) && tries < 1000; tries += 1) await sleep(5)
}

describe('a browser that shows an error', () => {
  const say = (changes: number) => browser.send({ type: 'custom', event: 'pagepress:failed', data: changes })
  const reloads = () => browser.messages.filter((message) => message.includes('"type":"full-reload"')).length
  const changesSeen = async () => Number(/data-changes="(\d+)"/.exec(await get('/broken'))![1])

  it('loads the page anew when it connects, if it has missed an edit, and only then', async () => {
    const seen = await changesSeen()
    say(seen)
    await project.edit('pages/broken.tsx', 'broken', 'still broken')
    await until(async () => (await changesSeen()) > seen)
    expect(reloads()).toBe(0)
    say(await changesSeen())
    say(seen)
    await until(() => reloads() > 0)
    expect(reloads()).toBe(1)
  })
})

describe('a file that is written in two steps', () => {
  it('is shown as it is at the end, when the second step comes right after the first was read', async () => {
    await styleModule()
    const before = updates().length
    await project.write('pages/index.module.css', toStyle('maroon'))
    await until(() => updates().length > before)
    expect(await styleModule()).toContain('maroon')
    await project.write('pages/index.module.css', toStyle('navy'))
    await until(async () => (await styleModule()).includes('navy'))
    expect(await styleModule()).toContain('navy')
    expect(await get('/')).toContain('color: navy')
    expect(updates().length).toBeGreaterThan(before + 1)
  })

  it('is told to browsers once, when it is whole', async () => {
    await styleModule()
    for (let isQuick = false; !isQuick;) {
      // What the edits before this one still have to say.
      await sleep(250)
      const before = updates().length
      const started = performance.now()
      const file = await open(join(project.root, 'pages/index.module.css'), 'w')
      await sleep(20)
      const heard = updates().length - before
      await file.writeFile(toStyle('olive'))
      await file.close()
      // A machine that took longer over these lines says nothing: an editor is not waited for for ever.
      isQuick = performance.now() - started < 45
      await until(() => updates().length > before)
      await sleep(250)
      if (isQuick) expect([heard, updates().length - before]).toEqual([0, 1])
    }
    expect(await styleModule()).toContain('olive')
  })
})
