/** `470` as `€4.70`. Written by hand: the server and any browser must agree to the letter. */
export function euros(cents: number) {
  const [whole = '', part] = (cents / 100).toFixed(2).split('.')
  return `€${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${part}`
}

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
)

/** `14 March 2026`, in UTC on both sides. */
export function day(milliseconds: number) {
  const date = new Date(milliseconds)
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`
}

/** `12,345`. */
export function grouped(count: number) {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `a stamp`, `2 stamps`. */
export function counted(count: number, noun: string) {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}
