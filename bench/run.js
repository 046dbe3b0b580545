// Compares our server with bare ones: all run at once on one core, the load comes from the other, in turns.
//
//   npm run bench [-- rounds [seconds]]
//
// Read the ratios, which hold while the machine's speed drifts; the requests per second are this machine's.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
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
const basePath = { 'bare-ssr': '/server' }

const hasTaskset = spawnSync('taskset', ['-V']).status === 0
const hasWrk = spawnSync('wrk', ['-v']).error === undefined
const pinned = (core, command, args) =>
  hasTaskset ? ['taskset', ['-c', String(core), command, ...args]] : [command, args]

await build({ root: fileURLToPath(new URL('./site/', import.meta.url)), reporter: silentReporter() })

const children = []
process.on('exit', () => children.forEach((child) => child.kill()))
const names = [...new Set(comparisons.flatMap(({ server, against }) => [server, against]))]
const ports = new Map()
for (const name of names) ports.set(name, await startServer(name))

const rates = new Map()
for (let round = 0; round <= rounds; round += 1) {
  for (const { name, server, path, against } of comparisons) {
    for (const [key, target, url] of [
      [`${name}`, server, path],
      [`${name} (against)`, against, basePath[against] ?? '/static'],
    ]) {
      const rate = await load(ports.get(target), url)
      // The first round warms the servers up.
      if (round > 0) rates.set(key, [...(rates.get(key) ?? []), rate])
    }
  }
}

console.log(
  `\nnode ${process.version}, ${rounds} rounds of ${seconds} s, ${connections} connections, ${hasWrk ? 'wrk' : 'autocannon'}, identity encoding`,
)
console.table(
  comparisons.map(({ name, against, goal }) => {
    const ours = rates.get(name)
    const theirs = rates.get(`${name} (against)`)
    const ratio = median(ours.map((rate, index) => rate / theirs[index]))
    return {
      measured: name,
      against,
      'req/s': Math.round(median(ours)),
      'against req/s': Math.round(median(theirs)),
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
  return Number(String(output).trim())
}

/** Requests per second. */
async function load(port, path) {
  const url = `http://127.0.0.1:${port}${path}`
  if (!hasWrk) {
    const { requests } = await autocannon({ url, connections, duration: seconds })
    return requests.average
  }
  const [command, args] = pinned(1, 'wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, url])
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  await once(child, 'close')
  if (/Non-2xx/.test(output)) throw new Error(`${url} answered with errors:\n${output}`)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1])
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

function silentReporter() {
  return { info() {}, warn() {}, failed() {}, startPages: () => ({ increment() {}, stop() {} }) }
}
