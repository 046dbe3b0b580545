import { useEffect, useRef, useState } from 'react'
import { blockers, type Blocker } from './blockers.js'
import { routerEvents } from './router-events.js'

/** What a component does about a navigation that it holds back. */
export type BlockerState =
  | { readonly state: 'idle' }
  | {
      readonly state: 'blocked'
      /** Where the navigation leads, with the mount path. */
      readonly url: string
      /** Lets it go on. */
      proceed(): void
      /** Stays on the page. */
      stay(): void
    }

interface Held {
  readonly url: string
  settle(mayLeave: boolean): void
}

/**
 * Holds back navigations while there is something to lose, for example a form with changes: links, the router's methods,
 * back and forward. Leaving for another document asks with the browser's own dialogue.
 *
 * @param when whether to hold back, or a function that decides it by the URL
 */
export function useBlocker(when: boolean | ((url: string) => boolean)): BlockerState {
  const [held, setHeld] = useState<Held>()
  // Where the page that was agreed to is a document of its own, the browser need not ask once more.
  const hasAgreed = useRef(false)

  useEffect(() => {
    if (when === false) return
    const blocker: Blocker = (url) =>
      (typeof when === 'function' && !when(url)) ||
      new Promise<boolean>((settle) =>
        setHeld((before) => {
          before?.settle(false)
          return { url, settle }
        }),
      )
    const beforeUnload = (event: BeforeUnloadEvent) => {
      if (!hasAgreed.current) event.preventDefault()
      // A download leaves the page where it is.
      hasAgreed.current = false
    }
    const arrive = () => {
      hasAgreed.current = false
    }
    const arrivals = ['routeChangeComplete', 'hashChangeComplete'] as const
    blockers.add(blocker)
    for (const name of arrivals) routerEvents.on(name, arrive)
    addEventListener('beforeunload', beforeUnload)
    return () => {
      blockers.delete(blocker)
      for (const name of arrivals) routerEvents.off(name, arrive)
      removeEventListener('beforeunload', beforeUnload)
    }
  }, [when])

  if (!held) return { state: 'idle' }
  const answer = (mayLeave: boolean) => () => {
    hasAgreed.current = mayLeave
    setHeld(undefined)
    held.settle(mayLeave)
  }
  return { state: 'blocked', url: held.url, proceed: answer(true), stay: answer(false) }
}
