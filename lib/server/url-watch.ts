import type { PagesRouter } from '../react/router-context.js'

/** A router that tells when a component asks it for something of the URL. */
export function watchUrl(router: PagesRouter, onRead: () => void): PagesRouter {
  const watched = Object.defineProperties({} as PagesRouter, Object.getOwnPropertyDescriptors(router))
  for (const name of ['asPath', 'query', 'isReady'] as const) {
    const value = router[name]
    const get = () => {
      onRead()
      return value
    }
    Object.defineProperty(watched, name, { get, enumerable: true, configurable: true })
  }
  return watched
}
