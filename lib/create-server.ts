import {
  createServer as createHttpServer,
  IncomingMessage,
  ServerResponse,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http'
import {
  createServer as createHttpsServer,
  type Server as HttpsServer,
  type ServerOptions as HttpsOptions,
} from 'node:https'
import { PagesError } from './errors.js'

/** An Express application, as far as it matters here. */
export interface ExpressApp {
  readonly request: object
  readonly response: object
}

/**
 * Creates an HTTP server for an Express application, and makes the whole application faster.
 *
 * Express gives every request and response its own prototype. On objects that have another one, that makes V8 forget
 * what it knows of their shape, and every later access slow; on objects that have it already it costs nothing. The
 * server made here creates them with the application's prototypes from the start, through options that Node documents.
 *
 * Use it in place of `app.listen`: `createServer(app).listen(3000)`. For HTTPS, pass `key` and `cert` among the options.
 *
 * @throws PagesError `PAGES_OPTION` if `app` is no Express application
 */
export function createServer(app: ExpressApp & RequestListener, options?: ServerOptions): Server
export function createServer(
  app: ExpressApp & RequestListener,
  options: HttpsOptions & { key: unknown },
): HttpsServer
export function createServer(
  app: ExpressApp & RequestListener,
  options: ServerOptions | HttpsOptions = {},
): Server | HttpsServer {
  if (typeof app !== 'function' || typeof app.request !== 'object' || typeof app.response !== 'object')
    throw new PagesError(
      'PAGES_OPTION',
      'createServer() takes an Express application: `createServer(express())`. It was given something without `app.request` and `app.response`.',
    )
  const aligned = {
    ...options,
    IncomingMessage: alignedWith(app.request, IncomingMessage),
    ServerResponse: alignedWith(app.response, ServerResponse),
  }
  const isSecure = 'key' in options || 'pfx' in options || 'SNICallback' in options
  return isSecure
    ? createHttpsServer(aligned as HttpsOptions, app)
    : createHttpServer(aligned as ServerOptions, app)
}

/**
 * A subclass whose instances have exactly this prototype, which already descends from the base's.
 *
 * The base is called as the function that it is in Node: `Reflect.construct` and `class` would give every object a
 * shape that V8 handles slowly, which is what this is all about. As the base's subclass it also tells V8 how many
 * properties to make room for within the object itself: without that every one of them is added at a cost.
 */
function alignedWith<T extends typeof IncomingMessage | typeof ServerResponse>(
  prototype: object,
  Base: T,
): T {
  const construct = Base as unknown as (this: object, first: unknown, second: unknown) => void
  function Aligned(this: object, first: unknown, second: unknown): void {
    construct.call(this, first, second)
  }
  Object.setPrototypeOf(Aligned, Base)
  Aligned.prototype = prototype
  return Aligned as unknown as T
}
