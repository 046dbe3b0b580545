import { isSafeUrl } from '../react/href.js'

const STORAGE_KEY = '__pagepress_reload'
/** A page that could not be completed twice in this time will not be the third time either. */
const RELOAD_PAUSE = 30_000

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

/** Loads the document once more, unless that was tried just now; `false` then. Nobody asked for it, so it must end. */
export function reloadOnce(): boolean {
  try {
    const [url, time] = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? '[]') as [string?, number?]
    if (url === location.href && Date.now() - time! < RELOAD_PAUSE) return false
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify([location.href, Date.now()]))
  } catch {
    // Without storage there is no telling whether this would be the first time.
    return false
  }
  location.reload()
  return true
}
