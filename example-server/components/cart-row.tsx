import { Link } from 'pagepress/react'
import type { ReactNode } from 'react'
import type { CartLine } from './cart.js'
import styles from './cart-row.module.css'
import { euros } from './format.js'
import { MountedStamp } from './stamp/stamp.js'

/** One stamp in the cart; what can be done with it stands in `children`. */
export function CartRow({ line, children }: { line: CartLine; children: ReactNode }) {
  return (
    <li className={styles.row}>
      <div className={styles.picture}>
        <MountedStamp stamp={line} />
      </div>
      <div className={styles.text}>
        <h2>
          <Link href={`/products/${line.id}`} prefetch={false}>
            {line.title}
          </Link>
        </h2>
        <p>
          {line.country}, {line.year}. {euros(line.price)} each
        </p>
      </div>
      <div className={styles.actions}>{children}</div>
      <p className={styles.sum}>{euros(line.price * line.quantity)}</p>
    </li>
  )
}
