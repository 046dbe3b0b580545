import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** A TCP line to a server on this machine, with all that lines do to those who talk over them. */
export interface Line {
  readonly url: string
  /** The port that connections made from now on lead to. */
  target: number
  /** Milliseconds from a question to its answer, on top of what the server takes; half of it each way. */
  delay: number
  /** Bytes a second, each way. */
  rate: number
  /**
   * What becomes of new connections: they lead to the server, are closed at once, or are accepted by somebody who never
   * says anything.
   */
  mode: 'open' | 'closed' | 'silent'
  /** When connections were made, by `performance.now()`. */
  readonly made: number[]
  /** Closes the connections that there are. */
  cut(): void
  /**
   * From now on nothing goes over these connections any more, in either direction, and neither end is told: what is left
   * when something in between has forgotten them. Takes those on which a text was sent.
   */
  forget(said?: string): number
  stop(): Promise<void>
}

const lines = new Set<Line>()

export async function openLine(target: number): Promise<Line> {
  const links = new Set<Link>()
  const server = createServer((socket) => {
    line.made.push(performance.now())
    socket.on('error', () => {})
    if (line.mode === 'closed') return void socket.destroy()
    const link = new Link(
      socket,
      line.mode === 'silent' ? undefined : connect(line.target, '127.0.0.1'),
      line,
    )
    links.add(link)
    socket.on('close', () => links.delete(link))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const line: Line = {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    target,
    delay: 0,
    rate: Infinity,
    mode: 'open',
    made: [],
    cut() {
      for (const link of links) link.end()
    },
    forget(said = '') {
      const found = [...links].filter((link) => link.said.toUpperCase().includes(said))
      for (const link of found) link.isForgotten = true
      return found.length
    },
    async stop() {
      lines.delete(line)
      line.cut()
      server.close()
      await once(server, 'close')
    },
  }
  lines.add(line)
  return line
}

export async function stopLines(): Promise<void> {
  for (const line of lines) await line.stop()
}

/** Bytes that a direction holds before the sender has to wait. */
const LARGEST_BACKLOG = 65_536
/** Beginning of what a client says that is remembered. */
const REMEMBERED = 4_096

/** One connection over the line. */
class Link {
  said = ''
  isForgotten = false
  readonly near: Socket
  readonly far: Socket | undefined
  readonly line: Pick<Line, 'delay' | 'rate'>

  constructor(near: Socket, far: Socket | undefined, line: Pick<Line, 'delay' | 'rate'>) {
    this.near = near
    this.far = far
    this.line = line
    near.on('data', (bytes) => {
      if (this.said.length < REMEMBERED) this.said += bytes.toString('latin1', 0, REMEMBERED)
    })
    near.on('close', () => this.end())
    if (far === undefined) return
    far.on('error', () => {})
    far.on('close', () => {
      // An end that was forgotten hears of nothing.
      if (!this.isForgotten) this.end()
    })
    this.#forward(near, far)
    this.#forward(far, near)
  }

  end(): void {
    this.near.destroy()
    this.far?.destroy()
  }

  #forward(from: Socket, to: Socket): void {
    const waiting: { bytes: Buffer; due: number }[] = []
    let backlog = 0
    let isSending = false

    const send = async (bytes: Buffer) => {
      const { rate } = this.line
      // A tenth of a second's worth at a time.
      const step = rate === Infinity ? bytes.length : Math.max(1, Math.floor(rate / 10))
      for (let at = 0; at < bytes.length; at += step) {
        if (this.isForgotten || !to.writable) return
        to.write(bytes.subarray(at, at + step))
        if (rate !== Infinity) await pause(100, undefined, { ref: false })
      }
    }
    const sendAll = async () => {
      isSending = true
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const wait = next.due - performance.now()
        if (wait > 0) await pause(wait, undefined, { ref: false })
        await send(next.bytes)
        backlog -= next.bytes.length
        if (backlog < LARGEST_BACKLOG) from.resume()
      }
      isSending = false
    }

    from.on('data', (bytes) => {
      waiting.push({ bytes, due: performance.now() + this.line.delay / 2 })
      backlog += bytes.length
      if (backlog >= LARGEST_BACKLOG) from.pause()
      if (!isSending) void sendAll()
    })
  }
}
