import { propertyOf } from '../errors.js'

/**
 * Remembers what could not be produced for visitors who wait, so that a data source that is away is not asked by each of
 * them. The first failure may be chance, and whoever comes next tries again; from the second on, one in a second does,
 * and the others get the error that there was.
 */
export interface FailedLoads {
  /** What went wrong lately, for a key that is not to be tried again yet. */
  find(key: string): { readonly error: unknown } | undefined
  failed(key: string, error: unknown): void
  forget(key: string): void
  clear(): void
}

const LARGEST_SIZE = 1_000

/** What is thrown for reasons of its own: there was no room, or the page is not to be kept. */
const notFailures: readonly unknown[] = ['PAGES_OVERLOADED', 'PAGES_KEPT']

/** @param spacing milliseconds between two tries; 0 for none, where authors mend a page and look again */
export function createFailedLoads(elapsed: () => number, spacing: number): FailedLoads {
  const failures = new Map<string, { error: unknown; at: number; isFirst: boolean }>()

  return {
    find(key) {
      const found = failures.get(key)
      if (found === undefined || found.isFirst) return undefined
      const since = elapsed() - found.at
      return since >= 0 && since < spacing ? found : undefined
    },
    failed(key, error) {
      if (spacing === 0 || notFailures.includes(propertyOf(error, 'code'))) return
      const known = failures.get(key)
      // One from long ago says nothing of today.
      const isFirst = known === undefined || elapsed() - known.at > FORGOTTEN_AFTER
      failures.delete(key)
      failures.set(key, { error, at: elapsed(), isFirst })
      if (failures.size > LARGEST_SIZE) failures.delete(failures.keys().next().value!)
    },
    forget: (key) => void failures.delete(key),
    clear: () => failures.clear(),
  }
}

const FORGOTTEN_AFTER = 30_000
