import type { PageFile } from '../vite/page-files.js'
import type { PrerenderedFile, PrerenderedPath } from './prerender.js'

/** How many paths of a page are remembered, and from when on one counts as slow. */
const REMEMBERED = 3
export const SLOW_MILLISECONDS = 300

/** Sums up what was prerendered, page file by page file, in memory that does not grow with the paths. */
export function createTally() {
  const files = new Map<PageFile, PrerenderedFile>()

  return {
    add(page: PageFile, path: PrerenderedPath, revalidateSeconds: number | false): void {
      const known = files.get(page)
      files.set(page, {
        count: (known?.count ?? 0) + 1,
        revalidateSeconds: shorter(known?.revalidateSeconds ?? false, revalidateSeconds),
        paths: remember(known?.paths ?? [], path),
      })
    },
    files: (): ReadonlyMap<PageFile, PrerenderedFile> => files,
  }
}

function shorter(one: number | false, other: number | false): number | false {
  if (one === false) return other
  return other === false ? one : Math.min(one, other)
}

/** Slow paths are what the reader looks for; the others are the first of the list. */
function remember(paths: readonly PrerenderedPath[], path: PrerenderedPath): readonly PrerenderedPath[] {
  const last = paths[REMEMBERED - 1]
  if (last && compare(last, path) < 0) return paths
  return [...paths, path].sort(compare).slice(0, REMEMBERED)
}

function compare(a: PrerenderedPath, b: PrerenderedPath): number {
  return slowness(b) - slowness(a) || a.order - b.order
}

function slowness({ milliseconds }: PrerenderedPath): number {
  return milliseconds >= SLOW_MILLISECONDS ? milliseconds : 0
}
