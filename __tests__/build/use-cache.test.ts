import { jest } from '@jest/globals'
import { join } from 'node:path'
import { readRoot } from '../support/page-data.js'
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

/** Each way to write it, each counting its runs. */
const files = {
  'lib/runs.ts': `const runs: Record<string, number> = {}
export const count = (name: string): string => name + (runs[name] = (runs[name] ?? 0) + 1)`,
  'lib/data.ts': `import { cacheLife, cacheTag } from 'pagepress'
import { readFileSync } from 'node:fs'
import { count } from './runs'

const folder = process.cwd()

export const early = { declared }

export async function declared(id: string): Promise<string> {
  'use cache'
  cacheTag('data', 'id-' + id)
  return count('declared')
}

export const arrow = async (id: string): Promise<string> => {
  'use cache'
  cacheTag('data')
  readFileSync(folder + '/package.json')
  cacheLife({ revalidate: false })
  return count('arrow')
}

const inner = async function (id: string): Promise<string> {
  'use cache'
  return count('inner')
}
export const outer = async (id: string) => inner(id)

export default async function (id: string) {
  'use cache'
  return count('default')
}

/** Browsers get this one, and nothing of the others. */
export const format = (text: string) => '[' + text + ']'`,
  'pages/index.tsx': `import load, { arrow, declared, early, format, outer } from '../lib/data'
import { count } from '../lib/runs'

async function local(id: string) {
  'use cache'
  return count('local')
}

export async function getServerSideProps({ query }) {
  const id = String(query.id ?? '')
  const all = [declared(id), early.declared(id), arrow(id), outer(id), load(id), local(id)]
  return { props: { all: (await Promise.all(all)).join(' ') } }
}

export default function Page({ all }: { all: string }) { return <p>{format(all)}</p> }`,
  'pages/api/refuse.ts': `import { declared } from '../../lib/data'
export default async (req, res) => {
  await (declared as any)(req).catch((error) => res.json({ code: error.code, message: error.message }))
}`,
  'pages/api/data.ts': `import { declared } from '../../lib/data'
export default async (req, res) => res.json(await declared(''))`,
  'pages/api/revalidate.ts': `export default async (req, res) => {
  await res.revalidate({ tag: 'data' })
  await res.revalidate({ tag: 'navigation' })
  res.json('done')
}`,
}

/** Pages that a build makes of a function whose runs it notes in a file. */
const prerendered = (log: string) => `import { appendFileSync } from 'node:fs'
import { cacheTag } from 'pagepress'
async function navigation() {
  'use cache'
  appendFileSync(${JSON.stringify(log)}, 'x')
  cacheTag('navigation')
  return 'home'
}
export const getStaticPaths = () => ({ paths: ['a', 'b', 'c'].map((id) => '/p/' + id), fallback: false })
export const getStaticProps = async () => ({ props: { text: await navigation() } })
export default function Page({ text }) { return <p>{text}</p> }`

const first = 'declared1 declared1 arrow1 inner1 default1 local1'

let project: Project

beforeAll(async () => {
  project = await makeProject(files)
  await project.write('pages/p/[id].jsx', prerendered(join(project.root, 'navigation.log')))
})

afterAll(removeProjects)

async function show(site: RunningApp, path: string): Promise<string> {
  const answer = await fetch(site.url + path)
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text}`)
  return text.startsWith('<') ? readRoot(text).replace(/<\/?p>/g, '') : text
}

describe("'use cache'", () => {
  it('keeps what functions return in a build: of pages, of modules that they import, in each spelling', async () => {
    const { code, stdout, stderr } = await runCli(['build', project.root])
    expect([code, stdout + stderr]).toEqual([0, expect.any(String)])
    const browserCode = await Promise.all(
      (await project.list('.pagepress/client'))
        .filter((file) => file.endsWith('.js'))
        .map((file) => project.read(`.pagepress/client/${file}`)),
    )
    expect(browserCode.join('')).not.toMatch(/use.cache|declared/)

    const start = () => startApp(project, expressProgram(), { NODE_ENV: 'production' })
    const site = await start()
    // Three pages were prerendered of one run, and have its tags.
    expect(await project.read('navigation.log')).toBe('x')
    expect(await show(site, '/p/a')).toBe('home')
    expect(await project.read('navigation.log')).toBe('x')
    expect(await show(site, '/')).toBe(`[${first}]`)
    expect(await show(site, '/')).toBe(`[${first}]`)
    expect(await show(site, '/?id=a')).toBe(`[${first.replaceAll('1', '2')}]`)
    expect(await show(site, '/api/data')).toBe('"declared1"')
    await show(site, '/api/revalidate')
    await Promise.all(['/p/a', '/p/b'].map((path) => show(site, path)))
    expect(await project.read('navigation.log')).toBe('xx')
    expect(await show(site, '/')).toBe('[declared3 declared3 arrow3 inner1 default1 local1]')
    expect(JSON.parse(await show(site, '/api/refuse'))).toEqual({
      code: 'PAGES_CACHED',
      message: expect.stringContaining(
        'The cached function `use cache lib/data.ts#declared` was called with an object of the class `IncomingMessage` as its argument 1.',
      ) as string,
    })

    // Files are the store: a process that starts later has the results.
    const later = await start()
    expect(await show(later, '/?id=a')).toBe('[declared1 declared1 arrow1 inner2 default2 local2]')
  })

  it('shares what one production asks for twice in development, and keeps nothing', async () => {
    const site = await startApp(project, expressProgram(), { NODE_ENV: 'development' })
    expect(await show(site, '/')).toBe(`[${first}]`)
    expect(await show(site, '/')).toBe(`[${first.replaceAll('1', '2')}]`)
    expect(JSON.parse(await show(site, '/api/refuse'))).toMatchObject({ code: 'PAGES_CACHED' })
    // The browser's module has a stand-in in place of what the server runs.
    const module = await fetch(`${site.url}/_assets/lib/data.ts`).then((answer) => answer.text())
    expect(module).toContain('declared of lib/data.ts runs on the server alone')
    expect(module).not.toContain("count('declared')")

    await project.edit(
      'pages/api/data.ts',
      "from '../../lib/data'",
      "from '../../lib/data'\nexport const late = () => async () => { 'use cache' }",
    )
    let text = ''
    for (let tries = 0; tries < 100 && !text.includes('stands inside of another function'); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      text = await fetch(`${site.url}/api/data`).then((answer) => answer.text())
    }
    expect(text).toContain('stands inside of another function')
  })

  it('fails a build where browser code calls such a function', async () => {
    const broken = await makeProject({
      ...files,
      'pages/index.tsx': `import { useEffect } from 'react'
import { declared } from '../lib/data'
export default function Page() {
  useEffect(() => void declared('a'))
  return null
}`,
    })
    const { code, stdout, stderr } = await runCli(['build', broken.root])
    expect(code).toBe(1)
    expect(stdout + stderr).toContain(
      "Browser code uses `declared` of `lib/data.ts`, which begins with 'use cache' and runs on the server alone.",
    )
  })
})
