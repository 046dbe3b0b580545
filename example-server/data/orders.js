// @ts-check
import { database } from './database.js'

/**
 * @typedef {object} OrderLine
 * @property {number} stamp
 * @property {string} title
 * @property {number} price
 * @property {number} quantity
 */

/**
 * @typedef {object} Order
 * @property {number} id
 * @property {number} placed Milliseconds.
 * @property {number} total
 * @property {OrderLine[]} lines
 */

/**
 * Everything this user has ordered, newest first.
 * @param {number} user
 * @returns {Promise<Order[]>}
 */
export async function listOrders(user) {
  const client = await database()
  const { rows } = await client.execute({
    sql: `select id, placed, total, stamp, title, price, quantity from orders
      join order_lines on order_id = id where user = ? order by id desc`,
    args: [user],
  })
  /** @type {Map<number, Order>} */
  const orders = new Map()
  for (const row of rows) {
    const id = Number(row.id)
    const order = orders.get(id) ?? { id, placed: Number(row.placed), total: Number(row.total), lines: [] }
    orders.set(id, order)
    order.lines.push({
      stamp: Number(row.stamp),
      title: String(row.title),
      price: Number(row.price),
      quantity: Number(row.quantity),
    })
  }
  return [...orders.values()]
}

/**
 * Turns the cart into an order.
 * @param {string} cart
 * @param {number} user
 * @returns {Promise<number | undefined>} The order's number; `undefined` when the cart was empty.
 */
export async function placeOrder(cart, user) {
  const client = await database()
  const transaction = await client.transaction('write')
  try {
    const { rows } = await transaction.execute({
      sql: `select coalesce(sum(price * quantity), 0) as total, count(*) as lines from cart_lines
        join stamps on stamps.id = stamp where cart = ?`,
      args: [cart],
    })
    if (Number(rows[0]?.lines) === 0) return undefined
    const order = await transaction.execute({
      sql: 'insert into orders (user, placed, total) values (?, ?, ?)',
      args: [user, Date.now(), Number(rows[0]?.total)],
    })
    const id = Number(order.lastInsertRowid)
    await transaction.execute({
      sql: `insert into order_lines (order_id, stamp, title, price, quantity)
        select ?, stamps.id, title, price, quantity from cart_lines join stamps on stamps.id = stamp where cart = ?`,
      args: [id, cart],
    })
    await transaction.execute({ sql: 'delete from cart_lines where cart = ?', args: [cart] })
    await transaction.commit()
    return id
  } finally {
    transaction.close()
  }
}
