// @ts-check
import { Router } from 'express'
import { placeOrder } from '../data/orders.js'
import { requireUser } from './guards.js'

/** `POST /checkout`: the cart becomes an order. */
export function checkout() {
  const router = Router()
  router.post('/checkout', requireUser, async (req, res) => {
    const { user, cart } = req.session
    const order = user === undefined || cart === undefined ? undefined : await placeOrder(cart, user.id)
    res.redirect(303, order === undefined ? '/cart' : `/account?ordered=${order}`)
  })
  return router
}
