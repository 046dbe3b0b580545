// @ts-check
// What crowds do to those who are not part of them:
//
//   node bench/crowd.js expiry [pages]   ten thousand pages expire at once, and are asked for
//   node bench/crowd.js slow             nine visitors of ten ask for one page that takes two seconds to produce
//
// Fails if more pages are refreshed at a time than `limits.refreshes`, if the event loop is late by 50 ms one time in a
// hundred, or if the slowest of a hundred other visitors waits more than 20 % longer than when the crowd's pages are fresh,
// or there is no crowd. A machine that has other things to do disturbs the times: the best of eight rounds counts. Used by __tests__/http/crowd.test.ts.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { availableParallelism } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const [what = 'expiry', given = '10000'] = process.argv.slice(2)
const pages = Number(given)
const refreshes = 2 * availableParallelism()
const ROUNDS = 8

const child = fork(fileURLToPath(new URL('./crowd-site.js', import.meta.url)), {
  execArgv: [],
  env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
})
const [{ port }] = /** @type {[{ port: number }]} */ (await once(child, 'message'))
const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** @typedef {{ loopP99: number, most: number, renders: number, refreshing: number }} Numbers */

/**
 * What has happened since the last call.
 *
 * @param {{ expire?: number }} [message]
 * @returns {Promise<Numbers>}
 */
async function ask(message = {}) {
  child.send(message)
  const [numbers] = await once(child, 'message')
  return numbers
}

/**
 * The milliseconds that an answer has taken.
 *
 * @param {string} path
 * @returns {Promise<number>}
 */
function visit(path) {
  const begun = performance.now()
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path, agent }, (res) => {
      if (res.statusCode !== 200) reject(new Error(`${path}: ${res.statusCode}`))
      res.resume().on('end', () => resolve(performance.now() - begun))
    }).on('error', reject)
  })
}

/** @param {(index: number) => string} path @param {number} count */
async function visitAll(path, count) {
  for (let at = 0; at < count; at += 50)
    await Promise.all(Array.from({ length: Math.min(50, count - at) }, (_, index) => visit(path(at + index))))
}

/** @param {number[]} times */
const p99 = (times) => times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0

/**
 * Visits to pages that are there, one after another, while something else goes on or for some time.
 *
 * @param {Promise<unknown>} end
 */
async function watch(end) {
  /** @type {number[]} */
  const times = []
  let isOver = false
  void end.finally(() => (isOver = true))
  while (!isOver) {
    times.push(await visit(`/p/hot-${times.length % 10}`))
    await pause(2)
  }
  return p99(times)
}

/** @typedef {{ before: number, during: number, numbers: Numbers }} Round */

/** @returns {Promise<Round>} */
async function expiry() {
  await ask({ expire: 61_000 })
  // The hot pages are not among those that are due.
  const hot = () => visitAll((index) => `/p/hot-${index}`, 10)
  await hot()
  await pause(200)
  await hot()
  // The same crowd, at pages that are fresh.
  const before = await watch(crowd((index) => `/p/hot-${index % 10}`, pages / 4))
  await ask()
  const during = await watch(crowd((index) => `/p/${index}`, pages))
  return { before, during, numbers: await ask() }
}

/** @param {(index: number) => string} path @param {number} count */
async function crowd(path, count) {
  for (let at = 0; at < count; at += 20) {
    await visitAll((index) => path(at + index), Math.min(20, count - at))
    await pause(5)
  }
}

/** @returns {Promise<Round>} */
async function slow() {
  const id = Math.random()
  // Visits that a machine which is busy with the crowd's page would hold up: they take a render each.
  /** @param {string} name */
  const others = (name) =>
    Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        await pause(index * 30)
        return visit(`/other/${name}-${id}-${index}`)
      }),
    )
  const before = p99(await others('before'))
  await ask()
  const begun = Array.from({ length: 540 }, async (_, index) => {
    await pause(index * 3)
    // Sockets of their own, or they would wait for each other here.
    await new Promise((resolve, reject) =>
      get({ port, host: '127.0.0.1', path: `/slow/${id}`, agent: false }, (res) =>
        res.resume().on('end', resolve),
      ).on('error', reject),
    )
  })
  const during = p99(await others('during'))
  await Promise.all(begun)
  return { before, during, numbers: await ask() }
}

try {
  if (what === 'expiry') {
    await visitAll((index) => `/p/hot-${index}`, 10)
    await visitAll((index) => `/p/${index}`, pages)
  }
  let isCalm = false
  for (let round = 0; round < ROUNDS && !isCalm; round += 1) {
    const { before, during, numbers } = await (what === 'expiry' ? expiry() : slow())
    const { most, renders, loopP99 } = numbers
    console.log(
      `p99 of other visitors ${before.toFixed(2)} ms, with the crowd ${during.toFixed(2)} ms; event loop late by ${loopP99.toFixed(1)} ms; ${renders} renders, at most ${most} at a time`,
    )
    if (what === 'expiry' && (most > refreshes || most === 0)) throw new Error(`FAILED: ${most} at a time.`)
    if (what === 'slow' && renders !== 61) throw new Error(`FAILED: ${renders} renders.`)
    isCalm = loopP99 < 50 && during <= before * 1.2
  }
  if (!isCalm) throw new Error('FAILED: others have felt the crowd, in every round.')
} finally {
  agent.destroy()
  child.kill('SIGKILL')
}
