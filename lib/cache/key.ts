import { createHash } from 'node:crypto'

/*
 * Names that entries are found by. A page's is its canonical pathname, which begins with a slash and of which there is
 * exactly one for each page; the others never begin with a slash, so that no URL can name them.
 */

/** A page that is the same at all paths of its route, because it has no data function. */
export function routeKey(route: string): string {
  return `route:${route}`
}

/** The shell of a `fallback: true` page. */
export function shellKey(route: string): string {
  return `shell:${route}`
}

/** A page that is kept for some of its visitors only: whoever asks for its path alone must not find it. */
export function microKey(pathname: string): string {
  return `micro:${pathname}`
}

/** The page shown for a status. */
export function statusKey(status: number): string {
  return `status:${status}`
}

/** A copy of a text that keeps nothing else alive: a piece of a URL is a view of it, and holds on to the longest query. */
export function toOwnText(text: string): string {
  // One byte for each character where that is enough, as the engine does.
  const encoding = /^[\0-\xff]*$/.test(text) ? 'latin1' : 'utf16le'
  return Buffer.from(text, encoding).toString(encoding)
}

const VALUE = 'data:'
/** Longer arguments are told apart by their hash. */
const LONGEST_TEXT = 256

/**
 * What a function returned for arguments. No two pairs of a name and arguments share a key: the name is a JSON string,
 * whose end is plain, and the text of arguments begins with a bracket, never with a number sign.
 *
 * @param text the arguments, as `toKeyText` writes them
 */
export function valueKey(name: string, text: string): string {
  const isLong = text.length > LONGEST_TEXT
  return `${VALUE}${JSON.stringify(name)}${isLong ? `#${createHash('sha256').update(text).digest('base64url')}` : text}`
}

export function isValueKey(key: string): boolean {
  return key.startsWith(VALUE)
}
