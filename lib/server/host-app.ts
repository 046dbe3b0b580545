import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { Server } from 'node:http'

/** What we use of an Express application, of either major version. */
export interface HostApp {
  (req: Request, res: Response, next?: NextFunction): unknown
  readonly parent?: HostApp
  readonly mountpath: unknown
  handle(req: Request, res: Response, next: NextFunction): void
  on(event: 'mount', listener: (parent: HostApp) => void): unknown
  use(handler: RequestHandler): unknown
}

interface LayerStack {
  stack: unknown[]
  use(path: RegExp, handler: RequestHandler): unknown
}

const listeningApps = new WeakMap<Server, { app: HostApp | undefined }>()

/** The application that listens for the server's requests itself, and so sees them before all others. */
export function listeningAppOf(req: Request): HostApp | undefined {
  const server = (req.socket as { server?: Server } | undefined)?.server
  if (!server) return undefined
  let known = listeningApps.get(server)
  if (!known) listeningApps.set(server, (known = { app: server.listeners('request').find(isHostApp) }))
  return known.app
}

/** The application whose layers stand in front of all others: the listening one, or the outermost that Express tells of. */
export function rootAppOf(req: Request): HostApp | undefined {
  const listening = listeningAppOf(req)
  if (listening) return listening
  let app = req.app as unknown as HostApp | undefined
  while (app?.parent) app = app.parent
  return app
}

function isHostApp(value: unknown): value is HostApp {
  const app = value as Partial<Record<string, unknown>>
  return (
    typeof value === 'function' &&
    typeof app.handle === 'function' &&
    typeof app.use === 'function' &&
    'mountpath' in app
  )
}

/**
 * Puts a handler in front of everything that the application has, for paths that a pattern matches. What a pattern takes
 * of the path, Express takes off `req.url`: it should look ahead and take nothing.
 */
export function prependHandler(app: HostApp, path: RegExp, handler: RequestHandler): void {
  const router = layersOf(app)
  router.use(path, handler)
  // A new array: a request on its way through the old one counts its steps by position.
  router.stack = [router.stack.at(-1), ...router.stack.slice(0, -1)]
}

function layersOf(app: HostApp): LayerStack {
  // Express 4 keeps its router under `_router`, and `router` throws there; Express 5 has `router` alone.
  const { _router } = app as { _router?: LayerStack }
  return _router ?? (app as unknown as { router: LayerStack }).router
}
