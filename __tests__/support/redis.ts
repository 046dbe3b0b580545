import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const hasRedis = spawnSync('redis-server', ['--version']).error === undefined

/** Describes what needs a Redis server: skipped with one line where there is none, unless one is demanded. */
export const describeRedis = (() => {
  if (hasRedis || process.env['REQUIRE_REDIS'] === '1') return describe
  process.stderr.write(
    'Skipped: there is no `redis-server` on this machine (REQUIRE_REDIS=1 makes that a failure).\n',
  )
  return describe.skip
})()

/** A Redis server of the test's own. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
  /** Starts it again on the same port, empty. */
  start(): Promise<void>
  /** Stops the process where it is; connections stay open. */
  freeze(): void
  thaw(): void
  /** Sends one command and answers what came back, as text. */
  command(...parts: string[]): Promise<string>
  /** How many are connected, whoever asks among them; waits a little for those that are on their way. */
  connections(expected: number): Promise<number>
  stop(): Promise<void>
}

const running = new Set<RedisServer>()

export async function startRedis(...settings: string[]): Promise<RedisServer> {
  const port = await freePort()
  // A replica writes what it has got into its folder, whatever the settings say, and finds it there at its next start.
  const folder = mkdtempSync(join(tmpdir(), 'pagepress-redis-'))
  let child: ChildProcess | undefined

  const server: RedisServer = {
    port,
    url: `redis://127.0.0.1:${port}`,
    async start() {
      child = spawn('redis-server', [
        ...['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
        ...['--dir', folder, '--loglevel', 'warning', ...settings],
      ])
      for (let tries = 0; tries < 200; tries += 1) {
        if ((await server.command('PING').catch(() => '')).includes('PONG')) return
        await pause(20)
      }
      throw new Error('redis-server did not start.')
    },
    async kill() {
      const isRunning = child && child.exitCode === null && child.signalCode === null
      const ended = isRunning ? once(child!, 'exit') : undefined
      child?.kill('SIGCONT')
      child?.kill('SIGKILL')
      await ended
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    command: (...parts) => askRedis(port, parts),
    async connections(expected) {
      for (let tries = 0; ; tries += 1) {
        const count = (await server.command('CLIENT', 'LIST')).match(/id=\d+/g)!.length
        if (count >= expected || tries === 100) return count
        await pause(20)
      }
    },
    async stop() {
      running.delete(server)
      await server.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  running.add(server)
  await server.start()
  return server
}

export async function stopRedisServers(): Promise<void> {
  for (const server of running) await server.stop()
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** One command over a connection of its own; the raw answer, read until the server has said `QUIT`'s OK. */
async function askRedis(port: number, parts: readonly string[]): Promise<string> {
  const { connect } = await import('node:net')
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (bytes) => (text += bytes.toString('latin1')))
  const write = (words: readonly string[]) =>
    socket.write(
      `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`,
    )
  write(parts)
  write(['QUIT'])
  await once(socket, 'close')
  return text.replace(/\+OK\r\n$/, '')
}

export interface FakeRedis {
  readonly url: string
  connections: number
  stop(): Promise<void>
}

/** A server that speaks Redis's protocol and answers what the test says; `undefined` leaves the question open. */
export async function startFakeRedis(
  answer: (command: string[], socket: Socket) => string | undefined,
): Promise<FakeRedis> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    fake.connections += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    let rest = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes])
      for (let parsed = parseCommand(rest); parsed !== undefined; parsed = parseCommand(rest)) {
        rest = rest.subarray(parsed.end)
        const text = answer(parsed.words, socket)
        if (text !== undefined && !socket.destroyed) socket.write(text)
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const fake: FakeRedis = {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: 0,
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return fake
}

function parseCommand(bytes: Buffer): { words: string[]; end: number } | undefined {
  const text = bytes.toString('latin1')
  const head = /^\*(\d+)\r\n/.exec(text)
  if (head === null) return undefined
  let end = head[0].length
  const words: string[] = []
  for (let index = 0; index < Number(head[1]); index += 1) {
    const length = /^\$(\d+)\r\n/.exec(text.slice(end))
    if (length === null) return undefined
    const start = end + length[0].length
    end = start + Number(length[1]) + 2
    if (end > text.length) return undefined
    words.push(text.slice(start, end - 2))
  }
  return { words, end }
}
