import { Head, Link } from 'pagepress/react'
import controls from '../components/controls.module.css'
import styles from './404.module.css'

export default function NotFound() {
  return (
    <div className={styles.returned}>
      <Head>
        <title>Not known at this address – Nowhere Post</title>
      </Head>
      <p className={styles.stamped} aria-hidden="true">
        Return to sender
      </p>
      <h1>Not known at this address</h1>
      <p>
        There is no such page, or no such number in the catalogue. Here, of all places, that means little.
      </p>
      <p className={styles.ways}>
        <Link href="/products" className={`${controls.button} ${controls.primary}`}>
          Open the catalogue
        </Link>
        <Link href="/" className={`${controls.button} ${controls.quiet}`}>
          Front page
        </Link>
      </p>
    </div>
  )
}
