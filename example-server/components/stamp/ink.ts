import { INKS } from '../../data/vocabulary.js'

/** What a vignette draws with, in a field of 100 by 100. */
export interface Plate {
  dark: string
  light: string
  paper: string
  /** A whole number that differs from stamp to stamp: where the sun stands, how many waves there are. */
  seed: number
}

export const PAPER = '#f8f3e4'

export function plateOf(stamp: { id: number; ink: number }): Plate {
  const { dark, light } = INKS[stamp.ink] ?? { dark: '#222', light: '#ddd' }
  return { dark, light, paper: PAPER, seed: stamp.id }
}

/** Engraver's lines across the field, wider apart towards the bottom, like a sky. */
export function skyLines(from: number, to: number) {
  let path = ''
  for (let y = from, gap = 2.2; y < to; y += gap, gap *= 1.09) path += `M-40 ${y.toFixed(1)}h180`
  return path
}

/** Rows of little waves. */
export function waves(from: number, rows: number) {
  let path = ''
  for (let row = 0; row < rows; row++) {
    const y = from + row * 6
    const start = -44 + (row % 2) * 6
    path += `M${start} ${y}${'q3-3 6 0t6 0'.repeat(15)}`
  }
  return path
}
