import { parse } from 'node:querystring'
import { parseCookie } from 'cookie'
import type { Request } from 'express'
import type { Query } from '../protocol/payload.js'
import type { Params } from '../types.js'

/** Search parameters and route parameters in one object; the latter win. A repeated name has its values in order. */
export function toQuery(search: string, params: Params): Query {
  return search.length > 1 ? { ...parse(search.slice(1)), ...params } : { ...params }
}

const parsedCookies = Symbol('pagepress.cookies')

type Cookies = Partial<Record<string, string>>

interface CookieCarrier {
  headers: { cookie?: string }
  [parsedCookies]?: Cookies
}

/** One for all requests: with accessors of its own, every request would have a shape of its own, and be slow to use. */
const cookies: PropertyDescriptor & ThisType<CookieCarrier> = {
  configurable: true,
  // Not listed among the request's own keys: what the app copies or logs stays what the client sent.
  enumerable: false,
  get() {
    return (this[parsedCookies] ??= parseCookies(this.headers.cookie))
  },
  set(value: Cookies) {
    this[parsedCookies] = value
  },
}

/** Gives a request `cookies`, parsed when first read, unless a middleware of the app has done so. */
export function provideCookies(req: Request): void {
  if ((req as { cookies?: unknown }).cookies === undefined) Object.defineProperty(req, 'cookies', cookies)
}

function parseCookies(header: string | undefined): Partial<Record<string, string>> {
  // A plain object, as authors expect, whose values came from one without a prototype.
  return header === undefined ? {} : { ...parseCookie(header) }
}
