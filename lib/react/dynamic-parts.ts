import { createContext } from 'react'

/** For each part of a page that was rendered, the modules that it imports: names that the build knows. Server only. */
export type RenderedParts = Set<ReadonlySet<string>>

export const PartsContext = createContext<RenderedParts | null>(null)

/** What was imported otherwise than by a part, as `lazy()` of React does: nobody can tell which page shows it. */
export const otherImports = new Set<string>()

let noted: Set<string> | undefined

/** Told by the server's modules of what they are about to import. */
export function noteImport(module: string): void {
  const found = noted ?? otherImports
  found.add(module)
}

/** Calls a part's loader, and keeps in `modules` what it imports. */
export function loadNoting<T>(loader: () => T, modules: Set<string>): T {
  noted = modules
  try {
    return loader()
  } finally {
    noted = undefined
  }
}
