// @ts-check
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createClient } from '@libsql/client'
import { seed } from './seed.js'

/** @typedef {import('@libsql/client').Client} Client */

/** Long enough for one process to wait while another one fills the database. */
const WAIT_FOR_LOCK_MS = 60_000

/** @type {Promise<Client> | undefined} */
let opened

/**
 * The shop's database, filled on first use. The pages are a bundle of their own, so this module exists twice in the
 * process: once for them and once for the Express app. Both open the same file, which SQLite is made for.
 * @returns {Promise<Client>}
 */
export function database() {
  opened ??= open(process.env.DATABASE_URL ?? defaultUrl()).catch((error) => {
    opened = undefined
    throw error
  })
  return opened
}

/** @param {string} url */
async function open(url) {
  if (url.startsWith('file:///')) mkdirSync(dirname(fileURLToPath(url)), { recursive: true })
  const client = createClient({ url, timeout: WAIT_FOR_LOCK_MS })
  // Readers do not wait for a writer, and a writer does not wait for readers.
  await client.execute('pragma journal_mode = wal')
  await seed(client)
  return client
}

function defaultUrl() {
  return pathToFileURL(join(shopFolder(), '.data', 'shop.db')).href
}

/** The folder of the shop, seen from this file or from the build that this file has been bundled into. */
function shopFolder() {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'data', 'schema.js'))) {
    const parent = dirname(folder)
    if (parent === folder)
      throw new Error('The shop’s folder was not found. Set DATABASE_URL, e.g. file:///tmp/shop.db')
    folder = parent
  }
  return folder
}
