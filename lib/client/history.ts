import type { HistoryState } from '../react/router-context.js'

/** What this router keeps in `history.state`; entries without the mark are somebody else's. */
export interface EntryState extends HistoryState {
  __N: true
  key: string
}

export type ChangeMethod = 'push' | 'replace' | 'pop'

const STORAGE_KEY = '__pagepress_scroll'
/** How many positions outlive a reload. */
const MAX_POSITIONS = 50

type Position = [x: number, y: number]

export interface BrowserHistory {
  /** Identifies the current entry. */
  key(): string
  /** Adds or replaces an entry. */
  change(method: 'push' | 'replace', state: HistoryState): void
  /** Makes an entry ours that the browser has added by itself. */
  adopt(state: HistoryState): void
  /** Remembers where the current entry is scrolled to, before it is left. */
  leave(): void
  /** Makes the entry that the browser has gone to the current one. */
  enter(state: EntryState): void
  /** How many steps forward from the current entry another one is. */
  distance(state: EntryState): number
  /** Scrolls to where the current entry was; `false` if that is not known. */
  restore(): boolean
}

export function isEntryState(state: unknown): state is EntryState {
  return typeof state === 'object' && state !== null && '__N' in state
}

/** Begins with the entry's place among the others, so that it is known how far apart two of them are. */
function createKey(place: number): string {
  return `${place}.${Math.random().toString(36).slice(2, 10)}`
}

function loadPositions(): [string, Position][] {
  try {
    return JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? '[]') as [string, Position][]
  } catch {
    // Storage that is blocked or damaged: nothing is known.
    return []
  }
}

/** The browser's history, with a scroll position for every entry, kept over reloads. */
export function createHistory(): BrowserHistory {
  const positions = new Map(loadPositions())
  let current: string = isEntryState(history.state) ? history.state.key : createKey(0)

  const leave = () => {
    positions.delete(current)
    positions.set(current, [scrollX, scrollY])
  }

  // Ours while pages change without loading; the browser's own for reloads and for coming back from another site.
  history.scrollRestoration = 'manual'
  addEventListener('pagehide', () => {
    leave()
    history.scrollRestoration = 'auto'
    try {
      sessionStorage.setItem(STORAGE_KEY, JSON.stringify([...positions].slice(-MAX_POSITIONS)))
    } catch {
      // Storage that is blocked or full: positions end with this document.
    }
  })
  addEventListener('pageshow', () => (history.scrollRestoration = 'manual'))

  const write = (method: 'push' | 'replace', { url, as, options }: HistoryState) => {
    const { shallow, scroll, locale, viewTransition, data } = options
    const kept = { shallow, scroll, locale, viewTransition, data }
    const state: EntryState = { url, as, options: kept, __N: true, key: current }
    history[`${method}State`](state, '', as)
  }

  // The entry that the document was loaded for, unless it is from an earlier visit.
  if (!isEntryState(history.state)) {
    const url = location.href.slice(location.origin.length)
    write('replace', { url, as: url, options: {} })
  }

  return {
    key: () => current,
    change(method, state) {
      if (method === 'push') current = createKey(parseInt(current) + 1)
      write(method, state)
    },
    adopt(state) {
      current = createKey(parseInt(current) + 1)
      write('replace', state)
    },
    leave,
    enter(state) {
      current = state.key
    },
    distance: ({ key }) => parseInt(key) - parseInt(current),
    restore() {
      const position = positions.get(current)
      if (position) scrollTo({ left: position[0], top: position[1], behavior: 'instant' })
      return position !== undefined
    },
  }
}
