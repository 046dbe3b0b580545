// @ts-check
// Three machines, a Redis with a replica, lines between them, and somebody who breaks them, at random:
//
//   npm run --silent build && node bench/nemesis.js [seed [seconds]]
//
// Machines are killed, stopped for a while and put to another time; lines are cut, swallow everything or are slow; Redis
// is stopped, loses what it has, or gives way to its replica; the source of data fails or is slow. Meanwhile thirty-two
// pages are visited, and revalidated by path and by tag. What must hold of it all is in bench/nemesis/check.js: no page
// that nobody has made, none from before its revalidation, none too old, and no error while there is a page.
//
// The seed decides what is done, not how it comes out. Where something is violated, all that has happened is written to a
// file, whose name is printed. Shortened in __tests__/redis/nemesis.test.ts.
import { writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { check } from './nemesis/check.js'
import { openLine, startMachine, startRedis, startSource } from './nemesis/fleet.js'

const [seed = Date.now() % 1_000_000, seconds = 60] = process.argv.slice(2).map(Number)
const KINDS = ['brief', 'long', 'data-brief', 'data-long']
const paths = KINDS.flatMap((kind) => Array.from({ length: 8 }, (_, index) => `/${kind}/${index}`))
/** Visitors of each machine at a time. */
const VISITORS = 3
/** The last seconds, in which nothing is broken. */
const CALM = Math.min(12_000, seconds * 300)

/** @param {number} state */
function createRandom(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** @type {import('./nemesis/check.js').History} */
const history = { readings: {}, reads: [], purges: [], troubles: [], deaths: {}, end: 0 }
const source = await startSource(history)
let redis = await startRedis()
let behind = await openLine(redis.port)
let replica = await startRedis('--replicaof', '127.0.0.1', String(behind.port))
const lines = await Promise.all([1, 2, 3].map(() => openLine(redis.port)))
const machines = await Promise.all(lines.map((line) => startMachine(line, source.url)))
const begun = performance.now()
const end = begun + seconds * 1_000

/** @template One @param {() => number} random @param {readonly One[]} list */
const oneOf = (random, list) => /** @type {One} */ (list[Math.floor(random() * list.length)])

/** @param {number} index @param {() => number} random */
async function visit(index, random) {
  while (performance.now() < end) {
    const machine = machines[index]
    const path = oneOf(random, paths)
    const isData = random() < 0.2
    const at = performance.now()
    const answer = await machine?.ask(isData ? `/_data${path}.json` : path)
    const read = { machine: machine?.number ?? 0, path, at, end: performance.now() }
    if (answer === undefined) {
      history.reads.push(read)
      await pause(50)
    } else history.reads.push({ ...read, status: answer.status, text: textOf(answer, isData) })
    await pause(random() * 20)
  }
}

/** @param {{ status: number, body: string }} answer @param {boolean} isData */
function textOf({ status, body }, isData) {
  if (status !== 200) return ''
  if (!isData) return /<p>([^<]*)<\/p>/.exec(body)?.[1] ?? body
  try {
    return String(JSON.parse(body).pageProps.text)
  } catch {
    return body
  }
}

/** @param {() => number} random */
async function purge(random) {
  while (performance.now() < end - 3_000) {
    const machine = oneOf(random, machines)
    // Only pages are revalidated by their paths; a tag is borne by all of a kind.
    const path = oneOf(random, paths.slice(0, 16))
    const tag = random() < 0.2 ? oneOf(random, KINDS) : undefined
    const target = encodeURIComponent(JSON.stringify(tag === undefined ? path : { tag }))
    const at = performance.now()
    const answer = await machine.ask(`/-/revalidate?target=${target}`)
    const outcome =
      answer?.status === 200
        ? 'done'
        : answer?.body.startsWith('The store of cached pages')
          ? 'later'
          : 'failed'
    history.purges.push({
      machine: machine.number,
      paths: tag === undefined ? [path] : paths.filter((one) => one.startsWith(`/${tag}/`)),
      at,
      end: performance.now(),
      outcome,
    })
    await pause(random() * 300)
  }
}

/** @typedef {() => Promise<{ what: string, machine?: number, isLoss?: true, [detail: string]: unknown }>} Trouble */

/** What may be broken. Each resolves when it is whole again. @param {() => number} random @returns {Record<string, Trouble>} */
function createTroubles(random) {
  const index = Math.floor(random() * machines.length)
  const line = lines[index]
  const machine = machines[index]
  const time = 300 + random() * 4_000
  if (line === undefined || machine === undefined) throw new Error('There is no such machine.')
  const { number } = machine

  async function failOver() {
    const [old, next] = [redis, replica]
    // It may lack what was written last.
    if (random() < 0.5) {
      behind.mode = 'silent'
      await pause(time)
    }
    behind.mode = 'closed'
    behind.cut()
    await old.kill()
    await pause(random() * 1_000)
    await next.command('REPLICAOF', 'NO', 'ONE')
    for (const one of lines) one.target = next.port
    for (const one of lines) one.cut()
    redis = next
    behind.stop()
    behind = await openLine(redis.port)
    await old.start('--replicaof', '127.0.0.1', String(behind.port))
    replica = old
    return { what: 'fail over', isLoss: /** @type {const} */ (true) }
  }

  /** @param {readonly import('./nemesis/fleet.js').Line[]} some @param {'closed' | 'silent'} mode */
  async function partition(some, mode) {
    for (const one of some) one.mode = mode
    if (mode === 'closed') for (const one of some) one.cut()
    await pause(time)
    for (const one of some) one.mode = 'open'
    // What was swallowed does not come back.
    if (mode === 'silent') for (const one of some) one.cut()
    return { what: 'partition', of: some.map((one) => lines.indexOf(one)), mode }
  }

  return {
    async kill() {
      history.deaths[number] = performance.now()
      await machine.kill()
      await pause(random() * 1_000)
      machines[index] = await startMachine(line, source.url)
      return { what: 'kill', machine: number }
    },
    async pause() {
      machine.freeze()
      await pause(time)
      machine.thaw()
      return { what: 'pause', machine: number }
    },
    async clock() {
      const ahead = oneOf(random, [-3_600_000, -10_000, -800, 0, 0, 800, 10_000, 3_600_000])
      await machine.ask(`/-/clock?ahead=${ahead}`)
      return { what: 'clock', of: number, ahead }
    },
    cut: () => partition([line], 'closed'),
    swallow: () => partition([line], 'silent'),
    cutAll: () => partition(lines, 'closed'),
    async slow() {
      line.delay = oneOf(random, [50, 300, 1_200])
      await pause(time)
      line.delay = 0
      return { what: 'slow line', of: index }
    },
    async freezeRedis() {
      const frozen = redis
      frozen.freeze()
      await pause(time)
      frozen.thaw()
      return { what: 'frozen Redis' }
    },
    async restartRedis() {
      await redis.kill()
      await pause(random() * 2_000)
      await redis.start()
      return { what: 'restart of Redis', isLoss: true }
    },
    failOver,
    async failingSource() {
      source.isFailing = true
      await pause(time / 2)
      source.isFailing = false
      return { what: 'failing source' }
    },
    async slowSource() {
      source.delay = 200 + random() * 1_000
      await pause(time)
      source.delay = 5
      return { what: 'slow source' }
    },
  }
}

/** Those who are about a whole server, or a machine, of which there may be one at a time. */
const REDIS = ['freezeRedis', 'restartRedis', 'failOver']

/** @param {() => number} random */
async function breakThings(random) {
  /** @type {Set<string>} */
  const current = new Set()
  async function one() {
    const troubles = createTroubles(random)
    const name = oneOf(random, Object.keys(troubles))
    // Two at a time, of different kinds.
    const kind = REDIS.includes(name)
      ? 'redis'
      : ['kill', 'pause', 'clock'].includes(name)
        ? 'machine'
        : 'other'
    if (current.has(kind)) return
    current.add(kind)
    const trouble = { what: name, at: performance.now(), end: Infinity }
    history.troubles.push(trouble)
    Object.assign(trouble, await troubles[name]?.(), { end: performance.now() })
    current.delete(kind)
  }
  while (performance.now() < end - CALM) {
    await Promise.all(random() < 0.4 ? [one(), one()] : [one()])
    // Now and then everybody may come to rest.
    await pause(random() < 0.15 ? 6_000 + random() * 2_000 : random() * 2_000)
  }
}

try {
  source.delay = 5
  const visitors = lines.flatMap((_, index) =>
    Array.from({ length: VISITORS }, (_, number) =>
      visit(index, createRandom(seed * 100 + index * 10 + number)),
    ),
  )
  const purgers = [1, 2].map((number) => purge(createRandom(seed * 100 + 50 + number)))
  await Promise.all([...visitors, ...purgers, breakThings(createRandom(seed))])
  history.end = performance.now()
} finally {
  for (const machine of machines) await machine.kill()
  for (const line of lines) line.stop()
  behind.stop()
  await redis.stop()
  await replica.stop()
  source.stop()
}

const violations = check(history)
const answered = history.reads.filter(({ status }) => status !== undefined).length
const errors = history.reads.filter(({ status = 0 }) => status >= 500).length
const purged = history.purges.filter(({ outcome }) => outcome === 'done').length
console.log(
  `seed ${seed}, ${seconds} s: ${answered} answers, ${errors} errors, ${history.reads.length - answered} without an answer; ${purged} revalidations of ${history.purges.length}; ${history.troubles.length} troubles; ${violations.length} violations`,
)
if (violations.length > 0) {
  const file = join(await mkdtemp(join(tmpdir(), 'pagepress-nemesis-')), `${seed}.json`)
  writeFileSync(file, JSON.stringify({ seed, seconds, violations, ...history }, null, 1))
  for (const violation of violations.slice(0, 10)) console.log(`FAILED: ${violation}`)
  console.log(`The history is in ${file}`)
  process.exitCode = 1
}
