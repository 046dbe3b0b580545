import type { GetStaticProps, InferGetStaticPropsType } from 'pagepress'
import { Head, Link } from 'pagepress/react'
import controls from '../components/controls.module.css'
import { Envelope } from '../components/envelope.js'
import { grouped } from '../components/format.js'
import { StampGrid, toCard, type StampCard } from '../components/stamp-grid.js'
import { countStamps, findStamps } from '../data/catalogue.js'
import { COUNTRIES, type Country } from '../data/vocabulary.js'
import styles from './index.module.css'

interface HomeProps {
  count: number
  envelope: StampCard[]
  unpacked: StampCard[]
  countries: readonly Country[]
}

const ON_ENVELOPE = [84, 12, 50]
const UNPACKED = 12
const HOUR = 60 * 60

/** The box on the counter changes every hour; so does this page, with nobody waiting for it. */
export const getStaticProps = (async () => {
  const count = await countStamps()
  const hours = Math.floor(Date.now() / (HOUR * 1000))
  const first = (hours * 7919) % Math.max(1, count - UNPACKED)
  const box = Array.from({ length: UNPACKED }, (_, offset) => first + offset + 1)
  return {
    props: {
      count,
      envelope: (await findStamps(ON_ENVELOPE)).map(toCard),
      unpacked: (await findStamps(box)).map(toCard),
      countries: COUNTRIES,
    },
    revalidate: HOUR,
  }
}) satisfies GetStaticProps<HomeProps>

export default function Home(props: InferGetStaticPropsType<typeof getStaticProps>) {
  const { count, envelope, unpacked, countries } = props
  return (
    <>
      <Head>
        <title>Nowhere Post: stamps from countries that never were</title>
        <meta
          name="description"
          content={`${grouped(count)} postage stamps from countries that never were, sold singly and sent with care.`}
        />
      </Head>
      <section className={styles.hero}>
        <div>
          <h1>Stamps from countries that never were</h1>
          <p className={styles.lead}>
            {grouped(count)} of them, sorted, described and priced. Some were posted. None of the letters
            arrived, and a good many were answered.
          </p>
          <p className={styles.ways}>
            <Link href="/products" className={`${controls.button} ${controls.primary}`}>
              Open the catalogue
            </Link>
            <Link href="/about" className={`${controls.button} ${controls.quiet}`}>
              How can this be?
            </Link>
          </p>
        </div>
        <Envelope stamps={envelope} />
      </section>

      <section className={styles.section} aria-labelledby="unpacked">
        <div className={styles.heading}>
          <h2 id="unpacked">In the box on the counter</h2>
          <p>We tip out another one every hour.</p>
        </div>
        <StampGrid stamps={unpacked} />
      </section>

      <section className={styles.section} aria-labelledby="gazetteer">
        <div className={styles.heading}>
          <h2 id="gazetteer">A short gazetteer</h2>
          <p>Who issued them, from when to when, and what became of it.</p>
        </div>
        <ul className={styles.gazetteer}>
          {countries.map(({ name, from, to, fate }) => (
            <li key={name}>
              <h3>
                <Link href={`/products?country=${encodeURIComponent(name)}`} prefetch={false}>
                  {name}
                </Link>
              </h3>
              <p className={styles.years}>
                {from} to {to}
              </p>
              <p>It {fate}.</p>
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}
