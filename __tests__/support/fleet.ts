import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** What the machines of a fleet read: pages' texts, whose reading is counted. */
export interface DataSource {
  readonly url: string
  /** What all pages show from now on. */
  text: string
  /** Milliseconds that an answer takes. */
  delay: number
  isFailing: boolean
  /** Paths that were read since the last call. */
  reads(): string[]
  /** The same, with the process that read and when it did, by its clock. */
  readings(): Reading[]
  stop(): Promise<void>
}

export interface Reading {
  readonly path: string
  readonly machine: string
  readonly at: number
}

export async function startDataSource(): Promise<DataSource> {
  const seen: Reading[] = []
  const server: Server = createServer((req, res) => {
    const { pathname, searchParams } = new URL(req.url!, 'http://localhost')
    seen.push({ path: pathname, machine: searchParams.get('machine')!, at: Number(searchParams.get('at')) })
    const { text } = source
    void pause(source.delay, undefined, { ref: false }).then(() => {
      res.statusCode = source.isFailing ? 500 : 200
      res.end(`${pathname} ${text}`)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const source: DataSource = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    text: 'one',
    delay: 0,
    isFailing: false,
    reads: () => seen.splice(0).map(({ path }) => path),
    readings: () => seen.splice(0),
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return source
}

/** One process of a fleet. */
export interface Machine {
  readonly process: ChildProcess
  /** The text that a page shows, or the status of an answer that is none. */
  ask(path: string): Promise<string>
  revalidate(target: unknown): Promise<string>
  /** Bytes that live in it, whatever kind they are. */
  memory(): Promise<number>
  kill(signal?: NodeJS.Signals): Promise<void>
}

const machines = new Set<Machine>()

/** @param skew milliseconds that the machine's clock is ahead */
export async function startMachine(
  redisUrl: string,
  dataUrl: string,
  { buildId = 'one', skew = 0 } = {},
): Promise<Machine> {
  const child = spawn(
    process.execPath,
    ['--expose-gc', join(import.meta.dirname, 'fleet-member.js'), redisUrl, dataUrl, buildId, String(skew)],
    {
      env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
    },
  )
  const port = await new Promise<string>((resolve, reject) => {
    let output = ''
    child.stderr.on('data', (bytes) => (output += String(bytes)))
    child.stdout.on('data', (bytes) => {
      output += String(bytes)
      const found = /listening (\d+)/.exec(output)?.[1]
      if (found) resolve(found)
    })
    child.on('exit', () => reject(new Error(`The machine ended:\n${output}`)))
  })
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
  const machine: Machine = {
    process: child,
    async ask(path) {
      const answer = await get(path)
      const html = await answer.text()
      return answer.ok ? (/<p>([^<]*)<\/p>/.exec(html)?.[1] ?? html) : String(answer.status)
    },
    revalidate: async (target) =>
      (await get(`/-/revalidate?target=${encodeURIComponent(JSON.stringify(target))}`)).text(),
    memory: async () => Number(await (await get('/-/memory')).text()),
    async kill(signal = 'SIGKILL') {
      machines.delete(machine)
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGCONT')
      child.kill(signal)
      await ended
    },
  }
  machines.add(machine)
  return machine
}

/** Asks until every machine shows what is looked for; answers how many milliseconds that took. */
export async function untilAll(
  machines: readonly Machine[],
  path: string,
  isShown: (shown: string) => boolean,
): Promise<number> {
  const begun = performance.now()
  for (;;) {
    const shown = await Promise.all(machines.map((machine) => machine.ask(path)))
    if (shown.every(isShown)) return performance.now() - begun
    if (performance.now() - begun > 10_000) throw new Error(`Shown are ${shown.join(', ')}.`)
    await pause(10)
  }
}

export async function stopMachines(): Promise<void> {
  for (const machine of machines) await machine.kill()
}
