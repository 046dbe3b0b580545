// @ts-check
// Ends a process with `kill -9` at random moments while it writes pages under load, again and again:
//
//   node bench/kill.js [cycles]
//
// Each process serves the folder that the one before it has left. Fails if a page is ever cut off, mixed with another, or
// older than one that was read from the folder before; or if half-written files stay for good. Shortened in
// __tests__/cache/kill.test.ts.
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const cycles = Number(process.argv[2] ?? 1_000)
const program = fileURLToPath(new URL('../__tests__/support/disk-site.js', import.meta.url))
const directory = await mkdtemp(join(tmpdir(), 'pagepress-kill-'))
const ids = Array.from({ length: 20 }, (_, index) => `page-${index}`)
/** The newest version of each page that a process has found in the folder. */
const newest = new Map()
let checked = 0
let fromDisk = 0
let cutShort = 0

async function start() {
  const child = fork(program, [directory, 'memory'], {
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  const [port] = /** @type {[number]} */ (await once(child, 'message'))
  return { child, port }
}

/**
 * @param {number} port
 * @param {string} path
 * @returns {Promise<{ status: number | undefined, cacheStatus: unknown, body: string }>}
 */
function ask(port, path) {
  return new Promise((resolve, reject) => {
    const sent = get({ port, host: '127.0.0.1', path, agent: false }, (res) => {
      let body = ''
      res.setEncoding('utf8').on('data', (text) => (body += text))
      res.on('error', reject).on('end', () => {
        if (res.complete) resolve({ status: res.statusCode, cacheStatus: res.headers['cache-status'], body })
        else reject(new Error('cut off'))
      })
    })
    sent.on('error', reject)
  })
}

/**
 * The version that a page shows. Throws if it is not whole or not the one that was asked for.
 *
 * @param {string} id
 * @param {string} body
 */
function versionIn(id, body) {
  const [, text, shownId, version, sum] = /((page-\d+) (\d+) é+) ([0-9a-f]{40})/.exec(body) ?? []
  if (text === undefined || shownId !== id || createHash('sha1').update(text).digest('hex') !== sum)
    throw new Error(`FAILED: ${id} is not whole: ${body.slice(0, 200)}`)
  checked += 1
  return Number(version)
}

/**
 * What the process before has left, both representations of each page.
 *
 * @param {number} port
 */
async function check(port) {
  for (const id of ids) {
    const document = await ask(port, `/p/${id}`)
    const data = await ask(port, `/_data/p/${id}.json`)
    const version = versionIn(id, document.body)
    versionIn(id, data.body)
    if (!String(document.cacheStatus).startsWith('pagepress; hit')) continue
    fromDisk += 1
    if (version < (newest.get(id) ?? 0)) throw new Error(`FAILED: ${id} is older than it was.`)
    newest.set(id, version)
  }
}

/** @param {number} port */
async function load(port) {
  try {
    for (;;) {
      const id = ids[Math.floor(Math.random() * ids.length)] ?? ''
      versionIn(id, (await ask(port, `/p/${id}`)).body)
    }
  } catch (error) {
    if (String(error).includes('FAILED')) throw error
    cutShort += 1
  }
}

async function halfWritten() {
  const names = await readdir(directory, { recursive: true })
  return names.filter((name) => name.endsWith('.tmp')).map((name) => join(directory, name))
}

try {
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    const { child, port } = await start()
    await check(port)
    const visitors = Array.from({ length: 8 }, () => load(port))
    await pause(Math.random() * 60)
    child.kill('SIGKILL')
    await Promise.all([once(child, 'exit'), ...visitors])
    if (cycle % 100 === 99)
      console.log(`${cycle + 1} kills, ${(await halfWritten()).length} half-written files`)
  }
  const left = await halfWritten()
  // A process removes them when they are a minute old.
  const long = new Date(Date.now() - 120_000)
  for (const file of left) await utimes(file, long, long)
  const { child, port } = await start()
  await ask(port, '/p/page-another')
  for (let wait = 0; wait < 100 && (await halfWritten()).length > 0; wait += 1) await pause(50)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const stayed = (await halfWritten()).length
  console.log(
    `${cycles} kills: ${checked} pages were whole, ${fromDisk} of them found in the folder after a restart; ${cutShort} visitors were cut short, ${left.length} files left half written, ${stayed} of them for good`,
  )
  if (stayed > 0 || fromDisk === 0 || cutShort === 0) throw new Error('FAILED: see above.')
} finally {
  await rm(directory, { recursive: true, force: true })
}
