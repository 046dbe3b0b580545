// @ts-check
// `npm start`: builds what is missing or out of date, then serves the shop as in production.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const shop = import.meta.dirname
const repository = join(shop, '..')
const library = join(repository, 'dist', 'index.js')
const site = join(shop, '.pagepress', 'manifest.json')

process.env.NODE_ENV = 'production'

if (isOlder(library, [join(repository, 'lib')])) run('npm', ['run', '--silent', 'build'])
if (isOlder(site, [join(repository, 'dist'), ...sources()]))
  run(process.execPath, [join(repository, 'dist', 'cli', 'index.js'), 'build', shop])

const { serve } = await import('./server.js')
await serve(Number(process.env.PORT ?? 3000))

/** What the build of the shop is made from: everything here but its data and the build itself. */
function sources() {
  return readdirSync(shop)
    .filter((name) => !name.startsWith('.'))
    .map((name) => join(shop, name))
}

/**
 * @param {string} output
 * @param {string[]} inputs
 */
function isOlder(output, inputs) {
  return !existsSync(output) || inputs.some((input) => lastChange(input) > statSync(output).mtimeMs)
}

/**
 * The latest change of a file, or of anything in a folder.
 * @param {string} path
 * @returns {number}
 */
function lastChange(path) {
  const facts = statSync(path)
  if (!facts.isDirectory()) return facts.mtimeMs
  return readdirSync(path).reduce((latest, name) => Math.max(latest, lastChange(join(path, name))), 0)
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  const { status } = spawnSync(command, args, {
    cwd: repository,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) process.exit(status ?? 1)
}
