import { randomBytes } from 'node:crypto'
import { request, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** A WebSocket to a development server, of a client that says of itself what a test wants. */
export interface HmrSocket {
  /** What the upgrade was answered with. */
  readonly status: number
  /** Messages that have come so far. */
  readonly messages: string[]
  readonly isClosed: () => boolean
  send(message: unknown): void
  close(): void
}

export function openHmrSocket(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<HmrSocket> {
  return new Promise((resolve, reject) => {
    const sent = request({
      port,
      host: '127.0.0.1',
      path,
      agent: false,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
        'Sec-WebSocket-Protocol': 'vite-hmr',
        ...headers,
      },
    })
    sent.on('upgrade', (_res: IncomingMessage, socket: Duplex, head: Buffer) =>
      resolve(toSocket(socket, head)),
    )
    sent.on('response', (res) => {
      res.resume()
      const isClosed = () => true
      resolve({ status: res.statusCode ?? 0, messages: [], isClosed, send() {}, close() {} })
    })
    sent.on('error', reject)
    sent.end()
  })
}

function toSocket(socket: Duplex, head: Buffer): HmrSocket {
  const messages: string[] = []
  let rest = Buffer.alloc(0)
  const hear = (chunk: Buffer): void => {
    rest = Buffer.concat([rest, chunk])
    for (let frame = readFrame(rest); frame !== undefined; frame = readFrame(rest)) {
      rest = rest.subarray(frame.end)
      if (frame.isText) messages.push(frame.text)
    }
  }
  hear(head)
  socket.on('data', hear)
  socket.on('error', () => {})
  let isClosed = false
  socket.on('close', () => (isClosed = true))
  return {
    status: 101,
    messages,
    isClosed: () => isClosed,
    send: (message) => void socket.write(toFrame(JSON.stringify(message))),
    close: () => void socket.destroy(),
  }
}

/** Clients mask what they send (RFC 6455, section 5.3). */
function toFrame(text: string): Buffer {
  const bytes = Buffer.from(text)
  const mask = randomBytes(4)
  const length =
    bytes.length < 126 ? [0x80 | bytes.length] : [0x80 | 126, bytes.length >> 8, bytes.length & 255]
  return Buffer.concat([
    Buffer.from([0x81, ...length]),
    mask,
    bytes.map((byte, index) => byte ^ (mask[index % 4] ?? 0)),
  ])
}

function readFrame(bytes: Buffer): { isText: boolean; text: string; end: number } | undefined {
  if (bytes.length < 2) return undefined
  const short = (bytes[1] ?? 0) & 0x7f
  const start = short === 127 ? 10 : short === 126 ? 4 : 2
  if (bytes.length < start) return undefined
  const length =
    short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short
  const end = start + length
  if (bytes.length < end) return undefined
  return { isText: ((bytes[0] ?? 0) & 0x0f) === 1, text: bytes.subarray(start, end).toString(), end }
}
