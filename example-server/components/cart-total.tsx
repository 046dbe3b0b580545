import styles from './cart-total.module.css'
import type { Cart } from './cart.js'
import controls from './controls.module.css'
import { counted, euros } from './format.js'

/** The sum, and the way to the till. */
export function CartTotal({ cart }: { cart: Cart }) {
  return (
    <form className={styles.total} action="/checkout" method="post">
      <p>
        {counted(cart.count, 'stamp')}, sent with care: <strong>{euros(cart.total)}</strong>
      </p>
      <button className={`${controls.button} ${controls.primary}`}>Place the order</button>
    </form>
  )
}
