import { withDeadline } from '../cache/deadline.js'
import type { Invalidation, Mark, StoreListener } from '../cache/store.js'
import { describeValue } from '../errors.js'
import { isRefusal, type RedisConnection } from './connection.js'
import { INVALIDATE, LARGEST_LEAD, PAGE_OF_MARKS, READ_MARKS } from './scripts.js'

/**
 * What has been invalidated, as Redis knows it, and what time it is there.
 *
 * Whoever invalidates publishes; a heartbeat asks for what was not heard. Until everything has been asked for that was
 * said while this process was away, entries of Redis are not to be trusted.
 */
export interface RedisMarks {
  /** Everything that has been invalidated is known here. */
  readonly areKnown: boolean
  /** No entry from before this time of Redis is believed: marks of that age have been forgotten. */
  readonly floor: number
  /** What to add to a time of this process to get Redis's. */
  readonly offset: number
  hear(message: string): void
  /** Asks for what was missed. */
  catchUp(): void
  forgetTrust(): void
  invalidate(invalidation: Invalidation): Promise<number>
  subscribe(listener: StoreListener): () => void
  /** Resolves when everything is known for the first time. */
  readonly ready: Promise<void>
  close(): void
}

export interface RedisMarksParts {
  readonly connection: RedisConnection
  readonly prefix: string
  readonly now: () => number
  readonly maxTtl: number
  readonly onError: (error: unknown) => void
}

const HEARTBEAT = 1_000
const HEARTBEAT_TIMEOUT = 1_000
/** Heartbeats without an answer after which the connection counts as dead. */
const LARGEST_SILENCE = 3
/** Clocks are read again and again; they must differ by more than reading them takes. */
const CLOCK_TOLERANCE = 20
/** Marks are asked for again that may have come in the wrong order, or from a server that has taken over. */
const OVERLAP = 5_000
/** A server that takes over may lack what was last said to the one that failed, before it was last heard of. */
const SAY_AGAIN_WITHIN = 60_000

