import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startHost } from './support/host.js'
import { readImports, sourceFiles, type Import } from './support/imports.js'
import {
  buildProject,
  createProject,
  removeProject,
  repository,
  runScript,
} from './support/installed-project.js'

const lib = join(repository, 'lib')
const imports = readImports(lib)
const files = sourceFiles(lib)

/** The folder of a module, or the module itself where it stands at the top. */
const partOf = (module: string) => (module.includes('/') ? module.slice(0, module.indexOf('/')) : module)

/** What everybody may import: no part of the house, but what its parts have in common. */
const common = ['errors.ts', 'types.ts', 'page-response.ts']

/** The import law: each part, and what it may import beside itself and what is common. */
const law: Readonly<Record<string, readonly string[]>> = {
  'index.ts': ['pages.ts', 'create-server.ts', 'config.ts', 'options.ts', 'routing', 'cache', 'server'],
  'pages.ts': ['options.ts', 'cache', 'server', 'dev'],
  'create-server.ts': [],
  'config.ts': [],
  'options.ts': ['cache', 'error-log.ts'],
  'error-log.ts': ['options.ts'],
  'errors.ts': [],
  'page-response.ts': [],
  'types.ts': ['protocol', 'react'],
  routing: [],
  protocol: [],
  react: ['routing', 'protocol'],
  cache: ['protocol', 'options.ts'],
  redis: ['cache'],
  server: ['cache', 'routing', 'protocol', 'react', 'options.ts'],
  client: ['routing', 'protocol', 'react'],
  vite: ['routing', 'protocol', 'config.ts'],
  build: ['vite', 'server', 'cache', 'routing', 'protocol', 'config.ts'],
  dev: ['vite', 'build', 'server', 'cache', 'routing', 'protocol', 'config.ts', 'options.ts'],
  cli: ['build', 'vite', 'pages.ts', 'server', 'routing', 'protocol'],
  testing: ['pages.ts', 'server', 'cache', 'routing', 'options.ts'],
  next: ['react'],
}

/** Imports that leave no trace in the running code. */
const typesOnly: Readonly<Record<string, readonly string[]>> = {
  'types.ts': ['protocol', 'react'],
  'options.ts': ['cache'],
  'error-log.ts': ['options.ts'],
  cache: ['options.ts'],
  server: ['options.ts'],
}

