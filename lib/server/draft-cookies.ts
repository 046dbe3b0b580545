import type { Response } from 'express'
import { wrongCookieOption } from '../errors.js'

export const DRAFT_COOKIE = '__pagepress_draft'
export const PREVIEW_COOKIE = '__pagepress_preview'

/** What both names begin with: a header without it needs no reading. */
const COMMON = '__pagepress_'

export interface CookieOptions {
  /** Seconds that the cookie lives; without it, until the browser is closed. */
  maxAge?: number
  /** The cookie is sent for this path and below only. @default '/' */
  path?: string
}

/** The values of the two cookies as they were sent; more than one of a name is `null`, for nobody can tell which counts. */
export interface SentCookies {
  readonly draft: string | null | undefined
  readonly preview: string | null | undefined
}

/** `undefined` for a request that brings neither of the two. */
export function readDraftCookies(header: string | undefined): SentCookies | undefined {
  if (header === undefined || !header.includes(COMMON)) return undefined
  const draft = valueOf(header, DRAFT_COOKIE)
  const preview = valueOf(header, PREVIEW_COOKIE)
  return draft === undefined && preview === undefined ? undefined : { draft, preview }
}

function valueOf(header: string, name: string): string | null | undefined {
  const values = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
  return values.length > 1 ? null : values[0]?.slice(name.length + 1)
}

/** Browsers show drafts inside the frames of other sites' editors, which needs `None` and so `Secure`. */
const attributes = (dev: boolean) => (dev ? 'HttpOnly; SameSite=Lax' : 'HttpOnly; Secure; SameSite=None')

export interface CookieWriter {
  set(res: Response, cookie: readonly [name: string, value: string], options?: CookieOptions): void
  expire(res: Response, name: string, path?: string): void
}

export function createCookieWriter(dev: boolean): CookieWriter {
  // What the app has set stays: `append` is Express's way to add to a header.
  const write = (res: Response, cookie: string) => void res.append('Set-Cookie', cookie)

  return {
    set(res, [name, value], { maxAge, path = '/' } = {}) {
      const age = maxAge === undefined ? '' : `; Max-Age=${checkAge(maxAge)}`
      write(res, `${name}=${value}; Path=${checkPath(path)}${age}; ${attributes(dev)}`)
    },
    expire(res, name, path = '/') {
      const past = 'Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT'
      write(res, `${name}=; Path=${checkPath(path)}; ${past}; ${attributes(dev)}`)
    },
  }
}

function checkAge(maxAge: unknown): number {
  if (typeof maxAge !== 'number' || !Number.isInteger(maxAge) || maxAge <= 0)
    throw wrongCookieOption('maxAge', maxAge, 'a positive whole number of seconds')
  return maxAge
}

function checkPath(path: unknown): string {
  if (typeof path !== 'string' || !/^\/[\x21-\x3a\x3c-\x7e]*$/.test(path))
    throw wrongCookieOption('path', path, 'a path that begins with `/`')
  return path
}
