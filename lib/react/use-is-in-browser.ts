import { useSyncExternalStore } from 'react'

const never = () => () => {}

/** `false` on the server and while its HTML is hydrated, then `true`. */
export function useIsInBrowser(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
}
