import type { GetStaticPaths, GetStaticProps, InferGetStaticPropsType } from 'pagepress'
import { Head, Link } from 'pagepress/react'
import { AddToCart } from '../../components/add-to-cart.js'
import { euros } from '../../components/format.js'
import { StampGrid, toCard, type StampCard } from '../../components/stamp-grid.js'
import { MountedStamp } from '../../components/stamp/stamp.js'
import { countStamps, findRelated, findStamp } from '../../data/catalogue.js'
import type { Stamp as StampFacts } from '../../data/stamps.js'
import { INKS } from '../../data/vocabulary.js'
import styles from './product.module.css'

interface ProductProps {
  stamp: StampFacts
  related: StampCard[]
  last: number
}

const PRERENDERED = 100
const RELATED = 6

/** The first hundred are made with the build. The others are made when somebody first asks for them. */
export const getStaticPaths = (async () => {
  const count = Math.min(PRERENDERED, await countStamps())
  return {
    paths: Array.from({ length: count }, (_, index) => ({ params: { id: String(index + 1) } })),
    fallback: 'blocking',
  }
}) satisfies GetStaticPaths<{ id: string }>

export const getStaticProps = (async ({ params }) => {
  const number = params?.id ?? ''
  // `042` and `4e1` are no catalogue numbers: one stamp, one URL.
  const stamp = /^[1-9]\d{0,8}$/.test(number) ? await findStamp(Number(number)) : undefined
  if (stamp === undefined) return { notFound: true, revalidate: 60 }
  const related = await findRelated(stamp, RELATED)
  return { props: { stamp, related: related.map(toCard), last: await countStamps() }, revalidate: 60 }
}) satisfies GetStaticProps<ProductProps, { id: string }>

export default function Product({ stamp, related, last }: InferGetStaticPropsType<typeof getStaticProps>) {
  const { id, title, country, year, description } = stamp
  return (
    <>
      <Head>
        <title>{`${title}, ${country} ${year} – Nowhere Post`}</title>
        <meta name="description" content={description} />
      </Head>
      <nav className={styles.trail} aria-label="You are here">
        <Link href="/products">Catalogue</Link>
        <Link href={`/products?country=${encodeURIComponent(country)}`} prefetch={false}>
          {country}
        </Link>
      </nav>
      <article className={styles.lot}>
        <figure className={styles.leaf}>
          <div className={styles.stamp}>
            <MountedStamp stamp={stamp} label={`Stamp of ${country}: ${stamp.motif}, ${stamp.face}`} />
          </div>
          <figcaption>No. {id}</figcaption>
        </figure>
        <div>
          <h1>{title}</h1>
          <p className={styles.origin}>
            {country}, {year}
          </p>
          <p className={styles.price} data-testid="price">
            {euros(stamp.price)}
          </p>
          <AddToCart key={id} id={id} title={title} />
          <p className={styles.description}>{description}</p>
          <Facts stamp={stamp} />
        </div>
      </article>
      <nav className={styles.neighbours} aria-label="Neighbouring numbers">
        {id > 1 ? <Link href={`/products/${id - 1}`}>No. {id - 1}</Link> : <span />}
        {id < last ? <Link href={`/products/${id + 1}`}>No. {id + 1}</Link> : <span />}
      </nav>
      {related.length > 0 ? (
        <section className={styles.related} aria-labelledby="related">
          <h2 id="related">More from {country}</h2>
          <StampGrid stamps={related} />
        </section>
      ) : null}
    </>
  )
}

function Facts({ stamp }: { stamp: StampFacts }) {
  const facts = [
    ['Face value', stamp.face],
    ['Subject', stamp.motif],
    ['Ink', INKS[stamp.ink]?.name],
    ['Printing', stamp.printing],
    ['Perforation', stamp.perforation],
    ['Condition', stamp.used ? 'used' : 'mint'],
  ]
  return (
    <dl className={styles.facts}>
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
