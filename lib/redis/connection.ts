import { PagesError } from '../errors.js'
import { isCluster, senderOf, type RedisClient } from './client-kinds.js'

/** Two connections: one that is asked, one that listens. They are made anew when the server has gone silent. */
export interface RedisConnection {
  /** Connected, and ready to be asked. */
  readonly isReady: boolean
  /** Sends a command; rejects at once while there is no connection. */
  send(...parts: (string | Buffer)[]): Promise<unknown>
  /** The same, whose answer is bytes. */
  sendForBytes(...parts: (string | Buffer)[]): Promise<unknown>
  /** Resolves when the connection that listens has been answered: otherwise it hears nothing of its own end. */
  pingListener(): Promise<void>
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
/** A connection that was lost is made again after this time, unless that was tried a moment ago. */
const FIRST_WAIT = 50
/** Each of the two connects no more often than this, whatever happens to the server. */
const CONNECT_EVERY = 1_000
/** Part by which waits differ, so that machines do not come in step. */
const JITTER = 0.2

/** RESP's type of a string of bytes. */
const BYTES = { typeMapping: { 36: Buffer } }

export function openConnection(parts: RedisConnectionParts): RedisConnection {
  const { source, channel, onMessage, onReady, onGone, onError } = parts
  const asked = keepConnected(source, { onReady, onGone, onError })
  const listening = keepConnected(source, {
    onReady: (client) => void client.subscribe(channel, onMessage).catch(onError),
    onGone,
    onError,
  })

  async function send(command: readonly (string | Buffer)[], options?: object): Promise<unknown> {
    const { client } = asked
    if (client?.isReady !== true) throw new Error('There is no connection to Redis.')
    return senderOf(client)(command, options)
  }

  return {
    get isReady() {
      return asked.client?.isReady === true
    },
    send: (...command) => send(command),
    sendForBytes: (...command) => send(command, BYTES),
    async pingListener() {
      const { client } = listening
      if (client?.isReady !== true) throw new Error('There is no connection to Redis that listens.')
      await senderOf(client)(['PING'])
    },
    renew() {
      asked.renew()
      listening.renew()
      onGone()
    },
    close() {
      asked.close()
      listening.close()
    },
  }
}

interface Link {
  readonly client: RedisClient | undefined
  renew(): void
  close(): void
}

interface LinkEvents {
  onReady(client: RedisClient): void
  onGone(): void
  onError(error: unknown): void
}

/**
 * One connection, made anew whenever it is lost. Not by the client itself, which tries again at once, however often that
 * has just failed: a client is let go of at its first error, and the next one comes at a measured pace.
 */
function keepConnected(source: string | RedisClient, { onReady, onGone, onError }: LinkEvents): Link {
  let current: RedisClient | undefined
  let isClosed = false
  let lastTry = -Infinity
  let waiting: NodeJS.Timeout | undefined

  async function connect(): Promise<void> {
    lastTry = performance.now()
    const client = await createClientOf(source)
    if (isClosed || current !== undefined) return
    current = client
    // Without a listener for errors, the process would end with the first.
    client.on('error', (error) => {
      if (client === current) lost(error)
    })
    client.on('end', () => {
      if (client === current) lost()
    })
    client.on('ready', () => {
      if (client === current) onReady(client)
      // It does not let go of a connection that was on its way when it was given up.
      else destroy(client)
    })
    try {
      await client.connect()
      if (client === current && isCluster(client)) onReady(client)
    } catch (error) {
      if (client === current) lost(error)
    }
  }

  function lost(error?: unknown): void {
    letGo()
    connectIn(FIRST_WAIT)
    onGone()
    if (error !== undefined) onError(error)
  }

  function letGo(): void {
    const client = current
    current = undefined
    clearTimeout(waiting)
    if (client !== undefined) destroy(client)
  }

  function connectIn(milliseconds: number): void {
    const next = Math.max(performance.now() + milliseconds, lastTry + CONNECT_EVERY)
    const wait = (next - performance.now()) * (1 + Math.random() * JITTER)
    waiting = setTimeout(() => void connect().catch(onError), wait)
  }

  void connect().catch(onError)
  return {
    get client() {
      return current
    },
    renew() {
      letGo()
      connectIn(0)
    },
    close() {
      isClosed = true
      letGo()
    },
  }
}

function destroy(client: RedisClient): void {
  // It may not have been connected, and say so at once or later.
  new Promise((resolve) => resolve(client.destroy())).catch(() => undefined)
}

async function createClientOf(source: string | RedisClient): Promise<RedisClient> {
  const options = { disableOfflineQueue: true, commandsQueueMaxLength: LARGEST_QUEUE }
  if (typeof source !== 'string') return source.duplicate(options) as RedisClient
  const { createClient } = await importRedis()
  const socket = { connectTimeout: CONNECT_TIMEOUT, reconnectStrategy: false as const }
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
