// @ts-check
import { schema } from './schema.js'
import { hashPassword } from './passwords.js'
import { inventStamp } from './stamps.js'

/**
 * @typedef {import('@libsql/client').Client} Client
 * @typedef {import('@libsql/client').Transaction} Transaction
 */

const STAMPS = 100_000
const STAMPS_PER_STATEMENT = 5_000

/**
 * Creates the tables and fills them, unless that has been done. One write transaction does it all: a second process that
 * starts at the same time waits for the lock and then finds the work done, and a crash leaves nothing half filled.
 * @param {Client} client
 */
export async function seed(client) {
  if (await isSeeded(client)) return
  const transaction = await client.transaction('write')
  try {
    if (await isSeeded(transaction)) return
    await transaction.executeMultiple(schema)
    await insertStamps(transaction, Number(process.env.SHOP_PRODUCTS ?? STAMPS))
    await insertPeople(transaction)
    await transaction.execute('pragma user_version = 1')
    await transaction.commit()
  } finally {
    transaction.close()
  }
  // What was written stands in the log until now, a second time.
  await client.execute('pragma wal_checkpoint(truncate)')
}

/** @param {Client | Transaction} connection */
async function isSeeded(connection) {
  const { rows } = await connection.execute('pragma user_version')
  return rows[0]?.user_version === 1
}

/**
 * @param {Transaction} transaction
 * @param {number} count
 */
async function insertStamps(transaction, count) {
  for (let first = 1; first <= count; first += STAMPS_PER_STATEMENT) {
    const length = Math.min(STAMPS_PER_STATEMENT, count - first + 1)
    const stamps = Array.from({ length }, (_, offset) => inventStamp(first + offset))
    // One statement for thousands of rows: the list travels as a single JSON parameter.
    await transaction.execute({
      sql: `insert into stamps
        select value->>'id', value->>'title', value->>'country', value->>'motif', value->>'ink', value->>'frame',
          value->>'year', value->>'face', value->>'used', value->>'printing', value->>'perforation', value->>'price',
          value->>'description'
        from json_each(?)`,
      args: [JSON.stringify(stamps)],
    })
  }
  await transaction.execute(`insert into stamp_words (stamp_words) values ('rebuild')`)
}

/** @param {Transaction} transaction */
async function insertPeople(transaction) {
  const people = [
    { id: 1, name: 'ada', password: 'lovelace', admin: 0 },
    { id: 2, name: 'admin', password: 'postmaster', admin: 1 },
  ]
  for (const { id, name, password, admin } of people)
    await transaction.execute({
      sql: 'insert into users (id, name, password, admin) values (?, ?, ?, ?)',
      args: [id, name, await hashPassword(password), admin],
    })

  // Ada has bought here before.
  const bought = [
    { placed: Date.UTC(2026, 2, 14, 9, 30), stamps: [17, 42] },
    { placed: Date.UTC(2026, 6, 2, 18, 5), stamps: [7, 63, 88] },
  ]
  for (const { placed, stamps } of bought) {
    const lines = stamps.map(inventStamp)
    const total = lines.reduce((sum, line) => sum + line.price, 0)
    const order = await transaction.execute({
      sql: 'insert into orders (user, placed, total) values (1, ?, ?)',
      args: [placed, total],
    })
    for (const line of lines)
      await transaction.execute({
        sql: 'insert into order_lines (order_id, stamp, title, price, quantity) values (?, ?, ?, ?, 1)',
        args: [Number(order.lastInsertRowid), line.id, line.title, line.price],
      })
  }
}
