import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createHash } from 'node:crypto'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchChromium } from './chromium.js'

const repository = join(import.meta.dirname, '../..')
const BUILD_TIMEOUT_MS = 90_000
const OLD_BUILD_MS = 600_000

/** A project in `__tests__/fixtures`. */
export type Fixture = 'browser-site' | 'next-site' | 'params-site'

/**
 * Builds a fixture unless it has been built from the same files, and tells where. Several test files ask at the same
 * time, and one of them builds; a newer build does not disturb who is still served from an older one.
 */
async function buildFixture(root: string): Promise<string> {
  const outDir = join('.pagepress', fingerprint(root))
  const done = join(root, outDir, 'done')
  const lock = join(root, '.building')
  const deadline = Date.now() + BUILD_TIMEOUT_MS
  while (!existsSync(done)) {
    const isOurs = await mkdir(lock).then(
      () => true,
      () => false,
    )
    if (isOurs) {
      try {
        await removeOldBuilds(join(root, '.pagepress'))
        await runBuild(root, outDir)
        await writeFile(done, '')
      } finally {
        await rm(lock, { recursive: true })
      }
    } else {
      if (Date.now() > deadline || (await isAbandoned(lock))) await rm(lock, { recursive: true, force: true })
      await pause(100)
    }
  }
  return outDir
}

async function removeOldBuilds(folder: string): Promise<void> {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const isOld = Date.now() - statSync(join(folder, name)).mtimeMs > OLD_BUILD_MS
    if (isOld) await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** A build that was interrupted leaves its lock behind. */
async function isAbandoned(lock: string): Promise<boolean> {
  const made = await stat(lock).catch(() => undefined)
  return made !== undefined && Date.now() - made.mtimeMs > BUILD_TIMEOUT_MS
}

function fingerprint(root: string): string {
  const hash = createHash('sha256')
  const folders = [join(repository, 'dist'), join(root, 'pages'), join(root, 'components')]
  for (const folder of folders.filter(existsSync))
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort())
      hash.update(`${file} ${statSync(join(folder, file)).mtimeMs}\n`)
  return hash.digest('hex').slice(0, 12)
}

async function runBuild(root: string, outDir: string): Promise<void> {
  const child = spawn(
    process.execPath,
    [join(repository, 'dist/cli/index.js'), 'build', '--out-dir', outDir],
    {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
    },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)))
  const [code] = (await once(child, 'close')) as [number]
  if (code !== 0) throw new Error(`The build of the fixture ended with ${code}:\n${output}`)
}

export interface BrowserSite {
  readonly url: string
  readonly browser: Browser
  stop(): Promise<void>
}

export interface BrowserSiteOptions {
  fixture?: Fixture
  mount?: string
  mode?: 'production' | 'development'
}

/** Serves a fixture from a process of its own, below `mount`, and launches a browser. */
export async function startBrowserSite(options: BrowserSiteOptions = {}): Promise<BrowserSite> {
  const { fixture = 'browser-site', mount = '/', mode = 'production' } = options
  const root = join(repository, '__tests__/fixtures', fixture)
  const outDir = mode === 'production' ? await buildFixture(root) : '.pagepress/dev'
  const child = spawn(process.execPath, ['server.js', mount, outDir], {
    cwd: root,
    env: { ...process.env, NODE_ENV: mode, NODE_OPTIONS: '' },
  })
  const port = await readPort(child)
  const browser = await launchChromium()
  return {
    url: `http://127.0.0.1:${port}${mount === '/' ? '' : mount}`,
    browser,
    async stop() {
      await browser.close()
      child.kill()
      await once(child, 'exit')
    },
  }
}

function readPort(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const read = (text: Buffer) => {
      output += String(text)
      const port = /listening (\d+)/.exec(output)?.[1]
      if (port) resolve(port)
    }
    child.stdout!.on('data', read)
    child.stderr!.on('data', read)
    child.on('exit', () => reject(new Error(`The fixture's server ended:\n${output}`)))
  })
}

/** A page with a record of what happened in it. */
export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors in the console and uncaught ones. */
  readonly problems: string[]
  /** Requests since the last call, as `document /about` or `fetch /_data/server.json?x=1`. */
  requests(): string[]
  /** What the fixture's pages and router events have logged in this document since the last call. */
  log(): Promise<string[]>
  /** Pathname, query and `asPath` of the router, as the page shows them. */
  router(): Promise<unknown[]>
  /** Waits until the page has this heading. */
  heading(text: string): Promise<void>
  push(url: unknown, as?: unknown, options?: unknown): Promise<boolean | string>
  close(): Promise<void>
}

/** Opens a path in a fresh browser context and waits until it is hydrated. */
export async function visit(site: BrowserSite, path: string): Promise<Visit> {
  const context = await site.browser.newContext()
  context.setDefaultTimeout(8000)
  const page = await context.newPage()
  const problems: string[] = []
  const requests: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('request', (request) => {
    const { origin } = new URL(site.url)
    requests.push(`${request.resourceType()} ${request.url().replace(origin, '')}`)
  })
  await page.goto(site.url + path)
  await hydrated(page)
  return {
    page,
    context,
    problems,
    requests: () => requests.splice(0),
    log: () => page.evaluate(() => ((window as any).log as string[]).splice(0)),
    router: async () => JSON.parse((await page.textContent('#router'))!) as unknown[],
    heading: (text) => page.getByRole('heading', { level: 1, name: text, exact: true }).waitFor(),
    push: (url, as, options) =>
      page.evaluate(
        ([to, shown, how]) =>
          (window as any).router
            .push(to, shown ?? undefined, how ?? undefined)
            .catch((error: Error) => error.message),
        [url, as, options] as unknown[],
      ),
    close: () => context.close(),
  }
}

/** Waits for the first page to be complete: the announcer is put in place after hydration. */
export async function hydrated(page: Page): Promise<void> {
  await page.waitForSelector('[id$="-route-announcer__"]', { state: 'attached' })
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 20)))
}
