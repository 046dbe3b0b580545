/** Where page data lives below the mount path. */
export const DATA_PREFIX = '/_data/'
/** Where hashed assets live below the mount path. */
export const ASSETS_PREFIX = '/_assets/'

const JSON_SUFFIX = '.json'

/**
 * The data URL path of a page path, both without the mount path: `/` becomes `/_data/index.json`, `/blog/a` becomes
 * `/_data/blog/a.json`. Paths that begin with a segment `index` get one more, so that no two pages share a data URL.
 */
export function toDataPath(pagePath: string): string {
  if (pagePath === '/') return '/_data/index.json'
  const isIndexed = pagePath === '/index' || pagePath.startsWith('/index/')
  return `/_data${isIndexed ? '/index' : ''}${pagePath}${JSON_SUFFIX}`
}

/** The page path that a data path stands for, or `undefined` if it is no data path. The inverse of `toDataPath`. */
export function toPagePath(dataPath: string): string | undefined {
  if (!dataPath.startsWith(DATA_PREFIX) || !dataPath.endsWith(JSON_SUFFIX)) return undefined
  const path = dataPath.slice(DATA_PREFIX.length - 1, -JSON_SUFFIX.length)
  if (path === '/index') return '/'
  if (path === '/' || path.endsWith('/')) return undefined
  if (!path.startsWith('/index/')) return path
  const inner = path.slice('/index'.length)
  return inner === '/index' || inner.startsWith('/index/') ? inner : undefined
}
