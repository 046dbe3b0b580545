import { PagesError } from '../errors.js'

/** The few members of the official client that are used. */
export interface RedisClient {
  readonly isReady: boolean
  connect(): Promise<unknown>
  sendCommand(parts: readonly (string | Buffer)[], options?: object): Promise<unknown>
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  // Methods, so that clients with any modules and functions fit.
  duplicate(overrides?: object): unknown
  on(event: string, listener: (error?: unknown) => void): unknown
  destroy(): void
}

/** Two connections: one that is asked, one that listens. They are made anew when the server has gone silent. */
export interface RedisConnection {
  /** Connected, and ready to be asked. */
  readonly isReady: boolean
  /** Sends a command; rejects at once while there is no connection. */
  send(...parts: (string | Buffer)[]): Promise<unknown>
  /** The same, whose answer is bytes. */
  sendForBytes(...parts: (string | Buffer)[]): Promise<unknown>
  /** Gives up connections that may be dead without anybody having said so. */
  renew(): void
  close(): void
}

export interface RedisConnectionParts {
  readonly source: string | RedisClient
  readonly channel: string
  onMessage(message: string): void
  /** The connection that is asked has been made, or made again. */
  onReady(): void
  /** Messages may have been missed, or may be. */
  onGone(): void
  onError(error: unknown): void
}

/** Questions that may wait for an answer at a time; more fail at once. */
const LARGEST_QUEUE = 10_000
const CONNECT_TIMEOUT = 2_000
const LONGEST_WAIT = 1_000

/** RESP's type of a string of bytes. */
const BYTES = { typeMapping: { 36: Buffer } }

export function openConnection(parts: RedisConnectionParts): RedisConnection {
  const { source, channel, onMessage, onReady, onGone, onError } = parts
  let asked: RedisClient | undefined
  let listening: RedisClient | undefined
  let isClosed = false

  async function open(): Promise<void> {
    const [first, second] = await Promise.all([createClientOf(source), createClientOf(source)])
    if (isClosed || asked !== undefined) return
    asked = start(first, onReady)
    listening = start(second, () => {})
    // A client that was given up while it connected has nothing more to say.
    const complain = (error: unknown) => {
      if (asked === first) onError(error)
    }
    void second
      .connect()
      .then(() => second.subscribe(channel, onMessage))
      .catch(complain)
    first.connect().catch(complain)
  }

  /** Without a listener for errors, the process would end with the first. */
  function start(client: RedisClient, ready: () => void): RedisClient {
    const whileUsed = (heard: (error?: unknown) => void) => (error?: unknown) => {
      if (client === asked || client === listening) heard(error)
    }
    client.on(
      'error',
      whileUsed((error) => {
        onGone()
        onError(error)
      }),
    )
    client.on('end', whileUsed(onGone))
    client.on('ready', whileUsed(ready))
    return client
  }

  function stop(): void {
    for (const client of [asked, listening])
      try {
        client?.destroy()
      } catch {
        // It was not connected.
      }
    asked = undefined
    listening = undefined
  }

  async function send(command: readonly (string | Buffer)[], options?: object): Promise<unknown> {
    if (asked?.isReady !== true) throw new Error('There is no connection to Redis.')
    return asked.sendCommand(command, options)
  }

  const begin = () => void open().catch(onError)
  begin()
  return {
    get isReady() {
      return asked?.isReady === true
    },
    send: (...command) => send(command),
    sendForBytes: (...command) => send(command, BYTES),
    renew() {
      stop()
      onGone()
      begin()
    },
    close() {
      isClosed = true
      stop()
    },
  }
}

async function createClientOf(source: string | RedisClient): Promise<RedisClient> {
  const options = { disableOfflineQueue: true, commandsQueueMaxLength: LARGEST_QUEUE }
  if (typeof source !== 'string') return source.duplicate(options) as RedisClient
  const { createClient } = await importRedis()
  const socket = {
    connectTimeout: CONNECT_TIMEOUT,
    reconnectStrategy: (tries: number) => Math.min(50 * 2 ** tries, LONGEST_WAIT) * (1 + Math.random() / 5),
  }
  return createClient({ url: source, socket, ...options }) as unknown as RedisClient
}

async function importRedis(): Promise<typeof import('redis')> {
  try {
    return await import('redis')
  } catch (error) {
    throw new PagesError(
      'PAGES_PEER_MISSING',
      'redisStore() was given a URL and needs the package `redis`. Install it with `npm install redis`, or pass a client.',
      { cause: error },
    )
  }
}

/** Whether Redis answered, and said no: the connection is as good as ever. */
export function isRefusal(error: unknown): error is Error {
  for (let proto: unknown = error; proto instanceof Error; proto = Object.getPrototypeOf(proto))
    if (proto.constructor.name === 'ErrorReply') return true
  return false
}
