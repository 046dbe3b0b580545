import { Link } from 'pagepress/react'
import { grouped } from './format.js'
import styles from './pager.module.css'

interface PagerProps {
  page: number
  pages: number
  urlOf: (page: number) => string
}

/** Ways to the other pages of a long list. */
export function Pager({ page, pages, urlOf }: PagerProps) {
  if (pages <= 1) return null
  return (
    <nav className={styles.pager} aria-label="Pages">
      {page > 1 ? (
        <Link href={urlOf(page - 1)} rel="prev" prefetch={false}>
          Previous
        </Link>
      ) : (
        <span />
      )}
      <ol>
        {shown(page, pages).map((number, index, all) => (
          <li key={number} data-gap={index > 0 && number > (all[index - 1] ?? 0) + 1}>
            <Link
              href={urlOf(number)}
              prefetch={false}
              aria-current={number === page ? 'page' : undefined}
              aria-label={`Page ${number}`}
            >
              {grouped(number)}
            </Link>
          </li>
        ))}
      </ol>
      {page < pages ? (
        <Link href={urlOf(page + 1)} rel="next" prefetch={false}>
          Next
        </Link>
      ) : (
        <span />
      )}
    </nav>
  )
}

/** First, last, and the neighbours. */
function shown(page: number, pages: number) {
  const numbers = [1, page - 1, page, page + 1, pages].filter((number) => number >= 1 && number <= pages)
  return [...new Set(numbers)].sort((a, b) => a - b)
}
