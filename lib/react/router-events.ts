import type { RouterEventName, RouterEvents } from './router-context.js'

type Listener = (...args: any[]) => void

const listeners = new Map<RouterEventName, Set<Listener>>()

/**
 * The events of the one router a browser tab has. Modules may listen before the router exists.
 *
 * On the server nothing is kept: modules live longer there than pages, and no event ever happens.
 */
export const routerEvents: RouterEvents = {
  on(event, listener) {
    if (typeof document === 'undefined') return
    if (!listeners.has(event)) listeners.set(event, new Set())
    listeners.get(event)!.add(listener)
  },
  off(event, listener) {
    listeners.get(event)?.delete(listener)
  },
  emit(event, ...args) {
    for (const listener of [...(listeners.get(event) ?? [])]) listener(...args)
  },
}
