import { Head, Link } from 'pagepress/react'
import { CartTotal } from '../../components/cart-total.js'
import { useCart, type Cart as CartContents } from '../../components/cart.js'
import { CartRow } from '../../components/cart-row.js'
import controls from '../../components/controls.module.css'
import { EmptyCart } from '../../components/empty-cart.js'
import styles from './cart.module.css'

/** The same page for everybody. What is in the cart comes afterwards, from `/api/cart`. */
export default function Cart() {
  const { cart, error, setQuantity, remove } = useCart()
  return (
    <>
      <Head>
        <title>Cart – Nowhere Post</title>
      </Head>
      <h1>Cart</h1>
      <noscript>
        <p className={`${controls.note} ${styles.plain}`}>
          This page needs script. <a href="/cart/plain">Your cart is here too, without any</a>.
        </p>
      </noscript>
      {error !== undefined ? (
        <p className={`${controls.note} ${controls.warning} ${styles.plain}`} role="alert">
          The cart could not be changed or fetched just now. Nothing in it is lost.
        </p>
      ) : null}
      <div className={styles.contents}>
        {cart === undefined ? (
          <Waiting />
        ) : (
          <Contents cart={cart} setQuantity={setQuantity} remove={remove} />
        )}
      </div>
    </>
  )
}

interface ContentsProps {
  cart: CartContents
  setQuantity: (id: number, quantity: number) => void
  remove: (id: number) => void
}

function Contents({ cart, setQuantity, remove }: ContentsProps) {
  if (cart.lines.length === 0) return <EmptyCart />
  return (
    <>
      <ul className={styles.lines}>
        {cart.lines.map((line) => (
          <CartRow key={line.id} line={line}>
            <Stepper
              title={line.title}
              quantity={line.quantity}
              setQuantity={(quantity) => setQuantity(line.id, quantity)}
            />
            <button className={`${controls.button} ${controls.quiet}`} onClick={() => remove(line.id)}>
              Take out<span className={controls.unseen}> {line.title}</span>
            </button>
          </CartRow>
        ))}
      </ul>
      <CartTotal cart={cart} />
      <p className={styles.more}>
        <Link href="/products">Back to the catalogue</Link>
      </p>
    </>
  )
}

function Stepper(props: { title: string; quantity: number; setQuantity: (quantity: number) => void }) {
  const { title, quantity, setQuantity } = props
  return (
    <div className={styles.stepper} role="group" aria-label={`How many of ${title}`}>
      <button onClick={() => setQuantity(quantity - 1)} disabled={quantity <= 1} aria-label="One less">
        −
      </button>
      <output aria-live="polite">{quantity}</output>
      <button onClick={() => setQuantity(quantity + 1)} disabled={quantity >= 99} aria-label="One more">
        +
      </button>
    </div>
  )
}

function Waiting() {
  return (
    <div className={styles.waiting} role="status">
      <p className={controls.unseen}>Fetching your cart</p>
      <div />
      <div />
    </div>
  )
}
