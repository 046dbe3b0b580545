const INDEX = '/index'

/**
 * The route of a page file given relative to the pages folder, e.g. `/blog/[slug]` for `blog/[slug].tsx`, or
 * `undefined` if the file is no page: another extension, type declarations, or a file whose name begins with a dot.
 *
 * Files with a role of their own (`_app`, `404`, ...) get the route that their name spells; the caller knows the roles.
 */
export function toRoute(file: string, extensions: readonly string[]): string | undefined {
  const path = withoutExtension(file, extensions)
  if (path === undefined) return undefined
  const route = `/${path}`
  // Only the last `index` names the folder itself: `nested/index/index` is a page of the folder `nested/index`.
  if (!route.endsWith(INDEX)) return route
  return route === INDEX ? '/' : route.slice(0, -INDEX.length)
}

function withoutExtension(file: string, extensions: readonly string[]): string | undefined {
  if (/\.d\.[cm]?tsx?$/.test(file)) return undefined
  let longest = ''
  for (const extension of extensions) {
    if (extension.length > longest.length && file.endsWith(`.${extension}`)) longest = extension
  }
  if (longest === '') return undefined
  const path = file.slice(0, -longest.length - 1)
  const name = path.slice(path.lastIndexOf('/') + 1)
  return name === '' || name.startsWith('.') ? undefined : path
}
