// @ts-check
// Runs the public suite of tests for HTTP caches (the package `http-cache-tests`) against the cache engine, and fails if
// a required test fails that expected.json does not explain: npm run test:cache-suite
//
// The suite is fetched when it is first needed: as a dependency it would bring an old npm with it.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { startAdapter } from './adapter.js'

const VERSION = '0.4.5'
const here = fileURLToPath(new URL('.', import.meta.url))
const folder = join(here, '../../node_modules/.cache/http-cache-tests')
const suite = join(folder, 'package')

if (!existsSync(join(suite, 'package.json'))) {
  mkdirSync(folder, { recursive: true })
  const packed = execFileSync('npm', ['pack', `http-cache-tests@${VERSION}`, '--silent'], { cwd: folder })
  execFileSync('tar', ['xzf', packed.toString().trim()], { cwd: folder })
}

const load = (/** @type {string} */ file) => import(pathToFileURL(join(suite, file)).href)
const port = await freePort()
const origin = spawn(process.execPath, ['server/server.mjs'], {
  cwd: suite,
  env: {
    ...process.env,
    npm_config_protocol: 'http',
    npm_config_port: String(port),
    npm_config_pidfile: join(folder, 'pid'),
  },
})
await once(origin.stdout, 'data')
const adapter = await startAdapter(`http://127.0.0.1:${port}`)
const address = /** @type {import('node:net').AddressInfo} */ (adapter.address())

const { runTests, getResults } = await load('client/runner.mjs')
const { default: suites } = await load('tests/index.mjs')
const only = process.argv[2]
const chosen = only === undefined ? suites : withOnly(only)
await runTests(chosen, fetch, false, `http://127.0.0.1:${address.port}`)
const results = getResults()
origin.kill()
adapter.closeAllConnections()
adapter.close()

/** @type {Record<string, string>} */
const expected = JSON.parse(readFileSync(join(here, 'expected.json'), 'utf8'))
const tests = new Map(
  suites.flatMap((/** @type {any} */ one) => one.tests).map((/** @type {any} */ test) => [test.id, test]),
)
const required = [...tests.values()].filter(
  ({ kind, id }) => (kind === undefined || kind === 'required') && id in results,
)
const outcomes = new Map(required.map(({ id }) => [id, outcomeOf(id)]))
const ids = (/** @type {string} */ outcome) =>
  [...outcomes].filter(([, one]) => one === outcome).map(([id]) => id)
const failed = ids('fail')
if (only !== undefined) console.log(results)
console.log(
  `required: ${ids('pass').length} passed, ${failed.length} failed, ${ids('blocked').length} depend on what we do not do`,
)
for (const id of failed) console.log(`  ${id}: ${expected[id] ?? `NOT EXPECTED: ${results[id][1]}`}`)
const isGood = failed.every((id) => id in expected) && failed.length <= 5 && ids('pass').length >= 95
process.exitCode = only !== undefined || isGood ? 0 : 1

/**
 * A test counts only if those that it depends on have passed, and if it was set up well.
 * @param {string} id
 * @returns {'pass' | 'fail' | 'blocked'}
 */
function outcomeOf(id) {
  const { depends_on: needs = [] } = tests.get(id)
  if (needs.some((/** @type {string} */ one) => outcomeOfAny(one) !== 'pass')) return 'blocked'
  const result = results[id]
  if (result === true) return 'pass'
  return result[0] === 'Setup' || result[1] === 'retry' ? 'blocked' : 'fail'
}

/** @param {string} id */
function outcomeOfAny(id) {
  if (!(id in results)) return 'blocked'
  const { kind } = tests.get(id)
  // A check is answered with yes or no; what depends on it needs the yes.
  return kind === 'check' ? (results[id] === true ? 'pass' : 'blocked') : outcomeOf(id)
}

/** @param {string} id */
function withOnly(id) {
  return suites
    .map((/** @type {any} */ one) => ({
      ...one,
      tests: one.tests.filter((/** @type {any} */ test) => test.id === id),
    }))
    .map((/** @type {any} */ one) => ({
      ...one,
      tests: one.tests.map((/** @type {any} */ test) => ({ ...test, dump: true })),
    }))
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: free } = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  return free
}
