// @ts-check
// What the nemesis plays with: a source of data, lines to Redis, Redis servers, and machines.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer as createHttpServer, get } from 'node:http'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const MEMBER = fileURLToPath(new URL('../../__tests__/support/fleet-member.js', import.meta.url))

/** @param {import('node:net').Server} server */
async function listen(server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port
}

/**
 * Hands out a version of each path that is higher by one with each reading, so that a version tells when it was read.
 *
 * @param {import('./check.js').History} history
 */
export async function startSource({ readings }) {
  const server = createHttpServer((req, res) => {
    const { pathname } = new URL(req.url ?? '/', 'http://localhost')
    if (source.isFailing) return void res.writeHead(500).end()
    const times = (readings[pathname] ??= [])
    const version = times.push(performance.now())
    // What was read is as old as the question, however long the answer takes.
    setTimeout(() => res.end(`${pathname} ${version}`), source.delay)
  })
  const source = { url: `http://127.0.0.1:${await listen(server)}`, isFailing: false, delay: 0, stop }
  function stop() {
    server.closeAllConnections()
    server.close()
  }
  return source
}

/** @typedef {Awaited<ReturnType<typeof openLine>>} Line */

/**
 * A TCP line that can be slow, cut, or swallow everything.
 *
 * @param {number} target
 */
export async function openLine(target) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set()
  const server = createServer((near) => {
    if (line.mode === 'closed') return void near.destroy()
    const far = connect(line.target, '127.0.0.1')
    for (const [from, to] of /** @type {const} */ ([
      [near, far],
      [far, near],
    ])) {
      sockets.add(from)
      /** What is on its way, in its order: bytes overtake none, whatever becomes of the delay. @type {{ bytes: Buffer, due: number }[]} */
      const waiting = []
      const send = () => {
        while (waiting[0] !== undefined && waiting[0].due <= performance.now()) {
          const { bytes } = /** @type {{ bytes: Buffer }} */ (waiting.shift())
          if (line.mode !== 'silent' && to.writable) to.write(bytes)
        }
        if (waiting[0] !== undefined) setTimeout(send, Math.max(1, waiting[0].due - performance.now()))
      }
      from.on('error', () => {})
      from.on('data', (bytes) => {
        waiting.push({ bytes, due: performance.now() + line.delay / 2 })
        if (waiting.length === 1) send()
      })
      from.on('close', () => {
        sockets.delete(from)
        if (line.mode !== 'silent') to.destroy()
      })
    }
  })
  const line = {
    port: await listen(server),
    target,
    delay: 0,
    /** @type {'open' | 'closed' | 'silent'} */
    mode: 'open',
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    stop() {
      line.cut()
      server.close()
    },
  }
  return line
}

/** A Redis server that keeps nothing over its end. */
export async function startRedis(/** @type {string[]} */ ...settings) {
  const probe = createServer()
  const port = await listen(probe)
  probe.close()
  await once(probe, 'close')
  const folder = mkdtempSync(join(tmpdir(), 'pagepress-nemesis-'))
  const launch = (/** @type {string[]} */ more) =>
    spawn('redis-server', [
      ...['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
      ...['--loglevel', 'warning', '--repl-diskless-sync-delay', '0', ...more],
    ])
  let child = launch(settings)
  async function untilUp() {
    for (let tries = 0; tries < 500; tries += 1) {
      if ((await redis.command('PING').catch(() => '')).includes('PONG')) return
      await pause(20)
    }
    throw new Error('redis-server did not start.')
  }
  const redis = {
    port,
    async start(/** @type {string[]} */ ...more) {
      child = launch(more)
      await untilUp()
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async command(/** @type {string[]} */ ...words) {
      const socket = connect(port, '127.0.0.1')
      let text = ''
      socket.on('data', (bytes) => (text += bytes.toString('latin1')))
      socket.write(`${words.join(' ')}\r\nQUIT\r\n`)
      await once(socket, 'close')
      return text
    },
    async stop() {
      await redis.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await untilUp()
  return redis
}

/** @typedef {Awaited<ReturnType<typeof startMachine>>} Machine */

let incarnations = 0

/**
 * One process of the fleet. It has a number that no process before it had.
 *
 * @param {Line} line
 * @param {string} sourceUrl
 */
export async function startMachine(line, sourceUrl) {
  const child = spawn(
    process.execPath,
    ['--expose-gc', MEMBER, `redis://127.0.0.1:${line.port}`, sourceUrl, 'one', '0'],
    {
      env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
    },
  )
  const port = await new Promise((resolve, reject) => {
    let output = ''
    child.stderr.on('data', (bytes) => (output += String(bytes)))
    child.stdout.on('data', (bytes) => {
      output += String(bytes)
      const found = /listening (\d+)/.exec(output)?.[1]
      if (found !== undefined) resolve(Number(found))
    })
    child.on('exit', () => reject(new Error(`The machine ended:\n${output}`)))
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })
  incarnations += 1
  return {
    number: incarnations,
    line,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    /**
     * An answer, or none.
     *
     * @param {string} path
     * @returns {Promise<{ status: number, body: string } | undefined>}
     */
    ask: (path) =>
      new Promise((resolve) => {
        const sent = get({ port, host: '127.0.0.1', path, agent, timeout: 15_000 }, (res) => {
          let body = ''
          res.setEncoding('utf8').on('data', (text) => (body += text))
          res.on('error', () => resolve(undefined))
          res.on('end', () => resolve(res.complete ? { status: res.statusCode ?? 0, body } : undefined))
        })
        sent.on('timeout', () => sent.destroy())
        sent.on('error', () => resolve(undefined))
      }),
    async kill() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit')
        child.kill('SIGKILL')
        await ended
      }
      agent.destroy()
    },
  }
}
