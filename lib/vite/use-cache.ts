import { parseSync, type ESTree, type Plugin } from 'vite'
import { cachedInBrowser, unusableUseCache } from '../errors.js'
import { createBlanker } from './blank.js'
import {
  findCachedFunctions,
  MENTIONS_USE_CACHE,
  UnusableDirectiveError,
  type CachedFunction,
} from './cached-functions.js'
import { toModuleUnits } from './module-units.js'
import { toRelative } from './page-files.js'
import { blankDead, reach } from './server-exports.js'

const WRAPPER = '__pagepress_cached'
/** Begins the message of what stands in for a function in browser code. */
const STAND_IN = 'pagepress:use-cache '

/**
 * Wraps functions that begin with `'use cache'` by `cached`, with file and name for a key. Browsers get a stand-in that
 * throws; where browser code of a build still has one when everything unused has been dropped, the build fails.
 */
export function useCache(site: { readonly root: string }): Plugin {
  return {
    name: 'pagepress:use-cache',
    transform: {
      filter: { id: { exclude: /\/node_modules\/|^\0/ }, code: MENTIONS_USE_CACHE },
      handler(code, id) {
        const file = toRelative(site.root, id.replace(/\?.*$/, ''))
        const found = find(file, code)
        if (found.functions.length === 0) return undefined
        const isBrowser = this.environment.config.consumer === 'client'
        // Lines stay where they are, and so does all that stands in lines of its own.
        return { code: isBrowser ? standIn(code, file, found) : wrap(code, file, found.functions), map: null }
      },
    },
    generateBundle(_options, bundle) {
      if (this.environment.config.consumer !== 'client') return
      for (const part of Object.values(bundle)) {
        const [, name, file] = (part.type === 'chunk' && STANDS_IN.exec(part.code)) || []
        if (name !== undefined) throw cachedInBrowser(name, file!)
      }
    },
  }
}

const STANDS_IN = new RegExp(`${STAND_IN}(\\S+) of ([^"'\`]+?) runs on the server`)

interface Found {
  readonly program: ESTree.Program
  readonly functions: readonly CachedFunction[]
}

function find(file: string, code: string): Found {
  const { program } = parseSync(file, code, { lang: 'js', range: true, preserveParens: false })
  try {
    return { program, functions: findCachedFunctions(code, program) }
  } catch (error) {
    throw error instanceof UnusableDirectiveError ? unusableUseCache(file, error.message) : error
  }
}

function wrap(code: string, file: string, functions: readonly CachedFunction[]): string {
  const optionsOf = ({ name }: CachedFunction) => `{ key: ${JSON.stringify(`use cache ${file}#${name}`)} }`
  const edits: Edit[] = []
  // Declarations are there before anything runs, and so is what takes their place.
  let head = `import { cached as ${WRAPPER} } from 'pagepress';`
  for (const one of functions) {
    if (one.isDeclared) {
      head += `${one.name} = ${WRAPPER}(${one.name}, ${optionsOf(one)});`
      continue
    }
    edits.push({ start: one.start, end: one.start, text: `${WRAPPER}(` })
    edits.push({ start: one.end, end: one.end, text: `, ${optionsOf(one)})${one.ending}` })
  }
  return head + apply(code, edits)
}

function standIn(code: string, file: string, { program, functions }: Found): string {
  const edits = functions.map(({ name, body: { start, end } }) => {
    const message = `${STAND_IN}${name} of ${file} runs on the server alone, because it begins with 'use cache'. Call it in a data function, or in an API route that the browser asks.`
    const lines = code.slice(start, end).replace(/[^\n]/g, '')
    return { start, end, text: `{ throw new Error(${JSON.stringify(message)})${lines} }` }
  })
  return apply(withoutServerPart(code, program, functions), edits)
}

/** Takes out imports and declarations that only the functions' bodies use; what is left stands where it stood. */
function withoutServerPart(
  code: string,
  program: ESTree.Program,
  functions: readonly CachedFunction[],
): string {
  const isInside = (position: number) =>
    functions.some(({ body }) => position >= body.start && position < body.end)
  const units = toModuleUnits(program, (position) => !isInside(position))
  const inner = new Set(toModuleUnits(program, isInside).flatMap(({ uses }) => [...uses]))
  const seeds = units.filter(({ declares }) => declares.some((name) => inner.has(name)))
  const tainted = reach(units, seeds)
  const live = reach(
    units,
    units.filter((unit) => !tainted.has(unit) || unit.exports.length > 0),
  )
  const dead = new Set([...tainted].filter((unit) => !live.has(unit)))
  return blankDead(createBlanker(code), units, { dead, live, goingExports: new Set() }).toString()
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

function apply(code: string, edits: readonly Edit[]): string {
  let result = ''
  let position = 0
  for (const { start, end, text } of edits.toSorted((a, b) => a.start - b.start)) {
    result += code.slice(position, start) + text
    position = end
  }
  return result + code.slice(position)
}
