import { createHash, randomUUID } from 'node:crypto'
import { decodeEntry, encodeEntry, type CacheEntry } from '../cache/entry.js'
import type { CacheStore, OpenStore, StoreContext } from '../cache/store.js'
import { describeValue, PagesError, toReason } from '../errors.js'
import type { RedisClient } from './client-kinds.js'
import { isRefusal, openConnection } from './connection.js'
import { createRedisMarks } from './redis-marks.js'
import { RELEASE_LEASE, SET_ENTRY } from './scripts.js'

export interface RedisStoreOptions {
  /** What all keys begin with, for a Redis that others use, too. @default 'pagepress' */
  prefix?: string
  /** Milliseconds that a visitor's request waits for an answer of Redis at most. @default 50 */
  timeoutMs?: number
  /** Seconds after which an entry that nobody has written anew is dropped, whatever its page says. @default 30 days */
  maxTtlSeconds?: number
}

const DAY_SECONDS = 86_400

/**
 * Keeps pages in Redis, for all machines that serve the site: `pages({ cache: { store: redisStore('redis://…') } })`.
 *
 * Connects when the site opens, and needs no Redis to start or to build.
 *
 * @param source a URL, or a client of the package `redis`, whose settings two connections of our own are made with
 * @throws PagesError `PAGES_OPTION` for a wrong option
 */
export function redisStore(source: string | RedisClient, options: RedisStoreOptions = {}): OpenStore {
  const { prefix = 'pagepress', timeoutMs = 50, maxTtlSeconds = 30 * DAY_SECONDS } = options
  if (typeof source !== 'string' && typeof (source as Partial<RedisClient> | null)?.duplicate !== 'function')
    throw wrong(
      'first argument',
      source,
      'a URL such as `redis://localhost:6379`, or a client of the package `redis`',
    )
  if (typeof prefix !== 'string' || !/^[\w.-]{1,100}$/.test(prefix))
    throw wrong('option `prefix`', prefix, 'at most 100 letters, digits, `_`, `.` and `-`')
  for (const [name, value] of Object.entries({ timeoutMs, maxTtlSeconds }))
    if (!Number.isInteger(value) || value < 1 || value > 31_536_000)
      throw wrong(`option \`${name}\``, value, 'a whole number from 1 to 31536000')
  return (context) => openRedisStore(source, { prefix, timeoutMs, maxTtl: maxTtlSeconds * 1000 }, context)
}

function wrong(what: string, received: unknown, expected: string): PagesError {
  return new PagesError(
    'PAGES_OPTION',
    `The ${what} of redisStore() is ${describeValue(received)}, but it must be ${expected}.`,
  )
}

function redisFailed(cause: unknown): PagesError {
  return new PagesError(
    'PAGES_STORE',
    `Redis cannot be used for cached pages: ${toReason(cause)} Pages are served from memory and produced anew; it is used again by itself. See that it runs, can be reached, and takes what is written to it.`,
    { cause },
  )
}

interface Settings {
  readonly prefix: string
  readonly timeoutMs: number
  readonly maxTtl: number
}

/** Digits of the time that a value begins with. */
const TIME_DIGITS = 16
const COMPLAIN_EVERY = 60_000

function openRedisStore(source: string | RedisClient, settings: Settings, context: StoreContext): CacheStore {
  const { prefix, timeoutMs, maxTtl } = settings
  const { buildId, now, onError } = context
  const channel = `${prefix}:marks`
  let complainedAt = -Infinity

  const connection = openConnection({
    source,
    channel,
    onMessage: (message) => marks.hear(message),
    onReady: () => marks.catchUp(),
    onGone: () => marks.forgetTrust(),
    onError: complain,
  })
  const marks = createRedisMarks({ connection, prefix, now, maxTtl, onError: complain })

  function complain(error: unknown): void {
    if (performance.now() - complainedAt < COMPLAIN_EVERY) return
    complainedAt = performance.now()
    onError(error instanceof PagesError ? error : redisFailed(error))
  }

  const nameOf = (key: string) => `${prefix}:${buildId}:${hash(key)}`
  const leaseOf = (key: string) => `${prefix}:${buildId}:lease:${hash(key)}`

  /** Asks Redis; where it answers with a refusal, that is the answer. */
  async function ask<T>(question: () => Promise<unknown>, refused: T): Promise<unknown> {
    if (!marks.areKnown) throw new Error('Redis is not connected, or what was invalidated is not known yet.')
    try {
      return await question()
    } catch (error) {
      if (!isRefusal(error)) throw error
      complain(error)
      // A replica that was a master: the next connection finds the new one.
      if (error.message.startsWith('READONLY')) connection.renew()
      return refused
    }
  }

  async function get(key: string): Promise<CacheEntry | undefined> {
    const value = await ask(() => connection.sendForBytes('GET', nameOf(key)), null)
    if (!Buffer.isBuffer(value) || value.length < TIME_DIGITS) return undefined
    const entry = decodeEntry(key, value.subarray(TIME_DIGITS), buildId)
    if (entry === undefined || entry.renderedAt < marks.floor) return undefined
    return moveInTime(entry, -marks.offset)
  }

  async function set(key: string, entry: CacheEntry): Promise<void> {
    const life = Math.min(entry.expiresAt - now(), maxTtl)
    if (life < 1) return
    const moved = moveInTime(entry, marks.offset)
    const time = toDigits(moved.renderedAt)
    const value = Buffer.concat([Buffer.from(time), encodeEntry(key, moved, buildId)])
    await ask(
      () => connection.send('EVAL', SET_ENTRY, '1', nameOf(key), time, value, String(Math.ceil(life))),
      null,
    )
  }

  return {
    timeoutMs,
    get,
    set,
    delete: async (key) => void (await ask(() => connection.send('DEL', nameOf(key)), null)),
    async lease(key, milliseconds) {
      const token = randomUUID()
      const name = leaseOf(key)
      const answer = await ask(
        () => connection.send('SET', name, token, 'NX', 'PX', String(milliseconds)),
        // Nobody can hold one: everybody may.
        'OK',
      )
      if (answer !== 'OK') return undefined
      return {
        release: async () => void (await connection.send('EVAL', RELEASE_LEASE, '1', name, token)),
      }
    },
    invalidate: marks.invalidate,
    subscribe: marks.subscribe,
    ready: () => marks.ready,
    async close() {
      marks.close()
      connection.close()
    },
  }
}

/** The two halves of a key's UTF-16 units, so that no two keys, of whatever characters, have one name. */
function hash(key: string): string {
  return createHash('sha256').update(key, 'utf16le').digest('hex')
}

function toDigits(time: number): string {
  return String(Math.max(0, Math.round(time))).padStart(TIME_DIGITS, '0')
}

/** The entry in the time of another clock. */
function moveInTime(entry: CacheEntry, offset: number): CacheEntry {
  if (offset === 0) return entry
  const { renderedAt, staleAt, expiresAt } = entry
  return {
    ...entry,
    renderedAt: renderedAt + offset,
    staleAt: staleAt + offset,
    expiresAt: expiresAt + offset,
  }
}
