import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import request from 'supertest'
import { readPayload, type ReadPayload } from './page-data.js'

/**
 * A site of ordinary page files in `__tests__/fixtures/conformance`, built by the command that users have and served by
 * an Express app in a process of its own (`server.js` there), as in production: what the tests of `__tests__/conformance`
 * ask over HTTP. Pages import `note` of `calls.js` there and call it where a test wants to count.
 * Components, which browsers have too, call `globalThis.noteRender?.(name)`, which notes under `render` in the server.
 * Browsers have no part in it: where they have, `useBrowserSite` is for them.
 */
export interface ConformanceSite {
  /** How the build ended, and what it printed. */
  readonly built: Finished
  /** What the build noted under a name. */
  builtWith(name: string): unknown[]
  /** What the server noted under a name since the test began. */
  calls(name: string): unknown[]
  /** Asks the server; the path is without the mount. */
  get(path: string): request.Test
  head(path: string): request.Test
  post(path: string): request.Test
  /** Asks for a page's document, and reads the payload in it. */
  page(path: string): Promise<{ answer: request.Response; payload: ReadPayload }>
  /** Of the server: `http://127.0.0.1:1234`, without the mount. */
  url(): string
  /** What the server's `onError` heard so far. An error that a test does not take fails it. */
  takeErrors(): string[]
  /** Waits until the server has printed this since the test began, and gives all that it printed. */
  printed(text: RegExp): Promise<string>
  /** Ends the server and starts another over the same build. */
  restart(options?: ServeOptions): Promise<void>
}

export interface Finished {
  readonly code: number | null
  readonly output: string
}

export interface ServeOptions {
  /** The package of the major version. @default 'express', which is Express 5 */
  readonly express?: 'express' | 'express4'
  /** Path that the pages are mounted on. @default '/' */
  readonly mount?: string
  /** Options of `pages()`, as far as JSON can carry them; a `host.js` in the site's folder gives the others. */
  readonly options?: Readonly<Record<string, unknown>>
}

type Call = [name: string, value: unknown]

const repository = join(import.meta.dirname, '../..')
const sites = join(repository, '__tests__/fixtures/conformance')
const START_TIMEOUT_MS = 60_000
const PRINT_TIMEOUT_MS = 10_000
const STOP_TIMEOUT_MS = 10_000

/** Builds and serves a site for the tests of a file, which share it: call it once, at the top. */
export function useConformanceSite(name: string, serveOptions: ServeOptions = {}): ConformanceSite {
  const root = join(sites, name)
  // Files that serve one site at the same time have a build, and so a cache, each.
  const outDir = join('.pagepress', randomUUID())
  const log = join(root, outDir, 'calls.log')
  const env = { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '', CALLS_LOG: log }
  let built: Finished
  let builtCalls: Call[]
  let server: ChildProcess
  let url: string
  let prefix = ''
  let output = ''
  let taken = 0

  const readCalls = (): Call[] =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Call)
  const valuesOf = (calls: readonly Call[], wanted: string): unknown[] =>
    calls.filter(([one]) => one === wanted).map(([, value]) => value)
  const forget = (): void => {
    writeFileSync(log, '')
    output = ''
    taken = 0
  }
  const takeErrors = (): string[] => {
    const errors = valuesOf(readCalls(), 'error') as string[]
    return errors.slice(taken, (taken = errors.length))
  }

  async function build(): Promise<void> {
    mkdirSync(join(root, outDir), { recursive: true })
    writeFileSync(log, '')
    const cli = join(repository, 'dist/cli/index.js')
    built = await run(spawn(process.execPath, [cli, 'build', root, '--out-dir', outDir], { env }))
    if (built.code !== 0) throw new Error(`The build of ${name} ended with ${built.code}:\n${built.output}`)
    builtCalls = readCalls()
  }

  async function start({ express = 'express', mount = '/', options = {} } = serveOptions): Promise<void> {
    const given = JSON.stringify({ express, mount, root, outDir, ...options })
    server = spawn(process.execPath, [join(sites, 'server.js'), given], { cwd: root, env })
    hear(server, (text) => (output += text))
    url = `http://127.0.0.1:${await readPort(server)}`
    prefix = mount === '/' ? '' : mount
  }

  async function stop(): Promise<void> {
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const timer = setTimeout(() => server.kill('SIGKILL'), STOP_TIMEOUT_MS)
    server.kill()
    await once(server, 'exit')
    clearTimeout(timer)
  }

  beforeAll(async () => {
    await build()
    await start()
  }, 2 * START_TIMEOUT_MS)
  beforeEach(forget)
  afterEach(() => expect(takeErrors()).toEqual([]))
  afterAll(async () => {
    await stop()
    rmSync(join(root, outDir), { recursive: true, force: true })
  })

  const site: ConformanceSite = {
    get built() {
      return built
    },
    builtWith: (wanted) => valuesOf(builtCalls, wanted),
    calls: (wanted) => valuesOf(readCalls(), wanted),
    get: (path) => request(url).get(prefix + path),
    head: (path) => request(url).head(prefix + path),
    post: (path) => request(url).post(prefix + path),
    async page(path) {
      const answer = await site.get(path)
      return { answer, payload: readPayload(answer.text) }
    },
    url: () => url,
    takeErrors,
    async printed(text) {
      const deadline = Date.now() + PRINT_TIMEOUT_MS
      while (!text.test(output) && Date.now() < deadline) await pause(20)
      expect(output).toMatch(text)
      return output
    },
    async restart(options) {
      await stop()
      await start(options)
    },
  }
  return site
}

function hear(child: ChildProcess, listen: (text: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) stream!.setEncoding('utf8').on('data', listen)
}

async function run(child: ChildProcess): Promise<Finished> {
  let output = ''
  hear(child, (text) => (output += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}

function readPort(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`The server does not listen:\n${output}`))
    }, START_TIMEOUT_MS)
    hear(child, (text) => {
      output += text
      const port = /^listening (\d+)$/m.exec(output)?.[1]
      if (port === undefined) return
      clearTimeout(timer)
      resolve(port)
    })
    child.once('exit', () => {
      clearTimeout(timer)
      reject(new Error(`The server ended:\n${output}`))
    })
  })
}
