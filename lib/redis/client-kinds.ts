type Part = string | Buffer
type Send = (parts: readonly Part[], options?: object) => Promise<unknown>

/** The few members of the official client that are used, of whatever kind it is. */
export interface RedisClient {
  readonly isReady: boolean
  connect(): Promise<unknown>
  // Each kind has arguments of its own; see `senderOf`.
  sendCommand(...given: never[]): Promise<unknown>
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  // Methods, so that clients with any modules and functions fit.
  duplicate(overrides?: object): unknown
  on(event: string, listener: (error?: unknown) => void): unknown
  destroy(): unknown
}

/** A cluster's client wants to know which key a command is about, and nobody tells when it is ready but `connect()`. */
export function isCluster(client: RedisClient): boolean {
  return 'slots' in client
}

/** How a client of this kind is sent a command as it stands. */
export function senderOf(client: RedisClient): Send {
  const sendCommand = client.sendCommand.bind(client) as (...given: unknown[]) => Promise<unknown>
  if (isCluster(client)) return (parts, options) => sendCommand(keyOf(parts), false, parts, options)
  if ('getSentinelNode' in client) return (parts, options) => sendCommand(false, parts, options)
  return (parts, options) => sendCommand(parts, options)
}

/** `EVAL script 1 key …`, `GET key`, `PING`. */
function keyOf(parts: readonly Part[]): Part | undefined {
  return parts[0] === 'EVAL' ? parts[3] : parts[1]
}
