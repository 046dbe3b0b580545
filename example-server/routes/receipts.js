// @ts-check
import { Router } from 'express'
import { listOrders } from '../data/orders.js'

const WIDTH = 56

/** `GET /receipts/7.txt`: an order as plain text, for the printer in the back room. */
export function receipts() {
  const router = Router()
  router.get('/:file', async (req, res, next) => {
    const number = /^(\d+)\.txt$/.exec(req.params.file)?.[1]
    const orders = await listOrders(req.session.user?.id ?? 0)
    const order = orders.find(({ id }) => id === Number(number))
    if (order === undefined) return next()
    const lines = [
      'NOWHERE POST',
      `Order ${order.id}, ${new Date(order.placed).toISOString().slice(0, 10)}`,
      '-'.repeat(WIDTH),
      ...order.lines.map((line) => columns(`${line.quantity} × ${line.title}`, line.price * line.quantity)),
      '-'.repeat(WIDTH),
      columns('Total', order.total),
      '',
    ]
    res.type('text/plain').send(lines.join('\n'))
  })
  return router
}

/**
 * @param {string} text
 * @param {number} cents
 */
function columns(text, cents) {
  const price = `EUR ${(cents / 100).toFixed(2)}`
  return text.slice(0, WIDTH - price.length - 2).padEnd(WIDTH - price.length) + price
}
