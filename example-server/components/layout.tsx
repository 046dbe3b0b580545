import { Link } from 'pagepress/react'
import type { ReactNode } from 'react'
import { useCart } from './cart.js'
import styles from './layout.module.css'
import { SearchForm } from './search-form.js'

/** What every page of the shop stands in. */
export function Layout({ children }: { children: ReactNode }) {
  return (
    <div className={styles.shop}>
      <a className={styles.skip} href="#content">
        Skip to the content
      </a>
      <header className={styles.header}>
        <div className={styles.bar}>
          <Link href="/" className={styles.name}>
            <Mark />
            Nowhere Post
          </Link>
          <SearchForm />
          <nav className={styles.nav} aria-label="Shop">
            <Link href="/products">Catalogue</Link>
            <Link href="/about">About</Link>
            <Link href="/account">Account</Link>
            <CartLink />
          </nav>
        </div>
      </header>
      <main id="content" className={styles.main} tabIndex={-1}>
        {children}
      </main>
      <footer className={styles.footer}>
        <div className={styles.bar}>
          <p>
            Nowhere Post. Every stamp, country and price is invented. Served by Express, drawn by React,
            posted by nobody.
          </p>
          <ul className={styles.links}>
            <li>
              <Link href="/products">Catalogue</Link>
            </li>
            <li>
              <Link href="/about">About the shop</Link>
            </li>
            <li>
              <Link href="/admin">Back room</Link>
            </li>
          </ul>
        </div>
      </footer>
    </div>
  )
}

function CartLink() {
  const { cart } = useCart()
  const count = cart?.count ?? 0
  return (
    <Link href="/cart" className={styles.cart}>
      Cart
      <span
        className={styles.count}
        data-empty={count === 0}
        aria-label={count > 0 ? `, ${count} in it` : undefined}
      >
        {count > 0 ? count : ''}
      </span>
    </Link>
  )
}

function Mark() {
  return (
    <svg className={styles.mark} viewBox="0 0 32 32" aria-hidden="true">
      <path
        d="M3 3h26v26H3z"
        fill="currentcolor"
        stroke="currentcolor"
        strokeWidth="4"
        strokeLinecap="round"
        strokeDasharray="0 5.2"
      />
      <path
        d="M8 22V10l9 12V10M17 10h4a3.5 3.5 0 0 1 0 7h-4"
        fill="none"
        stroke="var(--on-seal)"
        strokeWidth="2.2"
      />
    </svg>
  )
}