/** Packages that only these modules may load. */
const packageLaw: readonly (readonly [packages: RegExp, importers: RegExp])[] = [
  [/^react-dom\/server$/, /^server\/(render|document)\.tsx$/],
  [/^react-dom(\/client)?$/, /^client\/screen\.tsx$/],
  [/^lru-cache$/, /^cache\/memory\.ts$/],
  [/^(vite|@vitejs|rolldown|eslint-scope)(\/|$)/, /^(vite|build|dev|cli)\//],
  [/^cli-progress$/, /^cli\//],
  [/^node:/, /^(?!react\/|client\/|routing\/|protocol\/|next\/)/],
  [/^(redis|ioredis|@redis\/.*)$/, /^redis\/connection\.ts$/],
]

describe('the import law', () => {
  test('names every part of the house', () => {
    expect(Object.keys(law).sort()).toEqual([...new Set(files.map(partOf))].sort())
  })

  test('every import between parts is one that the law allows', () => {
    const broken = imports.filter(({ from, to, isOwn }) => {
      const [part, target] = [partOf(from), partOf(to)]
      return isOwn && part !== target && !common.includes(target) && !law[part]?.includes(target)
    })
    expect(broken.map(show)).toEqual([])
  })

  test('what is there for its types alone is imported as types', () => {
    const broken = imports.filter(({ from, to, isType }) => {
      const [part, target] = [partOf(from), partOf(to)]
      if (part === target || isType) return false
      return typesOnly[part]?.includes(target) || target === 'types.ts' || target === 'page-response.ts'
    })
    expect(broken.map(show)).toEqual([])
  })

  test('packages are loaded by the modules made for them alone', () => {
    const broken = imports.filter(
      ({ from, to, isOwn, isType }) =>
        !isOwn && !isType && packageLaw.some(([names, importers]) => names.test(to) && !importers.test(from)),
    )
    expect(broken.map(show)).toEqual([])
  })

  test('nothing that only a developer or a browser needs is reached from the package root without a dynamic import', () => {
    const reached = new Set(['index.ts'])
    for (const module of reached)
      for (const { from, to, isOwn, isType, isDynamic } of imports)
        if (from === module && isOwn && !isType && !isDynamic) reached.add(to)
    expect([...reached].filter((module) => /^(vite|build|dev|cli|client|testing)\//.test(module))).toEqual([])
    expect(reached.size).toBeGreaterThan(3)
  })

  test('no module imports itself through others', () => {
    const next = new Map<string, string[]>()
    for (const { from, to, isOwn, isType } of imports)
      if (isOwn && !isType) next.set(from, [...(next.get(from) ?? []), to])
    expect(findCycles(next)).toEqual([])
  })

  test('exports by default stand only where the Pages Router has them', () => {
    const byDefault = files.filter((file) =>
      /^export default |\bas default\b/m.test(readFileSync(join(lib, file), 'utf8')),
    )
    expect(byDefault.filter((file) => !/^next\/|^react\/(app|document)\.tsx$/.test(file))).toEqual([])
  })
})

describe('the house', () => {
  test('has no drawer for what belongs nowhere', () => {
    const drawers = files.flatMap((file) =>
      file.split('/').filter((name) => /^(utils?|helpers?|common|core|misc)(\.tsx?)?$/.test(name)),
    )
    expect(drawers).toEqual([])
  })

  test('has no file of more than 300 lines without a note in docs/decisions', () => {
    const decisions = readdirSync(join(repository, 'docs/decisions'))
      .map((name) => readFileSync(join(repository, 'docs/decisions', name), 'utf8'))
      .join('\n')
    const long = files.filter((file) => lineCount(file) > 300 && !decisions.includes(`lib/${file}`))
    expect(long).toEqual([])
  })

  test('has files of at most 100 lines in the median', () => {
    const counts = files.map(lineCount).sort((a, b) => a - b)
    expect(counts[Math.floor(counts.length / 2)]).toBeLessThanOrEqual(100)
  })
})

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default?: string }>>
  readonly bin: Readonly<Record<string, string>>
  readonly files: readonly string[]
}

const manifest = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as Manifest
const nextModules = (readdirSync(join(lib, 'next'), { recursive: true }) as string[])
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => name.replace(/\.tsx?$/, ''))
const entries = Object.keys(manifest.exports)
  .filter((entry) => entry !== './package.json')
  // An entry may hold types alone.
  .filter((entry) => (manifest.exports[entry] as { default?: string }).default !== undefined)
  .flatMap((entry) => (entry.includes('*') ? nextModules.map((name) => entry.replace('*', name)) : [entry]))

describe('the published package', () => {
  test('has a file and declarations for every entry', () => {
    const missing = Object.entries(manifest.exports).flatMap(([entry, target]) => {
      const paths = typeof target === 'string' ? [target] : Object.values(target)
      const all = entry.includes('*')
        ? nextModules.flatMap((name) => paths.map((path) => path.replace('*', name)))
        : paths
      return all.filter((path) => !existsSync(join(repository, path)))
    })
    expect(missing).toEqual([])
  })

  test('has a command that can be run', () => {
    for (const path of Object.values(manifest.bin))
      expect(readFileSync(join(repository, path), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  })

  test('locks the packages of every platform, so that npm ci works wherever it runs', () => {
    // npm leaves those out that the registry at hand does not offer; then a lock made with another one has them.
    const { packages } = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>
    }
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
      ),
    )
    expect(missing).toEqual([])
  })

  test('exports these names and no others', async () => {
    const script = `
      const names = {}
      for (const entry of ${JSON.stringify(entries)})
        names[entry] = Object.keys(await import('pagepress' + entry.slice(1))).sort().join(' ')
      console.log(JSON.stringify(names))`
    const output = await runScript(['--input-type=module', '--eval', script], { cwd: repository })
    expect(JSON.parse(output)).toMatchInlineSnapshot(`
     {
       ".": "ApiError PagesError cache cacheLife cacheTag cached createServer defineConfig notFound pages permanentRedirect redirect",
       "./app": "App default",
       "./client": "framed nextGlobals start",
       "./document": "Document Head Html Main Scripts default",
       "./next/app": "default",
       "./next/compat/router": "useRouter",
       "./next/document": "Head Html Main NextScript default",
       "./next/dynamic": "default",
       "./next/error": "default",
       "./next/head": "default",
       "./next/index": "",
       "./next/link": "default",
       "./next/router": "default useRouter withRouter",
       "./next/script": "default",
       "./parts": "noteImport",
       "./react": "ErrorPage Head Link Router Script ServerHtml dynamic useBlocker useNavigation useRouter withRouter",
       "./redis": "redisStore",
       "./testing": "createTestApp describeCacheStore",
       "./vite": "pagepress",
     }
    `)
  })
})

