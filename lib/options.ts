import { availableParallelism } from 'node:os'
import { isAbsolute, resolve } from 'node:path'
import type { Request } from 'express'
import type { OpenStore } from './cache/store.js'
import { createErrorLog, logError } from './error-log.js'
import type { KeyParts, RevalidateTarget } from './types.js'
import { describeValue, PagesError, wrongOption } from './errors.js'

/** Where a failure happened. */
export interface ErrorInfo {
  /**
   * `start`, `request` for a visitor's page, `refresh` behind one, `revalidate` on demand, `api`, `handler`, or `store`
   * for kept pages.
   */
  phase: 'start' | 'request' | 'refresh' | 'revalidate' | 'api' | 'handler' | 'store'
  /** The page's route, when one was matched. */
  route?: string
  /** The path of the page, without the mount path. */
  pathname?: string
  /** Express's request, when there is one. */
  request?: unknown
}

/** Bounds on what strangers and accidents can cause. Each is checked at start. */
export interface Limits {
  /** Largest page, in bytes of HTML and JSON together, that is kept; a larger one is served and not kept. @default 8 MiB */
  entryBytes: number
  /** Bytes that pages may occupy on disk, about, beside what the build has prerendered. @default 1 GiB */
  diskBytes: number
  /** How many "not found" results are remembered. @default 1000 */
  notFoundEntries: number
  /** Pages produced for waiting visitors at a time. @default 4 per core */
  renders: number
  /** Pages refreshed behind visitors at a time. @default 2 per core */
  refreshes: number
  /** Visitors' pages that may wait for one of `renders`; beyond it the answer is 503. @default 1000 */
  queue: number
  /** Milliseconds that producing a page may take, cold or refresh. @default 30000 */
  timeoutMs: number
  /** Longest URL path, in characters, that is looked at; a longer one is not ours. @default 2048 */
  pathLength: number
}

export interface PagesOptions {
  /** The project's folder. @default process.cwd() */
  root?: string
  /** Where the pages are, relative to `root`. @default 'pages', or 'src/pages' where there is no 'pages' */
  pagesDir?: string
  /** Files that are served as they are, relative to `root`. @default 'public' */
  publicDir?: string
  /** Where `pagepress build` writes and production reads, relative to `root`. @default '.pagepress' */
  outDir?: string
  /** Vite and HMR in this process. @default NODE_ENV is not 'production' */
  dev?: boolean
  /**
   * `true` passes what matches no page to `next()`, as `serve-static` does; `false` answers with the 404 page, and
   * with 405 for a method that the page does not take.
   * @default true
   */
  fallthrough?: boolean
  /** What a failing page leads to: the 500 page, or `next(err)` with the original error. @default 'render' */
  errors?: 'render' | 'next'
  /**
   * Hears of every failure, in front of a visitor or behind.
   * @default logs to console.error; in production each failure once a minute
   */
  onError?: (error: unknown, info: ErrorInfo) => void
  /** Compress HTML and JSON for clients that accept it. @default true */
  compress?: boolean
  cache?: {
    /**
     * Largest amount of memory, in bytes, that cached pages may occupy in this process; the least recently used are
     * dropped first, and a page that takes more than a tenth is not kept there. `0` keeps no page in memory.
     * @default 64 MiB
     */
    maxBytes?: number
    /**
     * Opens the store that all machines of the site share, e.g. `redisStore('redis://…')` of `pagepress/redis`. The
     * build's pages lie under it.
     * @default files in `outDir`
     */
    store?: OpenStore
    /**
     * What a request's pages depend on besides their path, as named parts: `(req) => ({ tenant: tenantOf(req) })`. Static
     * pages are kept for each combination, and `getStaticProps` gets the parts as `context.key`. `undefined` says that
     * the request belongs to nobody: pages with data answer with 404.
     */
    key?: (req: Request) => KeyParts | undefined
    /** The response header that names a page's tags, for a CDN that purges by them. @default none */
    tagHeader?: 'Cache-Tag' | 'Surrogate-Key'
    /**
     * Hears of every `revalidate()` of this process when it is done, so that a CDN can be told. `revalidate()` waits
     * for it; what it throws goes to `onError`.
     */
    onPurge?: (target: RevalidateTarget) => unknown
  }
  limits?: Partial<Limits>
  /** Vite configuration for development, merged over the project's own `vite.config`. */
  vite?: object
}

export interface CacheSettings {
  readonly maxBytes: number
  readonly store?: OpenStore
  readonly key?: (req: Request) => KeyParts | undefined
  readonly tagHeader?: 'Cache-Tag' | 'Surrogate-Key'
  readonly onPurge?: (target: RevalidateTarget) => unknown
}

/** Options with every default filled in; frozen, read by every part. */
export interface Settings {
  readonly root: string
  readonly pagesDir: string | undefined
  readonly publicDir: string
  readonly outDir: string
  readonly dev: boolean
  /** Whether somebody has said which of the two modes it is, and not left it to the default. */
  readonly isModeChosen: boolean
  readonly fallthrough: boolean
  readonly errors: 'render' | 'next'
  readonly onError: (error: unknown, info: ErrorInfo) => void
  readonly compress: boolean
  readonly cache: CacheSettings
  readonly limits: Readonly<Limits>
  readonly vite: object | undefined
}

const MIB = 1024 * 1024

function defaultLimits(): Limits {
  const cores = availableParallelism()
  return {
    entryBytes: 8 * MIB,
    diskBytes: 1024 * MIB,
    notFoundEntries: 1000,
    renders: 4 * cores,
    refreshes: 2 * cores,
    queue: 1000,
    timeoutMs: 30_000,
    pathLength: 2048,
  }
}

