import { PagesError } from '../errors.js'

/** Bounds how many pages are produced at a time, so that a crowd slows down and the process does not. */
export interface Governor {
  /** Runs a visitor's render, waiting for its turn. Rejects at once when too many wait. */
  render<T>(task: () => Promise<T>): Promise<T>
  /**
   * Runs a refresh if there is room, otherwise answers `undefined`: the page stays stale until the next visit.
   *
   * @param route pages of one route hang together: they get all places but one, which is for the others
   */
  refresh<T>(task: () => Promise<T>, route?: string): Promise<T> | undefined
  /** Renders that were refused because too many waited. */
  readonly refused: number
}

export interface GovernorLimits {
  renders: number
  refreshes: number
  queue: number
}

export function createGovernor(limits: GovernorLimits): Governor {
  let rendering = 0
  let refreshing = 0
  let refused = 0
  const waiting: (() => void)[] = []
  const refreshingOf = new Map<string, number>()
  const mostOfRoute = Math.max(1, limits.refreshes - 1)

  async function takeTurn(): Promise<void> {
    if (rendering < limits.renders) {
      rendering += 1
      return
    }
    if (waiting.length >= limits.queue) {
      refused += 1
      throw new PagesError(
        'PAGES_OVERLOADED',
        `${waiting.length} pages wait to be produced and ${rendering} are being produced. Raise \`limits.queue\` or \`limits.renders\`, or find out what makes them slow.`,
        { status: 503 },
      )
    }
    // The turn is handed over by the one who ends, so the count stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve))
  }

  function endTurn(): void {
    const next = waiting.shift()
    if (next) next()
    else rendering -= 1
  }

  return {
    get refused() {
      return refused
    },
    async render(task) {
      await takeTurn()
      try {
        return await task()
      } finally {
        endTurn()
      }
    },
    refresh(task, route = '') {
      // Visitors who wait for a page come before those who have one.
      if (refreshing >= limits.refreshes || waiting.length > 0) return undefined
      const ofRoute = refreshingOf.get(route) ?? 0
      if (ofRoute >= mostOfRoute) return undefined
      refreshing += 1
      refreshingOf.set(route, ofRoute + 1)
      return task().finally(() => {
        refreshing -= 1
        const left = refreshingOf.get(route)! - 1
        if (left === 0) refreshingOf.delete(route)
        else refreshingOf.set(route, left)
      })
    },
  }
}
