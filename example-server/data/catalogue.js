// @ts-check
import { database } from './database.js'
import { PAGE_SIZE } from './search.js'

/**
 * @typedef {import('./stamps.js').Stamp} Stamp
 * @typedef {import('./stamps.js').Motif} Motif
 * @typedef {import('./search.js').Search} Search
 */

const COLUMNS =
  'id, title, country, motif, ink, frame, year, face, used, printing, perforation, price, description'

/**
 * @param {number} id
 * @returns {Promise<Stamp | undefined>}
 */
export async function findStamp(id) {
  if (!Number.isSafeInteger(id) || id < 1) return undefined
  const client = await database()
  const { rows } = await client.execute({ sql: `select ${COLUMNS} from stamps where id = ?`, args: [id] })
  return rows[0] === undefined ? undefined : toStamp(rows[0])
}

/**
 * @param {readonly number[]} ids
 * @returns {Promise<Stamp[]>} In the order of `ids`.
 */
export async function findStamps(ids) {
  const client = await database()
  const { rows } = await client.execute({
    sql: `select ${COLUMNS.replaceAll(/\w+/g, 'stamps.$&')} from json_each(?) as wanted
      join stamps on stamps.id = wanted.value order by wanted.key`,
    args: [JSON.stringify(ids)],
  })
  return rows.map(toStamp)
}

/** How many numbers the catalogue has. */
export async function countStamps() {
  const client = await database()
  const { rows } = await client.execute('select max(id) as count from stamps')
  return Number(rows[0]?.count ?? 0)
}

/**
 * Other stamps of the same country, from the neighbourhood of this one, so that every page shows different ones.
 * @param {Stamp} stamp
 * @param {number} count
 */
export async function findRelated(stamp, count) {
  const client = await database()
  const { rows } = await client.execute({
    sql: `select ${COLUMNS} from stamps where country = ? and id > ? order by id limit ?`,
    args: [stamp.country, stamp.id, count],
  })
  return rows.map(toStamp)
}

const ORDERS = { number: 'id', cheap: 'price, id', dear: 'price desc, id' }

/**
 * One page of the catalogue, and how many stamps match in all.
 * @param {Search} search
 */
export async function searchStamps(search) {
  const { where, args } = conditions(search)
  const client = await database()
  const [found, counted] = await client.batch(
    [
      {
        sql: `select ${COLUMNS} from stamps ${where} order by ${ORDERS[search.order]} limit ? offset ?`,
        args: [...args, PAGE_SIZE, (search.page - 1) * PAGE_SIZE],
      },
      { sql: `select count(*) as total from stamps ${where}`, args },
    ],
    'read',
  )
  return { stamps: (found?.rows ?? []).map(toStamp), total: Number(counted?.rows[0]?.total ?? 0) }
}

/** @param {Search} search */
function conditions({ words, country, motif }) {
  const terms = []
  const args = []
  const match = toMatch(words)
  if (match !== '') {
    terms.push('id in (select rowid from stamp_words where stamp_words match ?)')
    args.push(match)
  }
  if (country !== '') {
    terms.push('country = ?')
    args.push(country)
  }
  if (motif !== '') {
    terms.push('motif = ?')
    args.push(motif)
  }
  return { where: terms.length > 0 ? `where ${terms.join(' and ')}` : '', args }
}

/**
 * What a visitor typed as a full-text query: every word must begin a word of the stamp. Quotes keep the query language out.
 * @param {string} words
 */
function toMatch(words) {
  const found = words.slice(0, 100).match(/[\p{L}\p{N}]+/gu) ?? []
  return found.map((word) => `"${word}"*`).join(' ')
}

/**
 * @param {number} id
 * @param {number} price In cents.
 * @returns {Promise<boolean>} Whether there is such a stamp.
 */
export async function changePrice(id, price) {
  const stamp = await findStamp(id)
  if (stamp === undefined) return false
  const client = await database()
  await client.batch(
    [
      { sql: 'update stamps set price = ? where id = ?', args: [price, id] },
      {
        sql: 'insert into price_changes (stamp, before, after, changed) values (?, ?, ?, ?)',
        args: [id, stamp.price, price, Date.now()],
      },
    ],
    'write',
  )
  return true
}

/**
 * The latest changes of prices, newest first.
 * @param {number} count
 */
export async function listPriceChanges(count) {
  const client = await database()
  const { rows } = await client.execute({
    sql: `select stamps.id, title, before, after, changed from price_changes
      join stamps on stamps.id = price_changes.stamp order by price_changes.id desc limit ?`,
    args: [count],
  })
  return rows.map((row) => ({
    id: Number(row.id),
    title: String(row.title),
    before: Number(row.before),
    after: Number(row.after),
    changed: Number(row.changed),
  }))
}

/**
 * @param {import('@libsql/client').Row} row
 * @returns {Stamp}
 */
function toStamp(row) {
  return {
    id: Number(row.id),
    title: String(row.title),
    country: String(row.country),
    motif: /** @type {Motif} */ (row.motif),
    ink: Number(row.ink),
    frame: Number(row.frame),
    year: Number(row.year),
    face: String(row.face),
    used: Boolean(row.used),
    printing: String(row.printing),
    perforation: String(row.perforation),
    price: Number(row.price),
    description: String(row.description),
  }
}
