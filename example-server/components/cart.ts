import useSWR, { useSWRConfig } from 'swr'
import type { Cart } from '../data/carts.js'

export type { Cart, CartLine } from '../data/carts.js'

const URL = '/api/cart'

async function ask(init?: RequestInit): Promise<Cart> {
  const response = await fetch(URL, { headers: { accept: 'application/json' }, ...init })
  if (!response.ok) throw new Error(`The cart answered with status ${response.status}.`)
  return (await response.json()) as Cart
}

function change(method: string, body: object) {
  return ask({
    method,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

/** The visitor's cart, shared by everything on the page that shows it; `undefined` until it has been fetched. */
export function useCart() {
  const { data, error, mutate } = useSWR<Cart, Error>(URL, () => ask())

  return {
    cart: data,
    error,
    /** Shows the new quantity at once, and takes it back if the shop says no. */
    setQuantity: (id: number, quantity: number) =>
      mutate(() => change('PATCH', { id, quantity }), {
        optimisticData: (current) => withQuantity(current, id, quantity),
        rollbackOnError: true,
        revalidate: false,
      }),
    remove: (id: number) =>
      mutate(() => change('DELETE', { id }), {
        optimisticData: (current) => withQuantity(current, id, 0),
        rollbackOnError: true,
        revalidate: false,
      }),
  }
}

/** Puts a stamp into the cart, wherever on the site the cart is shown. */
export function useAddToCart() {
  const { mutate } = useSWRConfig()
  return (id: number, quantity: number) =>
    mutate<Cart>(URL, () => change('POST', { id, quantity }), { revalidate: false })
}

function withQuantity(cart: Cart | undefined, id: number, quantity: number): Cart {
  const lines = (cart?.lines ?? [])
    .map((line) => (line.id === id ? { ...line, quantity } : line))
    .filter((line) => line.quantity > 0)
  return {
    lines,
    count: lines.reduce((sum, line) => sum + line.quantity, 0),
    total: lines.reduce((sum, line) => sum + line.quantity * line.price, 0),
  }
}
