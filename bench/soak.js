// @ts-check
// Long runs of the cache engine, for what only shows after a million of something:
//
//   node --expose-gc bench/soak.js slugs [count]      distinct paths asked for once each, twenty that are visited all along
//   node --expose-gc bench/soak.js refreshes [count]  refreshes of two hundred pages
//
// Fails if memory passes its bound by more than 15 %, if the visited pages are hit less than 95 times of 100, or if the
// heap has grown by more than 5 % from a tenth of the run to its end. Shortened in __tests__/http/bounds.test.tsx.
import { createGovernor } from '../dist/cache/governor.js'
import { createPageMemory } from '../dist/cache/memory.js'
import { createResponseCache } from '../dist/cache/response-cache.js'
import { emptyStore } from '../dist/cache/store.js'

const [what = 'slugs', given] = process.argv.slice(2)
const count = Number(given ?? 1_000_000)
const maxBytes = 32 * 1024 * 1024
const collect = /** @type {{ gc?: () => void }} */ (globalThis).gc
if (collect === undefined) throw new Error('Run it with --expose-gc.')

let time = Date.now()
const memory = createPageMemory({ maxBytes, notFoundEntries: 1_000 })
const cache = createResponseCache({
  store: emptyStore,
  memory,
  governor: createGovernor({ renders: 64, refreshes: 64, queue: 10_000 }),
  limits: { entryBytes: 8 * 1024 * 1024, timeoutMs: 30_000 },
  now: () => time,
  onError: (error) => {
    throw error
  },
})

/** @param {string} path */
async function visit(path) {
  const served = await cache.serve({ key: path, basePath: '', route: '/[slug]', path }, async () => ({
    type: 'page',
    status: 200,
    document: Buffer.from(`<p>${path} ${'x'.repeat(6_000)}</p>`),
    data: `{"path":"${path}"}`,
    lifetime: { revalidateSeconds: 10, expireSeconds: 31_536_000 },
  }))
  return served.status
}

/** Bytes that live, whatever kind they are. */
function live() {
  collect?.()
  collect?.()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return { heapUsed, all: heapUsed + external, arrayBuffers }
}

const start = live()
const begun = performance.now()
const faults = what === 'refreshes' ? await refresh() : await enumerate()
const end = live()
console.log(`${count} ${what} in ${((performance.now() - begun) / 1000).toFixed(1)} s`)
console.log(
  `pages in memory: ${memory.entries}, ${(memory.bytes / 1e6).toFixed(1)} MB of ${(maxBytes / 1e6).toFixed(1)}`,
)
console.log(
  `process: ${(start.all / 1e6).toFixed(1)} MB at the start, ${(end.all / 1e6).toFixed(1)} MB at the end`,
)
for (const fault of faults) console.log(`FAILED: ${fault}`)
process.exitCode = faults.length === 0 ? 0 : 1

async function enumerate() {
  const hot = Array.from({ length: 20 }, (_, index) => `/hot-${index}`)
  for (const path of [...hot, ...hot]) await visit(path)
  let hits = 0
  let visits = 0
  let largest = 0
  for (let index = 0; index < count; index += 1) {
    await visit(`/slug-${index}`)
    if (index % 10 === 0) {
      visits += 1
      // Stale is a hit that is refreshed behind it.
      if ((await visit(hot[(index / 10) % hot.length] ?? '/')) !== 'miss') hits += 1
    }
    if (index % 50_000 === 0) largest = Math.max(largest, live().all - start.all)
  }
  await cache.settled()
  console.log(
    `hot pages: ${((hits / visits) * 100).toFixed(2)} % hits; at most ${(largest / 1e6).toFixed(1)} MB more than at the start`,
  )
  return [
    ...(hits / visits < 0.95 ? ['the visited pages were pushed out'] : []),
    ...(largest > maxBytes * 1.15 ? ['memory has passed its bound by more than 15 %'] : []),
  ]
}

async function refresh() {
  const pages = Array.from({ length: 200 }, (_, index) => `/page-${index}`)
  for (const path of pages) await visit(path)
  let tenth = start
  for (let done = 0; done < count; done += pages.length) {
    time += 10_000
    for (const path of pages) await visit(path)
    await cache.settled()
    if (tenth === start && done >= count / 10) tenth = live()
  }
  const after = live()
  const grown = Math.max(after.heapUsed / tenth.heapUsed, after.all / tenth.all) - 1
  console.log(
    `refreshed ${cache.observer.counts.refreshed}; grown by ${(grown * 100).toFixed(2)} % since a tenth of the run`,
  )
  return [
    ...(grown > 0.05 ? ['the heap has grown'] : []),
    ...(cache.observer.counts.refreshed < count * 0.99
      ? ['not every visit to a stale page has refreshed it']
      : []),
  ]
}
