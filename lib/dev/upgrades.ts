import { EventEmitter } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

type UpgradeListener = (req: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Listeners of this module, with the question whether a request is theirs. */
const ourListeners = new WeakMap<object, (req: IncomingMessage) => boolean>()

const HMR_PROTOCOLS = ['vite-hmr', 'vite-ping']

export interface HmrUpgrades {
  /** Stands in for an HTTP server: Vite listens on it and hears of its own upgrades alone. */
  readonly server: EventEmitter
  /** Listens on the host's server, once. */
  listenOn(server: Server): void
  close(): void
}

/**
 * Hands Vite the WebSocket upgrades of one path of the host's server, and leaves all others to the host. Those that may
 * not connect are refused.
 */
export function createHmrUpgrades(
  path: string,
  mayConnect: (req: IncomingMessage) => boolean = () => true,
): HmrUpgrades {
  const emitter = new EventEmitter()
  const servers = new Set<Server>()
  const isOurs = (req: IncomingMessage) =>
    HMR_PROTOCOLS.includes(req.headers['sec-websocket-protocol'] ?? '') &&
    (req.url ?? '').split('?')[0] === path

  const listener: UpgradeListener = (req, socket, head) => {
    if (isOurs(req)) {
      if (mayConnect(req)) emitter.emit('upgrade', req, socket, head)
      else end(socket, '403 Forbidden')
    } else refuseOrphan({ req, socket, listener })
  }
  ourListeners.set(listener, isOurs)

  return {
    server: emitter,
    listenOn(server) {
      if (servers.has(server)) return
      servers.add(server)
      server.on('upgrade', listener)
    },
    close() {
      for (const server of servers) server.off('upgrade', listener)
      servers.clear()
      emitter.removeAllListeners()
    },
  }
}

/**
 * Node no longer answers an upgrade as soon as anybody listens. Where nobody but us does, and none of us takes it, the
 * client would wait for ever.
 */
function refuseOrphan({ req, socket, listener }: Upgrade): void {
  const { server } = req.socket as { server?: Server }
  const listeners = server?.listeners('upgrade') ?? []
  if (listeners[0] !== listener) return
  const isOrphan = listeners.every((one) => ourListeners.get(one)?.(req) === false)
  if (isOrphan) end(socket, '400 Bad Request')
}

function end(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

interface Upgrade {
  readonly req: IncomingMessage
  readonly socket: Duplex
  readonly listener: UpgradeListener
}
