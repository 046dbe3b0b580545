import { isSafeUrl } from '../react/href.js'

/**
 * Leaves a URL to the browser, which loads its document. The promise never settles: this page is on its way out.
 */
export async function leave(url: URL, replace: boolean): Promise<never> {
  if (!isSafeUrl(url.href)) throw new Error(`Refused to follow \`${url.href}\`.`)
  const [target] = url.href.split('#', 1)
  // Going to where one is already, or to another hash of it, would load nothing.
  if (location.href.split('#', 1)[0] === target) location.reload()
  else location[replace ? 'replace' : 'assign'](url)
  return new Promise(() => {})
}
