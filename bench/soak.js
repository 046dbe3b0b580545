// @ts-check
// Long runs, for what only shows after a million of something:
//
//   node --expose-gc bench/soak.js slugs [count]      distinct paths asked for once each, with files behind the memory;
//                                                     twenty pages are visited all along
//   node --expose-gc bench/soak.js missing [count]    the same with paths that lead nowhere
//   node --expose-gc bench/soak.js refreshes [count]  refreshes of two hundred pages
//   node --expose-gc bench/soak.js requests [count]   visits to a page with getServerSideProps over HTTP, which uses its
//                                                     signal; every twentieth visitor leaves
//
// Fails if memory passes its bound by more than 15 % or the folder by more than 10 %, if the visited pages are hit less
// than 95 times of 100, if a "not found" takes more than 200 bytes, if the heap has grown by more than 5 % (in a run that
// is too short for that to say much: by a megabyte) from a tenth of the run to its end, or if there are more signals,
// timers or sockets then. Shortened in __tests__/cache/soak.test.ts.
import { AsyncResource } from 'node:async_hooks'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { Agent, createServer, get, ServerResponse } from 'node:http'
import { connect, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { queryObjects } from 'node:v8'
import { createFileStore } from '../dist/cache/file-store.js'
import { createGovernor } from '../dist/cache/governor.js'
import { createPageMemory } from '../dist/cache/memory.js'
import { createResponseCache } from '../dist/cache/response-cache.js'
import { emptyStore } from '../dist/cache/store.js'
import { createTestApp } from '../dist/testing/index.js'

const MIB = 1024 * 1024
const [what = 'slugs', given] = process.argv.slice(2)
const count = Number(given ?? 1_000_000)
const maxBytes = 64 * MIB
const maxDiskBytes = 16 * MIB
const collect = /** @type {{ gc?: () => void }} */ (globalThis).gc
if (collect === undefined) throw new Error('Run it with --expose-gc.')

let time = Date.now()
const folder = await mkdtemp(join(tmpdir(), 'pagepress-soak-'))

/** @param {unknown} error */
function fail(error) {
  throw error
}

/** @param {{ store?: import('../dist/cache/store.js').CacheStore, notFoundEntries?: number }} [options] */
function createCache({ store = emptyStore, notFoundEntries = 1_000 } = {}) {
  const memory = createPageMemory({ maxBytes, notFoundEntries })
  const cache = createResponseCache({
    store,
    memory,
    governor: createGovernor({ renders: 64, refreshes: 256, queue: 10_000 }),
    limits: { entryBytes: 8 * MIB, timeoutMs: 30_000 },
    now: () => time,
    onError: fail,
  })
  /** @param {string} path */
  async function visit(path) {
    // A piece of a long URL, as a request has it.
    const key = `${path}?${'x'.repeat(2_000)}`.slice(0, path.length)
    const page = { key, basePath: '', route: '/[slug]', path: key }
    const served = await cache.serve(page, async () => {
      const lifetime = { revalidateSeconds: 10, expireSeconds: 31_536_000 }
      if (path.startsWith('/missing')) return { type: 'not-found', lifetime }
      const document = Buffer.from(`<p>${path} ${'x'.repeat(6_000)}</p>`)
      return { type: 'page', status: 200, document, data: `{"path":"${path}"}`, lifetime }
    })
    return served.status
  }
  return { memory, cache, visit }
}

/** Bytes that live, whatever kind they are. */
function live() {
  collect?.()
  collect?.()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return { heapUsed, all: heapUsed + external, arrayBuffers }
}

/** @param {number} bytes */
const toMB = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`

/** @type {Record<string, () => Promise<(string | false)[]>>} */
const runs = { slugs: enumerate, missing: miss, refreshes: refresh, requests: ask }
const run = runs[what]
if (run === undefined) throw new Error(`There is no run called ${what}.`)
const begun = performance.now()
try {
  const faults = (await run()).filter((fault) => fault !== false)
  console.log(`${count} ${what} in ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  for (const fault of faults) console.log(`FAILED: ${fault}`)
  process.exitCode = faults.length === 0 ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function enumerate() {
  const store = createFileStore({ directory: folder, maxBytes: maxDiskBytes, now: () => time, onError: fail })
  const { memory, cache, visit } = createCache({ store })
  const hot = Array.from({ length: 20 }, (_, index) => `/hot-${index}`)
  for (const path of [...hot, ...hot]) await visit(path)
  const start = live()
  let hits = 0
  let visits = 0
  let largest = 0
  let largestFolder = 0
  for (let index = 0; index < count; index += 1) {
    await visit(`/slug-${index}`)
    if (index % 10 === 0) {
      visits += 1
      // Stale is a hit that is refreshed behind it.
      if ((await visit(hot[(index / 10) % hot.length] ?? '/')) !== 'miss') hits += 1
    }
    if (index % Math.ceil(count / 20) === 0) {
      largest = Math.max(largest, live().all - start.all)
      largestFolder = Math.max(largestFolder, await bytesInFolder())
    }
  }
  await cache.settled()
  await store.settled()
  largestFolder = Math.max(largestFolder, await bytesInFolder())
  console.log(
    `hot pages: ${((hits / visits) * 100).toFixed(2)} % hits; at most ${toMB(largest)} more than at the start`,
  )
  console.log(
    `pages in memory: ${memory.entries}, ${toMB(memory.bytes)} of ${toMB(maxBytes)}; in the folder at most ${toMB(largestFolder)} of ${toMB(maxDiskBytes)}`,
  )
  return [
    hits / visits < 0.95 && 'the visited pages were pushed out',
    largest > maxBytes * 1.15 && 'memory has passed its bound by more than 15 %',
    largestFolder > maxDiskBytes * 1.1 && 'the folder has passed its bound by more than 10 %',
  ]
}

async function bytesInFolder() {
  const names = await readdir(folder, { recursive: true })
  let sum = 0
  for (const name of names) {
    const found = await stat(join(folder, name)).catch(() => undefined)
    if (found?.isFile()) sum += found.size
  }
  return sum
}

async function miss() {
  const notFoundEntries = Math.min(100_000, count / 2)
  const { memory, cache, visit } = createCache({ notFoundEntries })
  const hot = Array.from({ length: 100 }, (_, index) => `/hot-${index}`)
  for (const path of [...hot, ...hot]) await visit(path)
  // What is compiled for it once is not what a result takes.
  for (let index = 0; index < 2_000; index += 1) await visit(`/missing-at-first-${index}`)
  const start = live()
  const kept = memory.entries
  for (let index = 0; index < count; index += 1) await visit(`/missing-${index}`)
  await cache.settled()
  const each = (live().all - start.all) / (memory.entries - kept)
  let missed = 0
  for (const path of hot) if ((await visit(path)) === 'miss') missed += 1
  console.log(`${memory.entries - hot.length} results kept, ${each.toFixed()} bytes each`)
  return [
    memory.entries - hot.length !== notFoundEntries && 'not as many are kept as may be',
    each > 200 && 'they take more than 200 bytes each',
    (missed > 0 || memory.evictions > 0) && 'pages were pushed out',
  ]
}

async function refresh() {
  const { cache, visit } = createCache()
  const pages = Array.from({ length: 200 }, (_, index) => `/page-${index}`)
  for (const path of pages) await visit(path)
  /** @type {ReturnType<typeof live> | undefined} */
  let tenth
  for (let done = 0; done < count; done += pages.length) {
    time += 10_000
    for (const path of pages) await visit(path)
    await cache.settled()
    if (done >= count / 10) tenth ??= live()
  }
  console.log(`refreshed ${cache.observer.counts.refreshed}`)
  return [
    ...growth(tenth, live()),
    cache.observer.counts.refreshed < count * 0.99 && 'not every visit to a stale page has refreshed it',
  ]
}

/**
 * @param {ReturnType<typeof live> | undefined} tenth
 * @param {ReturnType<typeof live>} end
 */
function growth(tenth, end) {
  return /** @type {const} */ (['heapUsed', 'all', 'arrayBuffers']).map((kind) => {
    const before = tenth?.[kind] ?? 0
    const grown = end[kind] - before
    console.log(`${kind}: ${toMB(before)} at a tenth, ${toMB(end[kind])} at the end`)
    return grown > Math.max(before * 0.05, count < 500_000 ? MIB : 0) && `${kind} has grown by ${toMB(grown)}`
  })
}

async function ask() {
  const { app } = createTestApp({
    options: { onError: fail },
    pages: {
      '/server/[id]': {
        default: () => null,
        async getServerSideProps({ signal, params }) {
          // What a page does with it: hand it to what it waits for.
          await (signal.aborted ? undefined : pause(1, undefined, { signal }).catch(() => {}))
          return { props: params }
        },
      },
    },
  })
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const agent = new Agent({ keepAlive: true, maxSockets: 50 })
  /** @param {number} index */
  const visit = (index) =>
    new Promise((resolve, reject) => {
      const path = `/server/${index}?x=${index}`
      get({ port, host: '127.0.0.1', path, agent }, (res) => res.resume().on('end', resolve)).on(
        'error',
        reject,
      )
    })
  const leave = async () => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write('GET /server/left HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(server, 'request')
    socket.destroy()
  }
  const Timer = /** @type {Function} */ (setTimeout(() => {}, 0).constructor)
  const kinds = { AbortSignal, AbortController, AsyncResource, Timer, Socket, ServerResponse }
  const objects = () =>
    Object.entries(kinds).map(
      ([name, kind]) => /** @type {const} */ ([name, queryObjects(kind, { format: 'count' })]),
    )
  const settle = async () => {
    // Connections that visitors have left are noticed a little later.
    await pause(200)
    return { bytes: live(), objects: objects() }
  }

  /** @type {Awaited<ReturnType<typeof settle>> | undefined} */
  let tenth
  for (let done = 0; done < count; done += 100) {
    await Promise.all(Array.from({ length: 95 }, (_, index) => visit(done + index)))
    for (let left = 0; left < 5; left += 1) await leave()
    if (done >= count / 10) tenth ??= await settle()
  }
  const end = await settle()
  agent.destroy()
  server.closeAllConnections()
  server.close()
  const before = new Map(tenth?.objects)
  console.log(
    end.objects
      .map(([name, number]) => `${name}: ${before.get(name)} at a tenth, ${number} at the end`)
      .join('\n'),
  )
  return [
    ...growth(tenth?.bytes, end.bytes),
    ...end.objects.map(
      ([name, number]) =>
        number > (before.get(name) ?? 0) + 20 && `there are more objects of the kind ${name}`,
    ),
  ]
}
