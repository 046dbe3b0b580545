import type { GetServerSideProps, InferGetServerSidePropsType } from 'pagepress'
import { Head, Link } from 'pagepress/react'
import controls from '../../components/controls.module.css'
import { day, euros } from '../../components/format.js'
import { PriceForm } from '../../components/price-form.js'
import { toCard, type StampCard } from '../../components/stamp-grid.js'
import { findStamp, listPriceChanges, searchStamps } from '../../data/catalogue.js'
import styles from './admin.module.css'

interface AdminProps {
  words: string
  stamps: StampCard[]
  changed: StampCard | null
  failed: boolean
  changes: Awaited<ReturnType<typeof listPriceChanges>>
}

const SHOWN = 8

export const getServerSideProps = (async ({ query }) => {
  const words = typeof query.q === 'string' ? query.q.trim() : ''
  const changed = typeof query.changed === 'string' ? await findStamp(Number(query.changed)) : undefined
  return {
    props: {
      words,
      stamps: (await look(words)).slice(0, SHOWN).map(toCard),
      changed: changed === undefined ? null : toCard(changed),
      failed: query.error === 'price',
      changes: await listPriceChanges(SHOWN),
    },
  }
}) satisfies GetServerSideProps<AdminProps>

/** A catalogue number is looked up; anything else is searched for. */
async function look(words: string) {
  const numbered = /^\d+$/.test(words) ? await findStamp(Number(words)) : undefined
  if (numbered !== undefined) return [numbered]
  const { stamps } = await searchStamps({ words, country: '', motif: '', order: 'number', page: 1 })
  return stamps
}

export default function Admin(props: InferGetServerSidePropsType<typeof getServerSideProps>) {
  const { words, stamps, changed, failed, changes } = props
  return (
    <>
      <Head>
        <title>Back room – Nowhere Post</title>
        <meta name="robots" content="noindex" />
      </Head>
      <h1>Back room</h1>
      {changed === null ? null : (
        <p className={`${controls.note} ${styles.note}`} role="status">
          <Link href={`/products/${changed.id}`}>{changed.title}</Link> now costs {euros(changed.price)}, and
          its page has been printed anew.
        </p>
      )}
      {failed ? (
        <p className={`${controls.note} ${controls.warning} ${styles.note}`} role="alert">
          Nothing was changed. A price looks like 4.70, up to 10,000.
        </p>
      ) : null}
      <form action="/admin" className={styles.find}>
        <div>
          <label className={controls.label} htmlFor="find">
            Number or words
          </label>
          <input id="find" className={controls.field} name="q" defaultValue={words} />
        </div>
        <button className={controls.button}>Find</button>
      </form>
      {stamps.length === 0 ? <p>Nothing answers to that.</p> : null}
      <ul className={styles.stamps}>
        {stamps.map((stamp) => (
          <PriceForm key={`${stamp.id} ${stamp.price}`} stamp={stamp} words={words} />
        ))}
      </ul>
      <section className={styles.changes} aria-labelledby="changes">
        <h2 id="changes">Latest changes</h2>
        {changes.length === 0 ? (
          <p>No price has been changed since the shop opened.</p>
        ) : (
          <ul>
            {changes.map(({ id, title, before, after, changed }) => (
              <li key={`${id} ${changed}`}>
                <Link href={`/products/${id}`}>{title}</Link>, {euros(before)} to {euros(after)},{' '}
                {day(changed)}
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  )
}
