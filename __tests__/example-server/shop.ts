import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const repository = join(import.meta.dirname, '../..')

/** What the shop imports from elsewhere. `pagepress` is this repository. */
const PACKAGES = [
  '@libsql/client',
  '@vitejs/plugin-react',
  'express',
  'express-session',
  'react',
  'react-dom',
  'swr',
  'vite',
]

/** How many stamps the shop has under test; a hundred thousand would only take longer. */
export const STAMPS = 2000

const START_TIMEOUT_MS = 30_000

/** A copy of the example shop outside the repository, which a test may change, with a database of its own. */
export async function copyShop(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'shop-')))
  const example = join(repository, 'example-server')
  await cp(example, folder, {
    recursive: true,
    filter: (path) => !path.slice(example.length).match(/^\/\.(data|pagepress)(\/|$)/),
  })
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'shop', private: true, type: 'module' }),
  )
  for (const name of PACKAGES)
    await link(join(repository, 'node_modules', name), join(folder, 'node_modules', name))
  await link(repository, join(folder, 'node_modules/pagepress'))
  return folder
}

export function removeShop(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 3 })
}

async function link(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await symlink(target, path)
}

/** Builds the shop in `folder` with the command that users have. */
export async function buildShop(folder: string): Promise<string> {
  const { output, exited } = run(folder, [join(repository, 'dist/cli/index.js'), 'build'], 'production')
  const code = await exited
  if (code !== 0) throw new Error(`The build ended with ${code}:\n${output.join('\n')}`)
  return output.join('\n')
}

export interface RunningShop {
  readonly url: string
  /** Everything it has printed. */
  readonly output: readonly string[]
  stop(): Promise<void>
}

/** Starts the shop in `folder` as a process of its own, on a free port. */
export async function startShop(folder: string, mode: 'production' | 'development'): Promise<RunningShop> {
  const { child, output, lines, exited } = run(folder, ['server.js'], mode)
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${why}:\n${output.join('\n')}`))
    const timer = setTimeout(() => fail('The shop did not start in time'), START_TIMEOUT_MS)
    lines.on('line', (line) => {
      const found = /is open: (\S+)/.exec(line)?.[1]
      if (found === undefined) return
      clearTimeout(timer)
      resolve(found.replace('localhost', '127.0.0.1'))
    })
    void exited.then((code) => fail(`The shop ended with ${code}`))
  }).catch((error: unknown) => {
    child.kill('SIGKILL')
    throw error
  })
  return {
    url,
    output,
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

function run(folder: string, args: string[], mode: string) {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_ENV: mode,
      PORT: '0',
      SHOP_PRODUCTS: String(STAMPS),
      DATABASE_URL: pathToFileURL(join(folder, '.data/test.db')).href,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output: string[] = []
  const lines = createInterface(child.stdout)
  lines.on('line', (line) => output.push(line))
  createInterface(child.stderr).on('line', (line) => output.push(line))
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  return { child, output, lines, exited }
}
