import type { Coding } from '../cache/body.js'

/** Answers are remembered: browsers send few different headers. Strangers may send many, so the memory is bounded. */
const answers = new Map<string, Coding | undefined>()
const LARGEST_MEMORY = 100
/** No browser sends a longer one. */
const LONGEST_HEADER = 256

/**
 * The coding to send, brotli before gzip where the client likes both the same; `undefined` for the bytes as they are.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
 */
export function negotiateCoding(acceptEncoding: string | undefined): Coding | undefined {
  if (acceptEncoding === undefined || acceptEncoding.length > LONGEST_HEADER) return undefined
  if (answers.has(acceptEncoding)) return answers.get(acceptEncoding)
  if (answers.size >= LARGEST_MEMORY) answers.clear()
  const coding = choose(parseWeights(acceptEncoding))
  answers.set(acceptEncoding, coding)
  return coding
}

function choose(weights: ReadonlyMap<string, number>): Coding | undefined {
  const weigh = (coding: string) => weights.get(coding) ?? weights.get('*') ?? 0
  const brotli = weigh('br')
  const gzip = weigh('gzip')
  if (brotli === 0 && gzip === 0) return undefined
  return brotli >= gzip ? 'br' : 'gzip'
}

function parseWeights(header: string): Map<string, number> {
  const weights = new Map<string, number>()
  for (const part of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim())
    const quality = parameters.find((parameter) => parameter.startsWith('q='))
    const weight = quality === undefined ? 1 : Number(quality.slice(2))
    weights.set(name === 'x-gzip' ? 'gzip' : name, weight >= 0 && weight <= 1 ? weight : 0)
  }
  return weights
}
