type Range = readonly [start: number, end: number]

/**
 * Collects ranges of a source text that are to disappear, and replaces them by spaces. Line ends stay, so every remaining
 * character keeps its line and column and a source map of the text stays right.
 */
export function createBlanker(code: string) {
  const ranges: Range[] = []
  const endings: string[] = []

  return {
    blank(start: number, end: number): void {
      ranges.push([start, end])
    },

    /** Blanks an element of a list between braces, with the comma after it. */
    blankElement(start: number, end: number): void {
      const next = skipTrivia(code, end)
      ranges.push([start, code[next] === ',' ? next + 1 : end])
    },

    /** Adds a line at the end, where it moves nothing. */
    append(line: string): void {
      endings.push(line)
    },

    hasChanges(): boolean {
      return ranges.length > 0
    },

    toString(): string {
      const sorted = [...ranges].sort((a, b) => a[0] - b[0])
      let text = ''
      let position = 0
      for (const [start, end] of sorted) {
        if (end <= position) continue
        text += code.slice(position, Math.max(start, position))
        text += code.slice(Math.max(start, position), end).replace(/[^\r\n\u2028\u2029]/g, ' ')
        position = end
      }
      return [text + code.slice(position), ...endings].join('\n')
    },
  }
}

export type Blanker = ReturnType<typeof createBlanker>

/** The first position at or after `from` that is neither white space nor part of a comment. */
function skipTrivia(code: string, from: number): number {
  const trivia = /(?:\s|\/\*[^]*?\*\/|\/\/[^\r\n]*)*/y
  trivia.lastIndex = from
  trivia.exec(code)
  return trivia.lastIndex
}
