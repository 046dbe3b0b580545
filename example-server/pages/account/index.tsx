import type { GetServerSideProps, InferGetServerSidePropsType } from 'pagepress'
import { Head, Link } from 'pagepress/react'
import controls from '../../components/controls.module.css'
import { day, euros } from '../../components/format.js'
import { listOrders, type Order } from '../../data/orders.js'
import styles from './account.module.css'

interface AccountProps {
  name: string
  admin: boolean
  orders: Order[]
  ordered: string | null
}

/** The guard stands in the Express app. Here there is always a user. */
export const getServerSideProps = (async ({ req, query }) => {
  const { user } = req.session
  if (user === undefined) return { redirect: { destination: '/login', permanent: false } }
  const ordered = typeof query.ordered === 'string' ? query.ordered : null
  return { props: { name: user.name, admin: user.admin, orders: await listOrders(user.id), ordered } }
}) satisfies GetServerSideProps<AccountProps>

export default function Account(props: InferGetServerSidePropsType<typeof getServerSideProps>) {
  const { name, admin, orders, ordered } = props
  return (
    <>
      <Head>
        <title>Account – Nowhere Post</title>
      </Head>
      <div className={styles.top}>
        <h1>Good to see you, {name}</h1>
        <form action="/logout" method="post">
          <button className={controls.button}>Sign out</button>
        </form>
      </div>
      {ordered === null ? null : (
        <p className={controls.note} role="status">
          Order {ordered} is written down. It will be sent to nowhere in particular, at once.
        </p>
      )}
      {admin ? (
        <p className={styles.room}>
          <Link href="/admin">Prices are set in the back room.</Link>
        </p>
      ) : null}
      <h2 className={styles.heading}>Your orders</h2>
      {orders.length === 0 ? (
        <p>
          None so far. <Link href="/products">The catalogue is open all night.</Link>
        </p>
      ) : (
        <ul className={styles.orders}>
          {orders.map((order) => (
            <OrderRow key={order.id} order={order} />
          ))}
        </ul>
      )}
    </>
  )
}

function OrderRow({ order }: { order: Order }) {
  return (
    <li className={styles.order}>
      <div className={styles.facts}>
        <h3>Order {order.id}</h3>
        <p>{day(order.placed)}</p>
        <p>
          <a href={`/receipts/${order.id}.txt`}>Receipt</a>
        </p>
      </div>
      <ul className={styles.lines}>
        {order.lines.map((line) => (
          <li key={line.stamp}>
            <span>
              {line.quantity > 1 ? `${line.quantity} × ` : ''}
              <Link href={`/products/${line.stamp}`} prefetch={false}>
                {line.title}
              </Link>
            </span>
            <span>{euros(line.price * line.quantity)}</span>
          </li>
        ))}
        <li className={styles.total}>
          <span>Total</span>
          <span>{euros(order.total)}</span>
        </li>
      </ul>
    </li>
  )
}
