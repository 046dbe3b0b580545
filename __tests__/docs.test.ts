import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { errorCodes } from '../lib/errors.js'
import { resolveOptions } from '../lib/options.js'
import { toErrorsPage } from '../docs/reference/errors.js'
import { createProject, removeProject, repository, runScript } from './support/installed-project.js'
import { startHost, type RunningHost } from './support/host.js'

const read = (path: string) => readFileSync(join(repository, path), 'utf8')

interface Block {
  readonly language: string
  /** The file that the first line names in a comment. */
  readonly path: string | undefined
  readonly text: string
}

function blocksOf(page: string): Block[] {
  return [...read(page).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => {
    const path = /^(?:\/\/|#|\/\*) ([\w./[\]-]+\.\w+)(?: \*\/)?\n/.exec(text)?.[1]
    return { language, path, text }
  })
}

/** The files of a page; what is shown again later replaces what was shown before. */
function filesOf(page: string): Record<string, string> {
  return Object.fromEntries(blocksOf(page).flatMap(({ path, text }) => (path ? [[path, text]] : [])))
}

const signIn = async (host: RunningHost): Promise<string> => {
  const answer = await host.ask('/login', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'user=Ada',
  })
  expect(answer.status).toBe(302)
  return answer.headers.get('set-cookie')!.split(';')[0]!
}

describe('docs/guide/getting-started.md', () => {
  const page = 'docs/guide/getting-started.md'
  const files = filesOf(page)
  let folder: string
  beforeAll(async () => {
    folder = await createProject({ files, packages: { 'express-session': 'express-session' } })
  })
  afterAll(() => removeProject(folder))

  async function seeThatItWorks(host: RunningHost): Promise<void> {
    const home = await host.ask('/')
    expect(home.status).toBe(200)
    expect(await home.text()).toContain('<h1>It works</h1>')
    for (const path of ['/account', '/_data/account.json'])
      expect((await host.ask(path)).headers.get('location')).toBe('/login')
    const headers = { cookie: await signIn(host) }
    expect(await (await host.ask('/account', { headers })).text()).toContain('Welcome, <!-- -->Ada')
    expect(await (await host.ask('/_data/account.json', { headers })).json()).toEqual({
      pageProps: { user: 'Ada' },
    })
    const missing = await host.ask('/nowhere')
    expect(missing.status).toBe(404)
    expect(await missing.text()).toContain('404')
  }

  test('leads to an app that works in development', async () => {
    const host = await startHost(['app.js'], { cwd: folder, env: {} })
    try {
      await seeThatItWorks(host)
    } finally {
      await host.stop()
    }
  })

  test('leads to an app that works in production, with the commands that it names', async () => {
    const commands = blocksOf(page)
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) => text.trim().split('\n'))
    expect(commands).toContain('npx pagepress build')
    expect(commands).toContain('NODE_ENV=production node app.js')
    await runScript(['node_modules/pagepress/dist/cli/index.js', 'build'], { cwd: folder })
    const host = await startHost(['app.js'], { cwd: folder, env: { NODE_ENV: 'production' } })
    try {
      await seeThatItWorks(host)
    } finally {
      await host.stop()
    }
  })

  test('shows nothing in its steps that the whole app has not', () => {
    const whole = files['app.js']!.split('\n').map((line) => line.trim())
    const steps = blocksOf(page).filter(({ language, path }) => language === 'js' && path === undefined)
    expect(steps.length).toBeGreaterThan(3)
    for (const line of steps.flatMap(({ text }) => text.split('\n'))) expect(whole).toContain(line.trim())
  })
})

