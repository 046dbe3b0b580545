import type { Response } from 'express'
import { PRIVATE_CACHE_CONTROL } from './cache-control.js'

/** Whether a middleware has put itself in front of the writing of this response's head. */
export function isHeadHooked(res: Response): boolean {
  return Object.hasOwn(res, 'writeHead')
}

/**
 * Keeps an answer from everybody's caches if a middleware adds a cookie while its head is written. Sessions do that:
 * after we have said who may keep the answer. The last moment to take it back is when Node asks for the status message,
 * because then all hooks have run.
 */
export function keepLateCookiesPrivate(res: Response): void {
  if (!isHeadHooked(res)) return
  const hooked = res as HookedResponse
  hooked[ownMessage] = res.statusMessage
  Object.defineProperty(res, 'statusMessage', statusMessage)
}

const ownMessage = Symbol('pagepress.statusMessage')

type HookedResponse = Response & { [ownMessage]?: string | undefined }

/** One for all responses: with accessors of its own, each would have a shape of its own, and be slow to use. */
const statusMessage: PropertyDescriptor & ThisType<HookedResponse> = {
  configurable: true,
  enumerable: true,
  get() {
    if (!this.headersSent && this.hasHeader('Set-Cookie'))
      this.setHeader('Cache-Control', PRIVATE_CACHE_CONTROL)
    return this[ownMessage]
  },
  set(given: string | undefined) {
    this[ownMessage] = given
  },
}