export function createRedisMarks(parts: RedisMarksParts): RedisMarks {
  const { connection, prefix, now, maxTtl, onError } = parts
  const keys = [`{${prefix}}:marks`, `{${prefix}}:marks-before`]
  const listeners = new Set<StoreListener>()
  const said: { field: string; before: number; at: number }[] = []
  let areKnown = false
  let becomeReady = () => {}
  const ready = new Promise<void>((resolve) => (becomeReady = resolve))
  let wasKnown = false
  let isReading: Promise<void> | undefined
  let isPinging: Promise<void> | undefined
  let readUntil = 0
  let floor = 0
  /** When this process's clock last jumped, by that of Redis. */
  let jumpedAt = 0
  let offset = 0
  let heardAt = -Infinity
  let silence = 0
  /** The same of the connection that listens: nobody would notice that it is dead but those who speak. */
  let deafness = 0

  function tell(field: string, before: number): void {
    if (!Number.isFinite(before)) return
    const mark: Mark = { name: field.slice(1), before: before - offset, isSoft: field.startsWith('s') }
    for (const listener of listeners) listener.invalidated(mark)
  }

  async function readMarks(): Promise<void> {
    const since = Math.max(0, readUntil - OVERLAP)
    for (let skipped = 0; ; skipped += PAGE_OF_MARKS) {
      const asked = now()
      const answer = (await withDeadline(
        connection.send('EVAL', READ_MARKS, '2', ...keys, String(since), String(skipped)),
        HEARTBEAT_TIMEOUT,
      )) as string[]
      const [clock, newFloor, gone] = [toTime(answer?.[0]), toTime(answer[1]), toTime(answer[2])]
      const before = offset
      compareClocks(clock, asked, now())
      // Pages of Redis are now read in another time than what was told of marks: all are told again, in this one.
      if (offset !== before && since > 0) {
        areKnown = false
        readUntil = 0
        // What this process has noted and could not say yet is in the time from before.
        if (Math.abs(offset - before) > LARGEST_LEAD) jumpedAt = clock
        return readMarks()
      }
      floor = newFloor
      // Away for so long that marks have been dropped which nobody told us of.
      if (skipped === 0 && wasKnown && gone > since) for (const listener of listeners) listener.lost()
      for (let index = 3; index < answer.length; index += 2) tell(answer[index]!, Number(answer[index + 1]))
      if (answer.length < 3 + 2 * PAGE_OF_MARKS) {
        readUntil = clock
        return
      }
    }
  }

  /** Theirs was the time at some moment between the question and the answer, either of which may have been on its way long. */
  function compareClocks(theirs: number, asked: number, answered: number): void {
    const uncertainty = (answered - asked) / 2 + CLOCK_TOLERANCE
    const difference = Math.round(theirs - (asked + answered) / 2)
    if (Math.abs(difference - offset) <= uncertainty) return
    offset = Math.abs(difference) <= uncertainty ? 0 : difference
  }

  function giveUp(): void {
    silence = 0
    deafness = 0
    connection.renew()
  }

  function pingListener(): Promise<void> {
    return (isPinging ??= withDeadline(connection.pingListener(), HEARTBEAT_TIMEOUT)
      .then(
        () => {
          deafness = 0
        },
        (error: unknown) => {
          deafness = isRefusal(error) ? 0 : deafness + 1
          if (deafness >= LARGEST_SILENCE) giveUp()
        },
      )
      .finally(() => {
        isPinging = undefined
      }))
  }

  function read(): Promise<void> {
    return (isReading ??= readMarks()
      .then(
        () => {
          silence = 0
          heardAt = performance.now()
          areKnown = true
          wasKnown = true
          becomeReady()
        },
        (error: unknown) => {
          silence += 1
          onError(error)
          if (silence >= LARGEST_SILENCE) giveUp()
        },
      )
      .finally(() => {
        isReading = undefined
      }))
  }

  /** A connection that has gone silent is made anew, and so is one that has been on its way for too long. */
  const heartbeat = setInterval(() => {
    if (connection.isReady) {
      void read()
      void pingListener()
      return
    }
    silence += 1
    if (silence >= LARGEST_SILENCE) giveUp()
  }, HEARTBEAT)
  heartbeat.unref()

  async function send(field: string, before: number): Promise<number> {
    const text = await connection.send(
      'EVAL',
      INVALIDATE,
      '2',
      ...keys,
      field,
      String(before),
      `${prefix}:marks`,
      String(maxTtl * 2),
    )
    return toTime(text)
  }

  return {
    get areKnown() {
      return areKnown && connection.isReady
    },
    get floor() {
      return Math.max(floor, jumpedAt)
    },
    get offset() {
      return offset
    },
    hear(message) {
      const end = message.indexOf(' ')
      const before = Number(message.slice(0, end))
      if (end > 0) tell(message.slice(end + 1), before)
    },
    catchUp() {
      areKnown = false
      const since = Math.min(heardAt, performance.now()) - SAY_AGAIN_WITHIN
      void read()
      for (const { field, before } of said.filter(({ at }) => at > since)) send(field, before).catch(onError)
    },
    forgetTrust() {
      areKnown = false
    },
    async invalidate({ name, isSoft, before }) {
      const field = (isSoft ? 's' : 'h') + name
      const time = await send(field, before === undefined ? -1 : Math.round(before + offset))
      said.push({ field, before: time, at: performance.now() })
      if (said.length > LARGEST_MEMORY) said.shift()
      return time - offset
    },
    subscribe(listener) {
      listeners.add(listener)
      readUntil = 0
      if (areKnown) void read()
      return () => void listeners.delete(listener)
    },
    ready,
    close: () => clearInterval(heartbeat),
  }
}

const LARGEST_MEMORY = 1_000

/** A number in an answer; what is none would spread to all that is compared with it, and to other machines. */
function toTime(text: unknown): number {
  const time = text === undefined || text === null ? NaN : Number(String(text))
  if (Number.isFinite(time)) return time
  throw new Error(`Redis answered ${describeValue(text)}, which is no time.`)
}