describe('docs/guide/draft-mode.md', () => {
  const app = `import express from 'express'
import { pages } from 'pagepress'
const app = express()
app.use(pages())
app.listen(process.env.PORT, '127.0.0.1')
`
  let folder: string
  beforeAll(async () => {
    folder = await createProject({ files: { ...filesOf('docs/guide/draft-mode.md'), 'app.js': app } })
  })
  afterAll(() => removeProject(folder))

  test('shows drafts to who knows the secret, and sends nobody to another site [S50]', async () => {
    const host = await startHost(['app.js'], { cwd: folder, env: { DRAFT_SECRET: 'correct horse' } })
    const enter = (slug: string, secret = 'correct horse') =>
      host.ask(`/api/draft?secret=${encodeURIComponent(secret)}&slug=${encodeURIComponent(slug)}`)
    const titleOf = async (cookie: string) =>
      /<h1>(.*)<\/h1>/.exec(await (await host.ask('/posts/hello', { headers: { cookie } })).text())?.[1]
    try {
      for (const secret of ['', 'wrong', 'correct horse '])
        expect([(await enter('hello', secret)).status, secret]).toEqual([401, secret])
      for (const slug of ['', '//evil.example', 'https://evil.example', '/\\evil.example', '../hello']) {
        const { status, headers } = await enter(slug)
        expect([slug, status, headers.get('location'), headers.get('set-cookie')]).toEqual([
          slug,
          404,
          null,
          null,
        ])
      }
      const entered = await enter('hello')
      expect([entered.status, entered.headers.get('location')]).toEqual([307, '/posts/hello'])
      const cookie = entered.headers.get('set-cookie')!.split(';')[0]!
      expect(await titleOf(cookie)).toBe('Hello, again')
      expect(await titleOf('')).toBe('Hello')
      const left = await host.ask('/api/publish', { headers: { cookie } })
      expect(left.headers.get('set-cookie')).toMatch(/^__pagepress_draft=; .*1970/)
    } finally {
      await host.stop()
    }
  })
})

describe('README.md', () => {
  let folder: string
  beforeAll(async () => {
    folder = await createProject({ files: filesOf('README.md') })
  })
  afterAll(() => removeProject(folder))

  test('begins with an app that works', async () => {
    const host = await startHost(['app.js'], { cwd: folder, env: {} })
    try {
      const answer = await host.ask('/', { headers: { 'user-agent': 'Ada' } })
      expect(answer.status).toBe(200)
      expect(await answer.text()).toContain('<h1>Hello, <!-- -->Ada</h1>')
    } finally {
      await host.stop()
    }
  })

  test('names commands that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const commands = blocksOf('README.md')
      .filter(({ language }) => language === 'sh')
      .map(({ text }) => text.trim())
    expect(commands).toEqual(['npm ci && npm start', 'npm ci && npm test'])
    expect(scripts).toMatchObject({ start: expect.any(String), test: expect.any(String) })
  })
})

