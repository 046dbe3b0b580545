type Range = readonly [start: number, end: number, isStatement?: boolean]

/**
 * Collects ranges of a source text that are to disappear, and replaces them by spaces. Line ends stay, so every remaining
 * character keeps its line and column and a source map of the text stays right.
 */
export function createBlanker(code: string) {
  const ranges: Range[] = []
  const endings: string[] = []

  function rest(replace: (gone: string, isStatement: boolean) => string): string {
    let text = ''
    let position = 0
    for (const [start, end, isStatement = false] of [...ranges].sort((a, b) => a[0] - b[0])) {
      if (end <= position) continue
      const from = Math.max(start, position)
      text += code.slice(position, from) + replace(code.slice(from, end), isStatement)
      position = end
    }
    return [text + code.slice(position), ...endings].join('\n')
  }

  return {
    blank(start: number, end: number): void {
      ranges.push([start, end])
    },

    /** Blanks a whole statement. A semicolon stays, without which the lines around it could become one statement. */
    blankStatement(start: number, end: number): void {
      ranges.push([start, end, true])
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
      return rest((gone, isStatement) => {
        const spaces = gone.replace(/[^\r\n\u2028\u2029]/g, ' ')
        return isStatement ? `;${spaces.slice(1)}` : spaces
      })
    },

    /** What stays, without the spaces: the same text for the same rest, wherever in the module it stands. */
    toKept(): string {
      return rest(() => '')
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
