import type { Rolldown } from 'vite'

export type Chunk = Rolldown.OutputChunk

/** The chunks among a bundle's files, by their names. */
export function chunksByName(output: readonly (Chunk | Rolldown.OutputAsset)[]): ReadonlyMap<string, Chunk> {
  return new Map(output.flatMap((part) => (part.type === 'chunk' ? [[part.fileName, part]] : [])))
}

/** A chunk and everything it imports without waiting, itself first. */
export function closure(from: Chunk, chunks: ReadonlyMap<string, Chunk>): Set<Chunk> {
  const found = new Set([from])
  for (const chunk of found)
    for (const name of chunk.imports) {
      const imported = chunks.get(name)
      if (imported) found.add(imported)
    }
  return found
}
