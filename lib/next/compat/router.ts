import { useContext } from 'react'
import { RouterContext, type PagesRouter } from '../../react/router-context.js'

/** The router, or `null` outside of a page: for components that are also used elsewhere. */
export function useRouter(): PagesRouter | null {
  return useContext(RouterContext)
}
