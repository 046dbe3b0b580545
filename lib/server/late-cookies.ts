import type { ServerResponse } from 'node:http'
import { PRIVATE_CACHE_CONTROL } from './cache-control.js'

/** Whether a middleware has put itself in front of the writing of this response's head. */
export function isHeadHooked(res: ServerResponse): boolean {
  return Object.hasOwn(res, 'writeHead')
}

/**
 * Keeps an answer from everybody's caches if a middleware adds a cookie while its head is written. Sessions do that:
 * after we have said who may keep the answer. The last moment to take it back is when Node asks for the status message,
 * because then all hooks have run.
 *
 * @param personal what `Cache-Control` says of the answer when it has a cookie
 */
export function keepLateCookiesPrivate(res: ServerResponse, personal = PRIVATE_CACHE_CONTROL): void {
  if (!isHeadHooked(res)) return
  const hooked = res as HookedResponse
  hooked[ownMessage] = res.statusMessage
  hooked[withCookie] = personal
  Object.defineProperty(res, 'statusMessage', statusMessage)
}

const ownMessage = Symbol('pagepress.statusMessage')
const withCookie = Symbol('pagepress.withCookie')

type HookedResponse = ServerResponse & { [ownMessage]?: string; [withCookie]?: string }

/** One for all responses: with accessors of its own, each would have a shape of its own, and be slow to use. */
const statusMessage: PropertyDescriptor & ThisType<HookedResponse> = {
  configurable: true,
  enumerable: true,
  get() {
    if (!this.headersSent && isForAllWithCookie(this))
      this.setHeader('Cache-Control', this[withCookie] ?? PRIVATE_CACHE_CONTROL)
    return this[ownMessage]
  },
  set(given: string) {
    this[ownMessage] = given
  },
}

/** What a page has said of its answer; not of one that carries a cookie, unless nobody on the way keeps that either. */
export function cacheControlOfPage(res: ServerResponse): string | undefined {
  const said = res.getHeader('Cache-Control')
  if (said === undefined || isForAllWithCookie(res)) return undefined
  keepLateCookiesPrivate(res)
  return String(said)
}

/** Takes back what an answer says of others who may keep it, if it carries a cookie now or when its head is written. */
export function keepCookiesPrivate(res: ServerResponse): void {
  if (!res.hasHeader('Cache-Control')) return
  if (isForAllWithCookie(res)) res.setHeader('Cache-Control', PRIVATE_CACHE_CONTROL)
  else keepLateCookiesPrivate(res)
}

function isForAllWithCookie(res: ServerResponse): boolean {
  return (
    res.hasHeader('Set-Cookie') && !/\b(?:private|no-store)\b/i.test(String(res.getHeader('Cache-Control')))
  )
}
