import { outsideHandler, propertyOf } from '../errors.js'

/** What a helper of route handlers throws, so that nothing after it runs. */
export type HandlerResult =
  | { readonly type: 'redirect'; readonly destination: string; readonly status: 307 | 308 }
  | { readonly type: 'not-found' }

/** Known by its name, not its class: a project may hold this package twice. */
const RESULT = Symbol.for('pagepress.handler-result')

/** The result that was thrown; `undefined` for an error. */
export function toHandlerResult(thrown: unknown): HandlerResult | undefined {
  return propertyOf(thrown, RESULT) as HandlerResult | undefined
}

function leaveWith(fn: string, result: HandlerResult): never {
  throw Object.assign(new Error(outsideHandler(fn)), { [RESULT]: result })
}

/**
 * Ends a route handler with a redirect, status 307. A path is one of this site, without the mount path. Never returns.
 */
export function redirect(destination: string): never {
  return leaveWith('redirect', { type: 'redirect', destination, status: 307 })
}

/** Ends a route handler with a redirect for ever, status 308. Never returns. */
export function permanentRedirect(destination: string): never {
  return leaveWith('permanentRedirect', { type: 'redirect', destination, status: 308 })
}

/** Ends a route handler with status 404 and no body. Never returns. */
export function notFound(): never {
  return leaveWith('notFound', { type: 'not-found' })
}
