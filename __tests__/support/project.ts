import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

const repository = resolve('.')
const cli = join(repository, 'dist/cli/index.js')

/** A folder of files outside the repository that finds the packages installed in it. */
export interface Project {
  readonly root: string
  write(file: string, text: string | Buffer): Promise<void>
  read(file: string): Promise<string>
  /** Replaces a text that must be there. */
  edit(file: string, from: string, to: string): Promise<void>
  remove(file: string): Promise<void>
  /** Files below a folder, relative to it. */
  list(folder: string): Promise<string[]>
}

const projects: string[] = []
const children: ChildProcess[] = []

export async function makeProject(files: Record<string, string | Buffer>): Promise<Project> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'pagepress-')))
  projects.push(root)
  if (Object.keys(files).some((file) => file.startsWith('node_modules/'))) await installPackages(root)
  else await symlink(join(repository, 'node_modules'), join(root, 'node_modules'))
  const project: Project = {
    root,
    async write(file, text) {
      await mkdir(dirname(join(root, file)), { recursive: true })
      await writeFile(join(root, file), text)
    },
    read: (file) => readFile(join(root, file), 'utf8'),
    async edit(file, from, to) {
      const text = await project.read(file)
      if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)}.`)
      await project.write(file, text.replace(from, to))
    },
    remove: (file) => rm(join(root, file), { recursive: true, force: true }),
    list: async (folder) => {
      const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(
        () => [],
      )
      const isFile = entries.filter((entry) => entry.isFile())
      return isFile
        .map((entry) => join(entry.parentPath, entry.name).slice(join(root, folder).length + 1))
        .sort()
    },
  }
  await project.write('package.json', JSON.stringify({ name: 'project', private: true }))
  // A file of that name among the others takes its place.
  for (const [file, text] of Object.entries(files)) await project.write(file, text)
  return project
}

/** What a project needs, in a folder of its own, to which packages of the test can be added. */
async function installPackages(root: string): Promise<void> {
  await mkdir(join(root, 'node_modules/@vitejs'), { recursive: true })
  for (const name of ['express', 'react', 'react-dom', 'vite', '@vitejs/plugin-react'])
    await symlink(join(repository, 'node_modules', name), join(root, 'node_modules', name))
  await symlink(repository, join(root, 'node_modules/pagepress'))
}

/** Ends the processes and removes the folders of a test file: call it in `afterAll`. */
export async function removeProjects(): Promise<void> {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  for (const root of projects.splice(0)) await rm(root, { recursive: true, force: true })
}

export interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

type Environment = Record<string, string | undefined>

/** Runs the command line to its end. */
export function runCli(args: readonly string[], env: Environment = {}): Promise<Finished> {
  return new Promise((done) => {
    const options = {
      env: { ...process.env, NODE_ENV: undefined, NODE_OPTIONS: undefined, ...env },
      timeout: 60_000,
    }
    const child = execFile(process.execPath, [cli, ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      done({ code, stdout, stderr })
    })
    children.push(child)
  })
}

export interface RunningApp {
  readonly url: string
  /** Everything it has printed so far. */
  output(): string
  stop(): Promise<void>
}

/** Builds a project, and serves it in production. */
export async function startBuilt(project: Project, program = expressProgram()): Promise<RunningApp> {
  const { code, stderr } = await runCli(['build', project.root])
  if (code !== 0) throw new Error(stderr)
  return startApp(project, program, { NODE_ENV: 'production' })
}

/** Starts a program of the project that prints `url <its URL>` when it listens. */
export async function startApp(
  project: Project,
  program: string,
  env: Environment = {},
): Promise<RunningApp> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: project.root,
    env: { ...process.env, NODE_OPTIONS: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let output = ''
  const url = await new Promise<string>((done, fail) => {
    const hear = (text: string): void => {
      output += text
      const [, found] = /^url (\S+)$/m.exec(output) ?? []
      if (found !== undefined) done(found)
    }
    child.stdout.setEncoding('utf8').on('data', hear)
    child.stderr.setEncoding('utf8').on('data', hear)
    child.once('exit', () => fail(new Error(`The app ended before it listened:\n${output}`)))
  })
  return {
    url,
    output: () => output,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** An Express app with the pages of the current folder and nothing else. `options` and `mount` are code. */
export function expressProgram({ options = '{}', mount = "'/'" } = {}): string {
  return `
import express from 'express'
import { pages } from ${JSON.stringify(join(repository, 'dist/index.js'))}
const app = express()
const site = pages(${options})
app.use(${mount}, site)
const server = app.listen(0, '127.0.0.1', () => console.log('url http://127.0.0.1:' + server.address().port))
process.once('SIGTERM', async () => {
  server.close()
  server.closeAllConnections()
  await site.close()
})
`
}
