import { useSyncExternalStore } from 'react'
import { routerEvents } from './router-events.js'

/** Whether the next page is on its way, for progress bars and the like. */
export type NavigationState =
  | { readonly state: 'idle'; readonly url: undefined }
  | {
      readonly state: 'loading'
      /** Where the navigation leads, with the mount path. */
      readonly url: string
    }

const IDLE: NavigationState = { state: 'idle', url: undefined }

let current: NavigationState = IDLE
let subscribers: Set<() => void> | undefined

function set(state: NavigationState): void {
  current = state
  for (const notify of subscribers!) notify()
}

function subscribe(notify: () => void): () => void {
  if (!subscribers) {
    subscribers = new Set()
    routerEvents.on('routeChangeStart', (url: string) => set({ state: 'loading', url }))
    routerEvents.on('routeChangeComplete', () => set(IDLE))
    routerEvents.on('routeChangeError', () => set(IDLE))
  }
  subscribers.add(notify)
  return () => subscribers!.delete(notify)
}

/** The navigation that is under way. A change of the hash is none: it takes no time. */
export function useNavigation(): NavigationState {
  return useSyncExternalStore(
    subscribe,
    () => current,
    () => IDLE,
  )
}