/** Milliseconds above which a Node timer fires at once instead of later. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Checks what the host passed to `pages()` and fills in the defaults, or throws naming the option. */
export function resolveOptions(options: PagesOptions = {}): Settings {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new PagesError(
      'PAGES_OPTION',
      `pages() takes an object of options, but it was given ${describeValue(options)}.`,
    )
  refuseUnknownKeys(options, optionNames, '')
  // Not `??`: a `null` is a mistake, and is told of.
  const { errors = 'render' } = options

  const root = resolve(optionalString(options.root, 'root') ?? process.cwd())
  const inRoot = (path: string) => (isAbsolute(path) ? path : resolve(root, path))
  const pagesDir = optionalString(options.pagesDir, 'pagesDir')
  const dev = optionalBoolean(options.dev, 'dev') ?? process.env.NODE_ENV !== 'production'
  const onError = optionalFunction(options.onError, 'onError')

  return Object.freeze({
    root,
    pagesDir: pagesDir === undefined ? undefined : inRoot(pagesDir),
    publicDir: inRoot(optionalString(options.publicDir, 'publicDir') ?? 'public'),
    outDir: inRoot(optionalString(options.outDir, 'outDir') ?? '.pagepress'),
    dev,
    isModeChosen: options.dev !== undefined || process.env.NODE_ENV !== undefined,
    fallthrough: optionalBoolean(options.fallthrough, 'fallthrough') ?? true,
    errors: oneOf(errors, ['render', 'next'], 'errors'),
    onError: neverFailing(onError ?? (dev ? logError : createErrorLog())),
    compress: optionalBoolean(options.compress, 'compress') ?? true,
    cache: resolveCache(optionalObject(options.cache, 'cache')),
    limits: resolveLimits(optionalObject(options.limits, 'limits')),
    vite: options.vite === undefined ? undefined : optionalObject(options.vite, 'vite'),
  })
}

const optionNames: readonly (keyof PagesOptions)[] = [
  'root',
  'pagesDir',
  'publicDir',
  'outDir',
  'dev',
  'fallthrough',
  'errors',
  'onError',
  'compress',
  'cache',
  'limits',
  'vite',
]

function resolveCache(given: NonNullable<PagesOptions['cache']>): CacheSettings {
  refuseUnknownKeys(given, ['maxBytes', 'store', 'key', 'tagHeader', 'onPurge'], 'cache.')
  const { maxBytes = 64 * MIB, tagHeader } = given
  const store = optionalFunction(given.store, 'cache.store')
  const key = optionalFunction(given.key, 'cache.key')
  const onPurge = optionalFunction(given.onPurge, 'cache.onPurge')
  return Object.freeze({
    maxBytes: wholeNumber(maxBytes, 'cache.maxBytes', { min: 0 }),
    ...(store && { store }),
    ...(key && { key }),
    ...(tagHeader !== undefined && {
      tagHeader: oneOf(tagHeader, ['Cache-Tag', 'Surrogate-Key'], 'cache.tagHeader'),
    }),
    ...(onPurge && { onPurge }),
  })
}

function resolveLimits(given: Partial<Limits>): Readonly<Limits> {
  const limits = defaultLimits()
  const names = Object.keys(limits) as (keyof Limits)[]
  refuseUnknownKeys(given, names, 'limits.')
  for (const name of names) {
    const value = given[name]
    if (value === undefined) continue
    const min = name === 'queue' || name === 'notFoundEntries' ? 0 : 1
    const max = name === 'timeoutMs' ? LONGEST_TIMER : Number.MAX_SAFE_INTEGER
    limits[name] = wholeNumber(value, `limits.${name}`, { min, max })
  }
  return Object.freeze(limits)
}

/** Whoever is told of failures, some of which nobody waits for, must not fail a request nor end the process. */
function neverFailing(onError: Settings['onError']): Settings['onError'] {
  const failed = (failure: unknown) => console.error('pagepress: `onError` itself failed:', failure)
  return (error, info) => {
    try {
      // The types say that nothing is returned; functions are `async` all the same.
      const returned: unknown = onError(error, info)
      if (returned instanceof Promise) returned.catch(failed)
    } catch (failure) {
      failed(failure)
    }
  }
}

function refuseUnknownKeys(given: object, known: readonly string[], prefix: string): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key))
  if (unknown !== undefined)
    throw new PagesError(
      'PAGES_OPTION',
      `pages() has no option \`${prefix}${unknown}\`. Known are ${known.map((name) => `\`${prefix}${name}\``).join(', ')}.`,
    )
}

function optionalObject<T extends object>(value: T | undefined, name: string): T | Record<string, never> {
  if (value === undefined) return {}
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrongOption(name, value, 'an object')
  return value
}

function optionalString(value: string | undefined, name: string): string | undefined {
  if (value !== undefined && (typeof value !== 'string' || value === ''))
    throw wrongOption(name, value, 'a path, as a string that is not empty')
  return value
}

function optionalBoolean(value: boolean | undefined, name: string): boolean | undefined {
  if (value !== undefined && typeof value !== 'boolean') throw wrongOption(name, value, '`true` or `false`')
  return value
}

function optionalFunction<T>(value: T | undefined, name: string): T | undefined {
  if (value !== undefined && typeof value !== 'function') throw wrongOption(name, value, 'a function')
  return value
}

function oneOf<const T extends string>(value: string, allowed: readonly T[], name: string): T {
  const found = allowed.find((candidate) => candidate === value)
  if (found === undefined) throw wrongOption(name, value, allowed.map((word) => `'${word}'`).join(' or '))
  return found
}

function wholeNumber(
  value: unknown,
  name: string,
  { min, max = Number.MAX_SAFE_INTEGER }: { min: number; max?: number },
): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
    throw wrongOption(name, value, `a whole number from ${min} to ${max}`)
  return value
}
