// @ts-check
// `npm run size`: what pagepress adds in the browser to react and react-dom, and whether that is within budget. Counted
// is what the document asks for; the code that navigates is loaded when the browser is idle, and has a budget of its own.
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { build as bundle } from 'vite'
import { build } from '../dist/build/build.js'

/**
 * Bytes, compressed with brotli 11, that a page may load beyond the React floor: the same component hydrated by the
 * same bundler without pagepress.
 */
const BUDGETS = {
  /** A page that imports nothing of ours. */
  plain: 2500,
  /** A page with `Link`, `useRouter` and `Head`. */
  full: 4000,
}

/** For what is loaded after a page has come to life. */
const ROUTER_BUDGET = 6600

const PAGES = {
  plain: `export default function Plain() {
  return <h1>Hello</h1>
}
`,
  full: `import { Head, Link, useRouter } from 'pagepress/react'

export default function Full() {
  const router = useRouter()
  return (
    <main>
      <Head>
        <title>Hello</title>
      </Head>
      <Link href="/other">{router.pathname}</Link>
    </main>
  )
}
`,
}

/** The same pages for React alone, and what brings them to life. */
const FLOORS = {
  plain: PAGES.plain,
  full: `export default function Full() {
  return (
    <main>
      <a href="/other">/</a>
    </main>
  )
}
`,
}

const STARTER = `import { hydrateRoot } from 'react-dom/client'
import Page from './page.jsx'

hydrateRoot(document.getElementById('page'), <Page />)
`

/** @type {import('../dist/build/reporter.js').BuildReporter} */
const silent = {
  info() {},
  warn() {},
  failed(path, error) {
    console.error(path, error)
  },
  startPages: () => ({ increment() {}, stop() {} }),
}

const repository = join(import.meta.dirname, '..')
/** Vite builds React for production only if this says so, whoever calls it. */
process.env['NODE_ENV'] = 'production'

/** What the documentation says, by the first words of its rows. */
const DOCUMENTED = 'docs/internals/browser-code.md'
const ROWS = { plain: 'without anything', full: 'with `Link`', router: 'the router' }
/** How far it may be from what is measured. */
const TOLERANCE = 100
const documented = await readFile(join(repository, DOCUMENTED), 'utf8')

let isOver = false
let isOutdated = false
let router = 0
for (const name of /** @type {(keyof typeof PAGES)[]} */ (Object.keys(PAGES))) {
  const [whole, floor] = [await measureSite(PAGES[name]), await measureFloor(FLOORS[name])]
  const added = whole.first - floor
  router = Math.max(router, whole.router)
  const verdict = added > BUDGETS[name] ? 'OVER' : 'within'
  isOver ||= added > BUDGETS[name]
  compare(name, [whole.first, floor, added, BUDGETS[name]])
  console.log(
    `${name.padEnd(6)} ${kB(whole.first)} in all, React alone ${kB(floor)}, pagepress adds ${kB(added)}: ${verdict} the budget of ${kB(BUDGETS[name])}`,
  )
}
const routerVerdict = router > ROUTER_BUDGET ? 'OVER' : 'within'
console.log(`router ${kB(router)} when idle: ${routerVerdict} the budget of ${kB(ROUTER_BUDGET)}`)
compare('router', [router, ROUTER_BUDGET])
if (isOver || isOutdated || router > ROUTER_BUDGET) process.exitCode = 1

/**
 * Tells when the documentation says something else.
 * @param {keyof typeof ROWS} name
 * @param {number[]} bytes
 */
function compare(name, bytes) {
  const row = documented.split('\n').find((line) => line.startsWith(`| ${ROWS[name]}`)) ?? ''
  const said = [...row.matchAll(/([\d.]+) kB/g)].map(([, figure]) => Number(figure) * 1000)
  if (said.length === bytes.length && said.every((figure, n) => Math.abs(figure - bytes[n]) <= TOLERANCE))
    return
  console.log(`${DOCUMENTED} is out of date: ${name} is ${bytes.map(kB).join(', ')}`)
  isOutdated = true
}

/** @param {string} page */
async function measureSite(page) {
  const root = await createFolder({ 'pages/index.jsx': page })
  try {
    const { manifest, outDir } = await build({ root, reporter: silent })
    const { assets } = /** @type {(typeof manifest.pages)[number]} */ (manifest.pages[0])
    const folder = join(outDir, 'client/_assets')
    const routers = (await readdir(folder)).filter((file) => /^router-.*\.js$/.test(file))
    return {
      first: await sizeOf(
        [...assets.scripts, ...assets.preloads].map((path) => join(outDir, 'client', path)),
      ),
      router: await sizeOf(routers.map((file) => join(folder, file))),
    }
  } finally {
    await rm(root, { recursive: true })
  }
}

/** @param {string} page */
async function measureFloor(page) {
  const root = await createFolder({ 'page.jsx': page, 'start.jsx': STARTER })
  try {
    const built = await bundle({
      root,
      configFile: false,
      logLevel: 'silent',
      oxc: { jsx: { runtime: 'automatic' } },
      build: {
        modulePreload: { polyfill: false },
        rolldownOptions: {
          input: { start: join(root, 'start.jsx') },
          output: {
            // As `pagepress build` does it.
            codeSplitting: {
              groups: [{ name: 'react', test: /\/node_modules\/(?:react|react-dom|scheduler)\// }],
            },
          },
        },
      },
    })
    const { output } = /** @type {import('vite').Rolldown.RolldownOutput} */ (built)
    return await sizeOf(output.map(({ fileName }) => join(root, 'dist', fileName)))
  } finally {
    await rm(root, { recursive: true })
  }
}

/** @param {Record<string, string>} files */
async function createFolder(files) {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'size-')))
  const all = { 'package.json': '{ "type": "module", "private": true }', ...files }
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  const modules = join(repository, 'node_modules')
  await mkdir(join(root, 'node_modules'))
  for (const name of ['react', 'react-dom'])
    await symlink(join(modules, name), join(root, 'node_modules', name))
  await symlink(repository, join(root, 'node_modules', 'pagepress'))
  return root
}

/** @param {string[]} paths */
async function sizeOf(paths) {
  const files = await Promise.all([...new Set(paths)].map((path) => readFile(path)))
  return files.reduce((bytes, file) => bytes + brotliCompressSync(file).length, 0)
}

/** @param {number} bytes */
function kB(bytes) {
  return `${(bytes / 1000).toFixed(2)} kB`
}
