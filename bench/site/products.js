/** The same products for everybody, without a database: what is measured is the way to the page. */
export function products(count) {
  return Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    name: `Product number ${index + 1}`,
    text: 'A thing that is made well, and that looks it. Comes in three sizes & two colours.',
    price: `${(index * 7 + 3) % 90}.95 €`,
  }))
}
