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

/** Slow paths are what the reader looks for; the others stay in the order in which they came. */
function remember(paths: readonly PrerenderedPath[], path: PrerenderedPath): readonly PrerenderedPath[] {
  const isSlow = path.milliseconds >= SLOW_MILLISECONDS
  if (paths.length === REMEMBERED && !isSlow) return paths
  const slowness = ({ milliseconds }: PrerenderedPath) =>
    milliseconds >= SLOW_MILLISECONDS ? milliseconds : 0
  return [...paths, path].sort((a, b) => slowness(b) - slowness(a)).slice(0, REMEMBERED)
}
