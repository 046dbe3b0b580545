import { IncomingMessage, ServerResponse, type RequestListener } from 'node:http'
import { Duplex } from 'node:stream'
import type { Socket } from 'node:net'

export interface DirectAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** Asks an app without a connection: for those who ask a hundred thousand times. */
export function askDirectly(
  listener: RequestListener,
  url: string,
  { method = 'GET', headers = {} as Record<string, string> } = {},
): Promise<DirectAnswer> {
  return new Promise((resolve, reject) => {
    const written: Buffer[] = []
    const socket = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        written.push(chunk)
        done()
      },
    }) as unknown as Socket
    const req = new IncomingMessage(socket)
    Object.assign(req, { method, url, headers: { host: 'localhost', ...headers } })
    req.push(null)
    const res = new ServerResponse(req)
    res.assignSocket(socket)
    res.on('error', reject)
    res.on('finish', () => resolve(parseAnswer(Buffer.concat(written).toString())))
    listener(req, res)
  })
}

function parseAnswer(text: string): DirectAnswer {
  const end = text.indexOf('\r\n\r\n')
  const [first, ...lines] = text.slice(0, end).split('\r\n')
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)]
  })
  return { status: Number(first!.split(' ')[1]), headers: new Map(headers), body: text.slice(end + 4) }
}
