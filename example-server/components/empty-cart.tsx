import { Link } from 'pagepress/react'
import controls from './controls.module.css'
import styles from './empty-cart.module.css'

export function EmptyCart() {
  return (
    <div className={styles.empty}>
      <ul className={styles.page} aria-hidden="true">
        <li />
        <li />
        <li />
        <li />
        <li />
        <li />
      </ul>
      <div>
        <h2>Nothing in it yet</h2>
        <p>An empty page is the best part of an album, some say. We sell the other part.</p>
        <p>
          <Link href="/products" className={`${controls.button} ${controls.primary}`}>
            Open the catalogue
          </Link>
        </p>
      </div>
    </div>
  )
}
