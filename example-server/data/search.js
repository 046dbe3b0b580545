// @ts-check
// A search of the catalogue and its URL. Plain functions, at home on the server and in the browser.

/**
 * @typedef {object} Search
 * @property {string} words
 * @property {string} country `''` for all.
 * @property {string} motif `''` for all.
 * @property {'number' | 'cheap' | 'dear'} order
 * @property {number} page From 1.
 */

/** How many stamps a page of the catalogue shows. */
export const PAGE_SIZE = 24

const LAST_PAGE = 100_000

/**
 * What a URL asks for. Whatever makes no sense is left out.
 * @param {Record<string, string | string[] | undefined>} query
 * @returns {Search}
 */
export function readSearch(query) {
  const order = first(query.order)
  const page = Math.floor(Number(first(query.page)))
  return {
    words: first(query.q).trim().slice(0, 100),
    country: first(query.country),
    motif: first(query.motif),
    order: order === 'cheap' || order === 'dear' ? order : 'number',
    page: page >= 1 ? Math.min(page, LAST_PAGE) : 1,
  }
}

/** @param {Search} search */
export function searchUrl({ words, country, motif, order, page }) {
  const search = new URLSearchParams()
  if (words !== '') search.set('q', words)
  if (country !== '') search.set('country', country)
  if (motif !== '') search.set('motif', motif)
  if (order !== 'number') search.set('order', order)
  if (page > 1) search.set('page', String(page))
  return search.size === 0 ? '/products' : `/products?${search}`
}

/** @param {string | string[] | undefined} value */
function first(value) {
  return (Array.isArray(value) ? value[0] : value) ?? ''
}
