/**
 * Stands for the mount path in everything produced before the mount path is known: asset URLs in server bundles and in
 * prerendered pages. `fillBasePath` and `placeBelow` put the real one in, once, when a page is produced or loaded.
 */
export const BASE_PATH_TOKEN = '/__pagepress_base__'

/** Stands for the path of the mount's own page, which is `/` where there is no mount path. */
export const ROOT_PATH_TOKEN = '/__pagepress_root__'

/** The payload says where the site is mounted only if it is; nothing but our own JSON holds these quotes unescaped. */
const PAYLOAD_FIELD = `,"basePath":"${BASE_PATH_TOKEN}"`

/** Puts the mount path (`''` or `/shop`) where the token stands: in text whose asset URLs alone were made without it. */
export function fillBasePath(text: string, basePath: string): string {
  return mayHoldToken(text) ? text.replaceAll(BASE_PATH_TOKEN, basePath) : text
}

/** The token without its slash: a search stops at every occurrence of the first character, and HTML is full of slashes. */
const RARE_PART = BASE_PATH_TOKEN.slice(1)

export function mayHoldToken(text: { includes(part: string): boolean }): boolean {
  return text.includes(RARE_PART)
}

/** Makes HTML or JSON that was produced without a mount path what it would be with one. */
export function placeBelow(basePath: string, given: string): string {
  const text = basePath === '' ? given.replace(PAYLOAD_FIELD, '') : given
  const rooted = text.includes(ROOT_PATH_TOKEN) ? text.replaceAll(ROOT_PATH_TOKEN, basePath || '/') : text
  return fillBasePath(rooted, basePath)
}
