import type { GetServerSideProps, InferGetServerSidePropsType } from 'pagepress'
import { Head, Link } from 'pagepress/react'
import { counted } from '../../components/format.js'
import { Pager } from '../../components/pager.js'
import { StampFilter } from '../../components/stamp-filter.js'
import { StampGrid, toCard, type StampCard } from '../../components/stamp-grid.js'
import { searchStamps } from '../../data/catalogue.js'
import { PAGE_SIZE, readSearch, searchUrl, type Search } from '../../data/search.js'
import styles from './index.module.css'

interface CatalogueProps {
  search: Search
  stamps: StampCard[]
  total: number
}

export const getServerSideProps = (async ({ query }) => {
  const search = readSearch(query)
  const { stamps, total } = await searchStamps(search)
  const pages = Math.max(1, Math.ceil(total / PAGE_SIZE))
  if (search.page > pages)
    return { redirect: { destination: searchUrl({ ...search, page: pages }), permanent: false } }
  return { props: { search, stamps: stamps.map(toCard), total } }
}) satisfies GetServerSideProps<CatalogueProps>

export default function Catalogue(props: InferGetServerSidePropsType<typeof getServerSideProps>) {
  const { search, stamps, total } = props
  const heading = headingOf(search)
  return (
    <>
      <Head>
        <title>{`${heading} – Nowhere Post`}</title>
      </Head>
      <div className={styles.top}>
        <h1>{heading}</h1>
        <p className={styles.total} role="status">
          {counted(total, 'stamp')}
          {search.page > 1 ? `, page ${search.page}` : ''}
        </p>
      </div>
      <StampFilter key={searchUrl(search)} search={search} />
      {total === 0 ? <NothingFound search={search} /> : <StampGrid stamps={stamps} />}
      <Pager
        page={search.page}
        pages={Math.ceil(total / PAGE_SIZE)}
        urlOf={(page) => searchUrl({ ...search, page })}
      />
    </>
  )
}

function headingOf({ words, country, motif }: Search) {
  const subject = [country, motif].filter(Boolean).join(', ')
  if (words !== '') return `“${words}”${subject === '' ? '' : ` in ${subject}`}`
  return subject === '' ? 'The catalogue' : subject.charAt(0).toUpperCase() + subject.slice(1)
}

function NothingFound({ search }: { search: Search }) {
  return (
    <div className={styles.nothing}>
      <div className={styles.gap} aria-hidden="true" />
      <div>
        <h2>A gap in the album</h2>
        <p>
          Nothing answers to that. Words are looked for in titles, countries, subjects, years and face values;
          try fewer of them.
        </p>
        <p>
          <Link href="/products">Start at number 1</Link>
          {search.words !== '' && (search.country !== '' || search.motif !== '') ? (
            <>
              {', or '}
              <Link href={searchUrl({ ...search, country: '', motif: '', page: 1 })}>
                look for it in all countries
              </Link>
            </>
          ) : null}
          .
        </p>
      </div>
    </div>
  )
}
