// @ts-check
import { database } from './database.js'

export const MOST_OF_ONE = 99

/**
 * @typedef {object} CartLine
 * @property {number} id The stamp's number.
 * @property {string} title
 * @property {string} country
 * @property {number} year
 * @property {string} face
 * @property {number} price
 * @property {number} quantity
 * @property {import('./stamps.js').Motif} motif
 * @property {number} ink
 * @property {number} frame
 * @property {boolean} used
 */

/**
 * @typedef {object} Cart
 * @property {CartLine[]} lines
 * @property {number} count
 * @property {number} total
 */

/**
 * @param {string | undefined} cart
 * @returns {Promise<Cart>}
 */
export async function readCart(cart) {
  if (cart === undefined) return { lines: [], count: 0, total: 0 }
  const client = await database()
  const { rows } = await client.execute({
    sql: `select id, title, country, year, face, price, quantity, motif, ink, frame, used from cart_lines
      join stamps on stamps.id = cart_lines.stamp where cart = ? order by added, id`,
    args: [cart],
  })
  const lines = rows.map(toLine)
  return {
    lines,
    count: lines.reduce((sum, line) => sum + line.quantity, 0),
    total: lines.reduce((sum, line) => sum + line.quantity * line.price, 0),
  }
}

/**
 * @param {string} cart
 * @param {number} stamp
 * @param {number} quantity
 */
export async function addToCart(cart, stamp, quantity) {
  const client = await database()
  await client.execute({
    sql: `insert into cart_lines (cart, stamp, quantity, added) values (:cart, :stamp, :quantity, :added)
      on conflict (cart, stamp) do update set quantity = min(quantity + :quantity, :most)`,
    args: { cart, stamp, quantity, added: Date.now(), most: MOST_OF_ONE },
  })
}

/**
 * @param {string} cart
 * @param {number} stamp
 * @param {number} quantity 0 takes it out.
 */
export async function setQuantity(cart, stamp, quantity) {
  const client = await database()
  await client.execute(
    quantity === 0
      ? { sql: 'delete from cart_lines where cart = ? and stamp = ?', args: [cart, stamp] }
      : {
          sql: 'update cart_lines set quantity = ? where cart = ? and stamp = ?',
          args: [Math.min(quantity, MOST_OF_ONE), cart, stamp],
        },
  )
}

/**
 * @param {import('@libsql/client').Row} row
 * @returns {CartLine}
 */
function toLine(row) {
  return {
    id: Number(row.id),
    title: String(row.title),
    country: String(row.country),
    year: Number(row.year),
    face: String(row.face),
    price: Number(row.price),
    quantity: Number(row.quantity),
    motif: /** @type {import('./stamps.js').Motif} */ (row.motif),
    ink: Number(row.ink),
    frame: Number(row.frame),
    used: Boolean(row.used),
  }
}
