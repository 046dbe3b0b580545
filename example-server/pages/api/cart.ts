import { randomUUID } from 'node:crypto'
import type { ApiRequest, ApiResponse } from 'pagepress'
import { addToCart, MOST_OF_ONE, readCart, setQuantity, type Cart } from '../../data/carts.js'
import { findStamp } from '../../data/catalogue.js'

type Answer = Cart | { error: string }

/** The cart of whoever asks. Answers scripts with JSON, and plain forms with a redirect to the cart. */
export default async function cart(req: ApiRequest, res: ApiResponse<Answer>) {
  res.setHeader('Cache-Control', 'no-store')
  switch (req.method) {
    case 'GET':
    case 'HEAD':
      return res.json(await readCart(req.session.cart))
    case 'POST':
    case 'PATCH':
    case 'DELETE':
      return change(req, res)
    default:
      return res
        .status(405)
        .setHeader('Allow', 'GET, HEAD, POST, PATCH, DELETE')
        .json({ error: 'Not a way to use a cart.' })
  }
}

async function change(req: ApiRequest, res: ApiResponse<Answer>) {
  const wish = readWish(req)
  if (wish === undefined || (await findStamp(wish.id)) === undefined)
    return res
      .status(400)
      .json({ error: `Send the number of a stamp, and a quantity of at most ${MOST_OF_ONE}.` })

  const cart = (req.session.cart ??= randomUUID())
  if (wish.adds) await addToCart(cart, wish.id, wish.quantity)
  else await setQuantity(cart, wish.id, wish.quantity)

  if (req.is('urlencoded')) return res.redirect(303, '/cart/plain')
  return res.json(await readCart(cart))
}

/** What is to be done, or `undefined` when it makes no sense. */
function readWish(req: ApiRequest) {
  const body = (req.body ?? {}) as Record<string, unknown>
  const adds = req.method === 'POST' && body.set !== 'yes'
  const id = Number(body.id)
  const quantity = req.method === 'DELETE' ? 0 : Number(body.quantity ?? (adds ? 1 : NaN))
  if (!Number.isInteger(quantity) || quantity < (adds ? 1 : 0) || quantity > MOST_OF_ONE) return undefined
  return { id, quantity, adds }
}
