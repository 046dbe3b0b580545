import type { GetServerSideProps, InferGetServerSidePropsType } from 'pagepress'
import { Head } from 'pagepress/react'
import { CartRow } from '../../components/cart-row.js'
import { CartTotal } from '../../components/cart-total.js'
import type { Cart, CartLine } from '../../components/cart.js'
import controls from '../../components/controls.module.css'
import { EmptyCart } from '../../components/empty-cart.js'
import { readCart } from '../../data/carts.js'
import styles from './plain.module.css'

/** The cart for browsers without script: read on the server, changed with forms. */
export const getServerSideProps = (async ({ req }) => {
  return { props: { cart: await readCart(req.session.cart) } }
}) satisfies GetServerSideProps<{ cart: Cart }>

export default function PlainCart({ cart }: InferGetServerSidePropsType<typeof getServerSideProps>) {
  return (
    <>
      <Head>
        <title>Cart – Nowhere Post</title>
      </Head>
      <h1>Cart</h1>
      <div className={styles.contents}>
        {cart.lines.length === 0 ? (
          <EmptyCart />
        ) : (
          <>
            <ul className={styles.lines}>
              {cart.lines.map((line) => (
                <CartRow key={line.id} line={line}>
                  <QuantityForm line={line} />
                </CartRow>
              ))}
            </ul>
            <CartTotal cart={cart} />
          </>
        )}
      </div>
    </>
  )
}

function QuantityForm({ line }: { line: CartLine }) {
  return (
    <form action="/api/cart" method="post" className={styles.form}>
      <input type="hidden" name="id" value={line.id} />
      <input type="hidden" name="set" value="yes" />
      <label className={controls.unseen} htmlFor={`quantity-${line.id}`}>
        How many of {line.title}; 0 takes it out
      </label>
      <input
        id={`quantity-${line.id}`}
        className={`${controls.field} ${styles.quantity}`}
        name="quantity"
        type="number"
        min={0}
        max={99}
        defaultValue={line.quantity}
      />
      <button className={controls.button}>Change</button>
    </form>
  )
}
