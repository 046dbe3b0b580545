import { describeValue, PagesError } from '../errors.js'
import type { SharedLifetime } from '../page-response.js'
import type { SaidLife } from './production.js'

/** What `cached` is told of a function. */
export interface CachedOptions<Args extends readonly unknown[] = readonly unknown[]> {
  /** The function's name in the cache, and in messages. Another function of the site must have another one. */
  key: string
  /**
   * What results are about, so that `revalidate({ tag })` outdates them, and with them the static pages that were made of
   * them; a function gets the arguments.
   *
   * @default none
   */
  tags?: readonly string[] | ((...args: Args) => readonly string[])
  /** Seconds until a result is due again; `false` for never. @default 900 */
  revalidate?: number | false
  /** Seconds after which a result may not be served any more, not even once while it is refreshed. @default one year */
  expire?: number
}

/** Options with every default filled in. */
export interface CachedSettings<Args extends readonly unknown[]> {
  readonly name: string
  readonly tags: readonly string[] | ((...args: Args) => readonly string[])
  readonly revalidate: number | false
  readonly expire: number | undefined
}

const REVALIDATE_SECONDS = 900
const YEAR_SECONDS = 31_536_000
const LONGEST_NAME = 256
const MOST_TAGS = 128
const LONGEST_TAG = 256

const optionNames = ['key', 'tags', 'revalidate', 'expire']

/** Checks what `cached` was given, or throws naming it. */
export function toCachedSettings<Args extends readonly unknown[]>(
  load: unknown,
  options: CachedOptions<Args>,
): CachedSettings<Args> {
  if (typeof load !== 'function')
    throw wrong(`cached() was given ${describeValue(load)} as its first argument, but it must be a function.`)
  if (typeof options !== 'object' || options === null)
    throw wrong(
      `cached() was given ${describeValue(options)} as its options. Give the function a name: \`{ key: 'prices' }\`.`,
    )
  const { key, tags = [], revalidate = REVALIDATE_SECONDS, expire } = options
  if (typeof key !== 'string' || key === '' || key.length > LONGEST_NAME)
    throw wrong(
      `Option \`key\` of cached() is ${describeValue(key)}, but it must be a string of 1 to ${LONGEST_NAME} characters that no other function of the site has.`,
    )
  const subject = `The cached function \`${key}\` has`
  const unknown = Object.keys(options).filter((name) => !optionNames.includes(name))
  if (unknown.length > 0)
    throw wrong(
      `${subject} the option \`${unknown[0]}\`, which is not known. Known are ${optionNames.map((name) => `\`${name}\``).join(', ')}.`,
    )
  checkLife({ revalidate, expire }, subject)
  if (typeof tags !== 'function') checkTags(tags, subject)
  return { name: key, tags, revalidate, expire }
}

/** @param subject how a message begins, e.g. "The cached function `prices` has" */
export function checkLife({ revalidate, expire }: SaidLife, subject: string): void {
  if (revalidate !== false && !isSeconds(revalidate))
    throw wrong(
      `${subject} \`revalidate: ${describeValue(revalidate)}\`, but it must be a whole number of seconds, at least 1, or \`false\` for never. Call a function that is to run each time without \`cached\`.`,
    )
  if (expire === undefined) return
  if (revalidate === false || !isSeconds(expire) || expire < revalidate)
    throw wrong(
      `${subject} \`expire: ${describeValue(expire)}\`, but it must be a whole number of seconds, at least as many as \`revalidate\`, which must be a number, too.`,
    )
}

export function checkTags(tags: unknown, subject: string): readonly string[] {
  const isTag = (tag: unknown) => typeof tag === 'string' && tag !== '' && tag.length <= LONGEST_TAG
  if (Array.isArray(tags) && tags.length <= MOST_TAGS && tags.every(isTag)) return tags as string[]
  throw wrong(
    `${subject} \`tags\` that are ${describeValue(tags)}: they must be an array of at most ${MOST_TAGS} strings, each of 1 to ${LONGEST_TAG} characters.`,
  )
}

/** The life of one result: what its function said while it ran, or else its options; with the tags of all it is made of. */
export function toValueLifetime<Args extends readonly unknown[]>(
  settings: CachedSettings<Args>,
  result: { args: Args; said: SaidLife | undefined; inherited: Iterable<string> },
): SharedLifetime {
  const { revalidate, expire } = result.said ?? settings
  const { name, tags } = settings
  const own =
    typeof tags === 'function' ? checkTags(tags(...result.args), `The cached function \`${name}\` has`) : tags
  return {
    revalidateSeconds: revalidate,
    expireSeconds: expire ?? Math.max(YEAR_SECONDS, revalidate === false ? 0 : revalidate),
    tags: [...new Set([...own, ...result.inherited])],
  }
}

function isSeconds(value: unknown): value is number {
  return (
    typeof value === 'number' && value >= 1 && Number.isInteger(value) && Number.isSafeInteger(value * 1000)
  )
}

function wrong(message: string): PagesError {
  return new PagesError('PAGES_CACHED', message)
}
