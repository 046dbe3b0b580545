import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** An app of a test that runs as a process of its own. */
export interface RunningHost {
  readonly url: string
  /** Asks for a path, and follows no redirects. */
  ask(path: string, init?: RequestInit): Promise<Response>
  stop(): Promise<void>
}

const START_TIMEOUT_MS = 30_000

/** Starts Node with a script that listens on `process.env.PORT`, and waits until it answers. */
export async function startHost(
  args: readonly string[],
  { cwd, env }: { cwd: string; env: Readonly<Record<string, string>> },
): Promise<RunningHost> {
  const port = await findFreePort()
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
  const exited = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  const started = Date.now()
  while (!(await answers(url))) {
    if (child.exitCode !== null || Date.now() - started > START_TIMEOUT_MS) {
      child.kill('SIGKILL')
      throw new Error(`${args.join(' ')} does not answer:\n${output}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    url,
    ask: (path, init = {}) => fetch(url + path, { redirect: 'manual', ...init }),
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    // Something that no page has anything to do with: only the server's answer matters.
    const response = await fetch(`${url}/is-anybody-there`)
    await response.arrayBuffer()
    return true
  } catch {
    return false
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