describe('a production server', () => {
  let folder: string
  beforeAll(async () => {
    folder = await createProject({
      files: {
        'pages/index.tsx': 'export default function Home() { return <h1>Home</h1> }\n',
        'pages/news.tsx':
          'export default function News({ n }) { return <p>{n}</p> }\nexport const getStaticProps = () => ({ props: { n: 1 }, revalidate: 1 })\n',
        'pages/now.tsx':
          'export default function Now() { return <p>now</p> }\nexport const getServerSideProps = () => ({ props: {} })\n',
        'record.mjs': recordLoads,
        'server.mjs': visitAll,
      },
    })
    await buildProject(folder)
  })
  afterAll(() => removeProject(folder))

  test('loads neither Vite nor any other tool of the build', async () => {
    const output = await runScript(['--import', './record.mjs', 'server.mjs'], {
      cwd: folder,
      env: { NODE_ENV: 'production' },
    })
    const { statuses, loaded } = JSON.parse(output) as { statuses: number[]; loaded: string[] }
    expect(statuses).toEqual([200, 200, 200, 404])
    expectNoTools(loaded)
    expect(loaded.filter((url) => /\/dist\/(vite|cli)\//.test(url))).toEqual([])
  })

  test('that `pagepress start` runs loads nothing of the kind, either', async () => {
    await rm(join(folder, 'loaded.txt'))
    const args = ['--import', './record.mjs', join(repository, 'dist/cli/index.js'), 'start']
    const host = await startHost(args, { cwd: folder, env: {} })
    expect((await host.ask('/news')).status).toBe(200)
    await host.stop()
    expectNoTools(readFileSync(join(folder, 'loaded.txt'), 'utf8').split('\n'))
  })

  test('is made with require() from a CommonJS host', async () => {
    const script = `
      const { pages, createServer, PagesError } = require('pagepress')
      console.log(typeof pages, typeof createServer, new PagesError('PAGES_BUG', 'x').code)`
    expect(await runScript(['--eval', script], { cwd: folder })).toBe('function function PAGES_BUG\n')
  })
})

function expectNoTools(loaded: readonly string[]): void {
  // The record would be empty if it did not work.
  expect(loaded.filter((url) => url.endsWith('/dist/server/handler.js'))).toHaveLength(1)
  expect(loaded.some((url) => url.includes('/node_modules/react-dom/'))).toBe(true)
  const tools =
    /\/node_modules\/(vite|rolldown|@rolldown|@vitejs|lightningcss|cli-progress|eslint-scope|typescript|@swc)\//
  expect(loaded.filter((url) => tools.test(url))).toEqual([])
  expect(loaded.filter((url) => /\/dist\/(build|dev|client|testing)\//.test(url))).toEqual([])
}

/** Writes down every module that is loaded, by `import` or by `require`. */
const recordLoads = `
import { appendFileSync } from 'node:fs'
import { register } from 'node:module'
register('data:text/javascript,' + encodeURIComponent(\`
  import { appendFileSync } from 'node:fs'
  export async function load(url, context, nextLoad) {
    appendFileSync('loaded.txt', url + '\\\\n')
    return nextLoad(url, context)
  }\`))
`

const visitAll = `
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import express from 'express'
import { pages } from 'pagepress'

const site = pages()
const server = express().use(site).listen(0, '127.0.0.1')
await once(server, 'listening')
const statuses = []
for (const path of ['/', '/news', '/now', '/nowhere'])
  statuses.push((await fetch('http://127.0.0.1:' + server.address().port + path)).status)
const required = Object.keys(createRequire(import.meta.url).cache)
console.log(JSON.stringify({ statuses, loaded: [...readFileSync('loaded.txt', 'utf8').split('\\n'), ...required] }))
server.closeAllConnections()
server.close()
await site.close()
`

function show({ from, to }: Import): string {
  return `lib/${from} imports ${to}`
}

function lineCount(file: string): number {
  return readFileSync(join(lib, file), 'utf8').trimEnd().split('\n').length
}

function findCycles(next: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = []
  const done = new Set<string>()
  const visit = (module: string, path: readonly string[]): void => {
    if (path.includes(module))
      return void cycles.push([...path.slice(path.indexOf(module)), module].join(' → '))
    if (done.has(module)) return
    for (const target of next.get(module) ?? []) visit(target, [...path, module])
    done.add(module)
  }
  for (const module of next.keys()) visit(module, [])
  return cycles
}
