// Compares our server with bare ones: all run at once on one core, the load comes from the other, in turns.
//
//   npm run bench [-- rounds [seconds]]
//
// What is compared is the CPU time that a server spends on a request: on a core of its own it is what bounds the
// requests per second, and it hardly changes when something else keeps the machine busy. Read the ratios, which hold
// while the machine's speed drifts; the microseconds are this machine's.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { build } from '../dist/build/build.js'

process.env.NODE_ENV = 'production'
const rounds = Number(process.argv[2] ?? 5)
const seconds = Number(process.argv[3] ?? 3)
const connections = 50

/** Each row: what is measured, against what, and the goal of its ratio. */
const comparisons = [
  {
    name: 'cached page, createServer(app)',
    server: 'pagepress-aligned',
    path: '/static',
    against: 'bare-cached',
    goal: 0.6,
  },
  {
    name: 'cached page, app.listen',
    server: 'pagepress-plain',
    path: '/static',
    against: 'express-line',
    goal: 0.95,
  },
  {
    name: 'cached page behind 4 middlewares',
    server: 'pagepress-aligned-behind-4',
    path: '/static',
    against: 'bare-cached',
    goal: 0.5,
  },
  {
    name: 'cached data',
    server: 'pagepress-aligned',
    path: '/_data/static.json',
    against: 'pagepress-aligned',
    goal: 0.95,
  },
  {
    name: 'revalidate: 1 under load',
    server: 'pagepress-aligned',
    path: '/isr',
    against: 'pagepress-aligned',
    goal: 0.95,
  },
  {
    name: 'server page, createServer(app)',
    server: 'pagepress-aligned',
    path: '/server',
    against: 'bare-ssr',
    goal: 0.8,
  },
]
const pathOf = { 'bare-ssr': '/server' }

const hasTaskset = spawnSync('taskset', ['-V']).status === 0
const hasWrk = spawnSync('wrk', ['-v']).error === undefined
const pinned = (core, command, args) =>
  hasTaskset ? ['taskset', ['-c', String(core), command, ...args]] : [command, args]

await build({ root: fileURLToPath(new URL('./site/', import.meta.url)), reporter: silentReporter() })

const children = []
process.on('exit', () => children.forEach((child) => child.kill()))
const names = [...new Set(comparisons.flatMap(({ server, against }) => [server, against]))]
const running = new Map()
for (const name of names) running.set(name, await startServer(name))

const costs = new Map()
for (let round = 0; round <= rounds; round += 1) {
  for (const { name, server, path, against } of comparisons) {
    for (const [key, target, url] of [
      [name, server, path],
      [`${name} (against)`, against, pathOf[against] ?? '/static'],
    ]) {
      const cost = await measure(running.get(target), url)
      // The first round warms the servers up.
      if (round > 0) costs.set(key, [...(costs.get(key) ?? []), cost])
    }
  }
}

console.log(
  `\nnode ${process.version}, ${rounds} rounds of ${seconds} s, ${connections} connections, ${hasWrk ? 'wrk' : 'autocannon'}, identity encoding`,
)
console.table(
  comparisons.map(({ name, against, goal }) => {
    const ours = costs.get(name)
    const theirs = costs.get(`${name} (against)`)
    const ratio = median(ours.map((cost, index) => theirs[index] / cost))
    return {
      measured: name,
      against,
      'µs a request': round1(median(ours)),
      'against, µs': round1(median(theirs)),
      ratio: Number(ratio.toFixed(2)),
      goal,
      held: ratio >= goal,
    }
  }),
)
process.exit()

async function startServer(name) {
  const [command, args] = pinned(0, process.execPath, [
    fileURLToPath(new URL('./server.js', import.meta.url)),
    name,
  ])
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  children.push(child)
  const [output] = await once(child.stdout, 'data')
  return { port: Number(String(output).trim()), pid: child.pid }
}

/** Microseconds of CPU time that the server spends on a request. */
async function measure({ port, pid }, path) {
  const before = cpuTime(pid)
  const requests = await load(`http://127.0.0.1:${port}${path}`)
  return (cpuTime(pid) - before) / requests
}

/** CPU time of a process so far, in microseconds: user and system, which Linux counts in hundredths of a second. */
function cpuTime(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

/** Sends requests for the time of a round; resolves with how many were answered. */
async function load(url) {
  if (!hasWrk) {
    const { requests, non2xx } = await autocannon({ url, connections, duration: seconds })
    if (non2xx > 0) throw new Error(`${url} answered with errors`)
    return requests.total
  }
  const [command, args] = pinned(1, 'wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, url])
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  await once(child, 'close')
  if (/Non-2xx/.test(output)) throw new Error(`${url} answered with errors:\n${output}`)
  return Number(/(\d+) requests in/.exec(output)?.[1])
}

function round1(value) {
  return Number(value.toFixed(1))
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

function silentReporter() {
  return { info() {}, warn() {}, failed() {}, startPages: () => ({ increment() {}, stop() {} }) }
}
