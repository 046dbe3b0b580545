import { Link } from 'pagepress/react'
import type { Stamp as StampFacts } from '../data/stamps.js'
import { euros } from './format.js'
import styles from './stamp-grid.module.css'
import { MountedStamp, type Drawable } from './stamp/stamp.js'

/** What a card shows. Pages hand over no more than this, so that their data stays small. */
export type StampCard = Drawable & Pick<StampFacts, 'title' | 'price'>

export function toCard({
  id,
  title,
  country,
  motif,
  ink,
  frame,
  year,
  face,
  used,
  price,
}: StampFacts): StampCard {
  return { id, title, country, motif, ink, frame, year, face, used, price }
}

export function StampGrid({ stamps }: { stamps: StampCard[] }) {
  return (
    <ul className={styles.grid}>
      {stamps.map((stamp) => (
        <li key={stamp.id} className={styles.card}>
          <div className={styles.mount}>
            <MountedStamp stamp={stamp} />
          </div>
          <h3 className={styles.title}>
            <Link href={`/products/${stamp.id}`} prefetch={false}>
              {stamp.title}
            </Link>
          </h3>
          <p className={styles.origin}>
            {stamp.country}, {stamp.year}
          </p>
          <p className={styles.price}>
            {euros(stamp.price)} <span>{stamp.used ? 'used' : 'mint'}</span>
          </p>
        </li>
      ))}
    </ul>
  )
}
