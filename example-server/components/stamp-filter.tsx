import { useRouter } from 'pagepress/react'
import type { ReactNode } from 'react'
import type { Search } from '../data/search.js'
import { COUNTRIES, MOTIFS } from '../data/vocabulary.js'
import controls from './controls.module.css'
import { submitInPlace } from './search-form.js'
import styles from './stamp-filter.module.css'

const ORDERS = { number: 'Catalogue number', cheap: 'Price, low to high', dear: 'Price, high to low' }

/** Narrows and sorts the catalogue: a plain GET form that does not leave the page when it can help it. */
export function StampFilter({ search }: { search: Search }) {
  const router = useRouter()
  return (
    <form
      action="/products"
      className={styles.filter}
      onSubmit={(event) => submitInPlace(event, (url) => router.push(url, undefined, { scroll: false }))}
    >
      <input type="hidden" name="q" value={search.words} />
      <Choice name="country" label="Country" value={search.country}>
        <option value="">All countries</option>
        {COUNTRIES.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </Choice>
      <Choice name="motif" label="Subject" value={search.motif}>
        <option value="">All subjects</option>
        {MOTIFS.map((motif) => (
          <option key={motif}>{motif}</option>
        ))}
      </Choice>
      <Choice name="order" label="Order" value={search.order === 'number' ? '' : search.order}>
        {Object.entries(ORDERS).map(([order, label]) => (
          <option key={order} value={order === 'number' ? '' : order}>
            {label}
          </option>
        ))}
      </Choice>
      <button className={controls.button}>Show</button>
    </form>
  )
}

function Choice(props: { name: string; label: string; value: string; children: ReactNode }) {
  const id = `filter-${props.name}`
  return (
    <div className={styles.choice}>
      <label className={controls.label} htmlFor={id}>
        {props.label}
      </label>
      <select
        id={id}
        name={props.name}
        className={controls.field}
        defaultValue={props.value}
        onChange={(event) => event.currentTarget.form?.requestSubmit()}
      >
        {props.children}
      </select>
    </div>
  )
}
