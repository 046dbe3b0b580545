import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export const repository = join(import.meta.dirname, '../..')

/** What a project has installed, by the name that it imports. */
const INSTALLED = ['express', 'react', 'react-dom', 'vite', '@vitejs/plugin-react']

export interface ProjectOptions {
  /** Text of each file, by its path. */
  readonly files: Readonly<Record<string, string>>
  /** The package that a name leads to, where it is another than the one of that name, e.g. `{ express: 'express4' }`. */
  readonly packages?: Readonly<Record<string, string>>
}

/** Makes a project in a folder of its own, outside the repository, with the built package installed. */
export async function createProject({ files, packages = {} }: ProjectOptions): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'project-')))
  const manifest = JSON.stringify({ name: 'project', private: true, type: 'module' })
  for (const [path, text] of Object.entries({ 'package.json': manifest, ...files })) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const names = new Map([...INSTALLED.map((name) => [name, name] as const), ...Object.entries(packages)])
  for (const [name, target] of names) await link(join(repository, 'node_modules', target), folder, name)
  await link(repository, folder, 'pagepress')
  return folder
}

async function link(target: string, folder: string, name: string): Promise<void> {
  const path = join(folder, 'node_modules', name)
  await mkdir(dirname(path), { recursive: true })
  await symlink(target, path)
}

export function removeProject(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 3 })
}

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
}

const LONGEST_RUN_MS = 60_000

/** Runs Node with these arguments until it ends by itself. */
export async function runNode(args: readonly string[], { cwd, env = {} }: RunOptions): Promise<Finished> {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST_RUN_MS,
    killSignal: 'SIGKILL',
  })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
}

/** Runs a script that must succeed, and gives what it printed. */
export async function runScript(args: readonly string[], options: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await runNode(args, options)
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`)
  return stdout
}

/** Builds the project with the command that users have. */
export function buildProject(folder: string): Promise<string> {
  return runScript([join(repository, 'dist/cli/index.js'), 'build'], { cwd: folder })
}
