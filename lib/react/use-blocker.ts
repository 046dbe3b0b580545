import { useEffect, useState } from 'react'
import { blockers, type Blocker } from './blockers.js'

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
    const beforeUnload = (event: BeforeUnloadEvent) => event.preventDefault()
    blockers.add(blocker)
    addEventListener('beforeunload', beforeUnload)
    return () => {
      blockers.delete(blocker)
      removeEventListener('beforeunload', beforeUnload)
    }
  }, [when])

  if (!held) return { state: 'idle' }
  const answer = (mayLeave: boolean) => () => {
    setHeld(undefined)
    held.settle(mayLeave)
  }
  return { state: 'blocked', url: held.url, proceed: answer(true), stay: answer(false) }
}
