import { Link } from 'pagepress/react'
import { useState, type FormEvent } from 'react'
import styles from './add-to-cart.module.css'
import { useAddToCart } from './cart.js'
import controls from './controls.module.css'

type State = 'idle' | 'adding' | 'added' | 'failed'

/** A plain form that posts to the shop; with script the visitor stays where they are. */
export function AddToCart({ id, title }: { id: number; title: string }) {
  const [state, setState] = useState<State>('idle')
  const add = useAddToCart()

  async function addInPlace(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const quantity = Number(new FormData(event.currentTarget).get('quantity'))
    setState('adding')
    try {
      await add(id, quantity)
      setState('added')
    } catch {
      setState('failed')
    }
  }

  return (
    <form action="/api/cart" method="post" onSubmit={addInPlace} className={styles.form}>
      <input type="hidden" name="id" value={id} />
      <div>
        <label className={controls.label} htmlFor="quantity">
          How many
        </label>
        <input
          id="quantity"
          className={`${controls.field} ${styles.quantity}`}
          name="quantity"
          type="number"
          min={1}
          max={99}
          defaultValue={1}
          required
        />
      </div>
      <button className={`${controls.button} ${controls.primary}`} disabled={state === 'adding'}>
        Put in the cart
      </button>
      <p className={styles.answer} role="status">
        {state === 'added' ? (
          <>
            {title} is in <Link href="/cart">your cart</Link>.
          </>
        ) : null}
        {state === 'failed' ? 'That did not reach us. Please try again.' : null}
      </p>
    </form>
  )
}
