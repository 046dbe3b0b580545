import { Link } from 'pagepress/react'
import controls from './controls.module.css'
import styles from './price-form.module.css'
import type { StampCard } from './stamp-grid.js'
import { MountedStamp } from './stamp/stamp.js'

/** A stamp whose price can be changed. `words` is the search to come back to. */
export function PriceForm({ stamp, words }: { stamp: StampCard; words: string }) {
  const { id, title, country, year, price } = stamp
  return (
    <li className={styles.row}>
      <div className={styles.picture}>
        <MountedStamp stamp={stamp} />
      </div>
      <div>
        <h2 className={styles.title}>
          <Link href={`/products/${id}`} prefetch={false}>
            {title}
          </Link>
        </h2>
        <p className={styles.origin}>
          No. {id}. {country}, {year}
        </p>
      </div>
      <form action="/api/admin/price" method="post" className={styles.form}>
        <input type="hidden" name="id" value={id} />
        <input type="hidden" name="q" value={words} />
        <label className={controls.unseen} htmlFor={`price-${id}`}>
          Price of {title} in euros
        </label>
        <input
          id={`price-${id}`}
          className={`${controls.field} ${styles.price}`}
          name="price"
          inputMode="decimal"
          defaultValue={(price / 100).toFixed(2)}
          required
        />
        <button className={controls.button}>Set price</button>
      </form>
    </li>
  )
}
