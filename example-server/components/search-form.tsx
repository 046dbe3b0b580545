import { useRouter } from 'pagepress/react'
import type { FormEvent } from 'react'
import controls from './controls.module.css'
import styles from './search-form.module.css'

/** Asks the catalogue. Without script it is a plain form; with it, the page stays. */
export function SearchForm() {
  const router = useRouter()
  const words = router.pathname === '/products' ? String(router.query.q ?? '') : ''
  return (
    <search className={styles.search}>
      <form
        action="/products"
        onSubmit={(event) => submitInPlace(event, router.push)}
        className={styles.form}
      >
        <label className={controls.unseen} htmlFor="header-search">
          Search the catalogue
        </label>
        <input
          key={words}
          id="header-search"
          className={styles.input}
          type="search"
          name="q"
          defaultValue={words}
          placeholder="Lighthouse, Zembla, 1931 …"
          autoComplete="off"
        />
        <button className={styles.button}>Search</button>
      </form>
    </search>
  )
}

/** Turns the sending of a GET form into a navigation inside the page. */
export function submitInPlace(event: FormEvent<HTMLFormElement>, go: (url: string) => unknown) {
  event.preventDefault()
  const form = event.currentTarget
  const filled = [...new FormData(form)].filter(([, value]) => value !== '') as [string, string][]
  const search = new URLSearchParams(filled).toString()
  go(new URL(form.action).pathname + (search === '' ? '' : `?${search}`))
}
