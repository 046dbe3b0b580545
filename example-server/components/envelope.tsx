import styles from './envelope.module.css'
import { Stamp, type Drawable } from './stamp/stamp.js'

/** A letter, about to be sent. */
export function Envelope({ stamps }: { stamps: Drawable[] }) {
  return (
    <div className={styles.envelope} aria-hidden="true">
      <div className={styles.paper}>
        <p className={styles.sender}>
          Nowhere Post
          <br />
          Drawer 12, Window 3
        </p>
        <div className={styles.stamps}>
          {stamps.map((stamp) => (
            <div key={stamp.id}>
              <Stamp stamp={stamp} />
            </div>
          ))}
        </div>
        <svg className={styles.cancel} viewBox="0 0 220 90">
          <circle cx="45" cy="45" r="40" />
          <circle cx="45" cy="45" r="28" />
          <path d="M86 20q11-7 22 0t22 0 22 0 22 0 22 0M88 36q11-7 22 0t22 0 22 0 22 0 22 0M88 52q11-7 22 0t22 0 22 0 22 0 22 0M86 68q11-7 22 0t22 0 22 0 22 0 22 0" />
          <text x="45" y="43">
            NOWHERE
          </text>
          <text x="45" y="54">
            30 · 2
          </text>
        </svg>
        <p className={styles.address}>
          To whoever is at home
          <br />1 Somewhere Street
          <br />
          Here
        </p>
      </div>
    </div>
  )
}