describe('the reference', () => {
  test('has every option of pages() and every limit, with no others', () => {
    const page = read('docs/reference/options.md')
    expect(headings(page, '### ')).toEqual(membersOf('PagesOptions'))
    const limits = page.slice(page.indexOf('### limits'), page.indexOf('### vite'))
    const rows = [...limits.matchAll(/^\| `(\w+)` +\|.*\| ([^|]+?) +\|$/gm)].map(([, name, text]) => [
      name,
      text,
    ])
    expect(rows.map(([name]) => name)).toEqual(membersOf('Limits'))
    expect(Object.fromEntries(rows.map(([name, text]) => [name, toNumber(text!)]))).toEqual(
      resolveOptions().limits,
    )
  })

  test('has everything that pages() returns, with no others', () => {
    const page = read('docs/reference/options.md')
    const table = page.slice(page.indexOf('## What pages() returns'), page.indexOf('## createServer'))
    const names = [...table.matchAll(/^\| `(\w+)/gm)].map(([, name]) => name)
    expect(names).toEqual(membersOf('PagesHandler', 'pages.ts'))
  })

  test('has every key of the option cache, with no others', () => {
    const page = read('docs/reference/options.md')
    const section = page.slice(page.indexOf('### cache'), page.indexOf('### limits'))
    const names = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)
    expect(names).toEqual(membersOf('CacheSettings'))
  })

  test('has every key of the configuration file, with no others', () => {
    expect(headings(read('docs/reference/config.md'), '### ')).toEqual(membersOf('SiteConfig', 'config.ts'))
  })

  test('has everything that pagepress/react exports, and every member of the router, with no others', () => {
    const page = read('docs/reference/react.md')
    const exported = [...read('lib/react/index.ts').matchAll(/^export \{ (\w+)/gm)].map(([, name]) => name)
    expect(headings(page, '## ').sort()).toEqual(exported.sort())
    const router = page.slice(page.indexOf('## `useRouter`'), page.indexOf('| Event '))
    const names = [...router.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)
    expect(names).toEqual(membersOf('PagesRouter', 'react/router-context.tsx'))
    const link = page.slice(page.indexOf('## `Link`'), page.indexOf('## `Head`'))
    const props = [...link.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)
    expect(props.sort()).toEqual(membersOf('LinkOptions', 'react/link.tsx').sort())
  })

  test('has every error code, as lib/errors.ts tells of it', () => {
    expect(read('docs/reference/errors.md')).toBe(toErrorsPage(errorCodes))
  })

  test('names the size budgets that are checked', () => {
    const script = read('bench/size.js')
    const budgets = ['plain:', 'full:', 'ROUTER_BUDGET ='].map((name) => {
      const [, bytes] = new RegExp(`^ *(?:const )?${name} ([0-9_]+)`, 'm').exec(script)!
      return `${(Number(bytes!.replaceAll('_', '')) / 1000).toFixed(2)} kB`
    })
    const table = read('docs/internals/browser-code.md')
      .match(/^\|.*\|$/gm)!
      .slice(2)
    expect(table.map((row) => row.split('|').at(-2)!.trim())).toEqual(budgets)
  })

  test('has every command of the command line', async () => {
    const help = await runScript([join(repository, 'dist/cli/index.js'), '--help'], { cwd: repository })
    const commands = [.../^Commands\n((?: {2}.*\n)+)/m.exec(help)![1]!.matchAll(/^ {2}(\w+)/gm)].map(
      ([, name]) => name,
    )
    expect(
      headings(read('docs/reference/cli.md'), '## `pagepress ').map((name) => name.split(' ')[0]),
    ).toEqual(commands)
    const options = [...help.matchAll(/--[\w-]+/g)].map(([name]) => name)
    for (const option of options) expect(read('docs/reference/cli.md')).toContain(option)
  })
})

describe('every page', () => {
  const pages = [
    ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'],
    ...readdirSync(join(repository, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name.replaceAll('\\', '/')}`),
  ]

  test.each(pages)('%s links to what is there', (page) => {
    const broken = [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => {
        const [path, anchor] = target.split('#', 2)
        const file = path === '' ? page : join(dirname(page), path!)
        if (!existsSync(join(repository, file))) return true
        return anchor !== undefined && !anchorsOf(read(file)).includes(anchor)
      })
    expect(broken).toEqual([])
  })

  test.each(pages)('%s names no file of lib that is not there', (page) => {
    const named = read(page).match(/\blib\/[\w/.-]+\.tsx?\b/g) ?? []
    expect(named.filter((file) => !existsSync(join(repository, file)))).toEqual([])
  })
})

/** Members of an interface in the order of its declaration. */
function membersOf(name: string, file = 'options.ts'): string[] {
  const [, body = ''] = new RegExp(`^(?:export )?interface ${name}[^{]*\\{\\n([\\s\\S]*?)^\\}`, 'm').exec(
    read(`lib/${file}`),
  )!
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(<]/gm)].map(([, member]) => member!)
}

/** A default as the page writes it: `1 GiB`, `4 per core`, `1,000`. */
function toNumber(text: string): number {
  const units = { ' GiB': 1024 ** 3, ' MiB': 1024 ** 2, ' per core': availableParallelism() }
  const [, factor] = Object.entries(units).find(([unit]) => text.endsWith(unit)) ?? ['', 1]
  return Number.parseInt(text.replaceAll(',', '')) * factor
}

function headings(page: string, prefix: string): string[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith(prefix))
    .map((line) => line.slice(prefix.length).replaceAll('`', ''))
}

function withoutCode(page: string): string {
  return page.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`]*`/g, '')
}

function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  )
}
