import { dataResultError, describeValue } from '../errors.js'
import type { Lifetime, SharedLifetime } from '../page-response.js'

/** A response for one visitor, one time. */
export const PRIVATE: Lifetime = 'private'

const YEAR_SECONDS = 31_536_000
/** How long a page that is gone stays so without being asked again, when its author did not say. */
export const NOT_FOUND_SECONDS = 60

/** The lifetime of a page that never changes until it is built again. */
export const FOR_EVER: SharedLifetime = { revalidateSeconds: false, expireSeconds: YEAR_SECONDS }

/** The lifetime of what says how long it lives with `export const revalidate`, or with nothing. */
export function toStaticLifetime(revalidateSeconds: number | false | undefined): SharedLifetime {
  if (revalidateSeconds === undefined || revalidateSeconds === false) return FOR_EVER
  return { revalidateSeconds, expireSeconds: Math.max(YEAR_SECONDS, revalidateSeconds) }
}

export interface LifetimeCaller {
  readonly fn: string
  readonly file: string
  readonly url: string
  readonly isNotFound?: boolean
}

/** Reads `revalidate` of a `getStaticProps` result. Throws for what is no duration. */
export function toLifetime(result: Record<string, unknown>, caller: LifetimeCaller): SharedLifetime {
  const { revalidate, expire, tags } = result
  const revalidateSeconds = toSeconds(revalidate, caller)
  const isUntoldNotFound = caller.isNotFound === true && revalidateSeconds === false
  return {
    revalidateSeconds: isUntoldNotFound ? NOT_FOUND_SECONDS : revalidateSeconds,
    expireSeconds: toExpireSeconds(expire, revalidateSeconds, caller),
    ...(tags !== undefined && { tags: toTags(tags, caller) }),
  }
}

function toExpireSeconds(expire: unknown, revalidateSeconds: number | false, caller: LifetimeCaller): number {
  if (expire === undefined) return Math.max(YEAR_SECONDS, revalidateSeconds === false ? 0 : revalidateSeconds)
  const isUsable = typeof expire === 'number' && Number.isSafeInteger(expire * 1000)
  if (isUsable && revalidateSeconds !== false && Number.isInteger(expire) && expire >= revalidateSeconds)
    return expire
  throw dataResultError(
    caller.fn,
    caller.file,
    `returned \`expire: ${describeValue(expire)}\` for \`${caller.url}\`: it must be a whole number of seconds, at least as many as \`revalidate\`, which must be there, too.`,
  )
}

const MOST_TAGS = 128
const LONGEST_TAG = 256

function toTags(tags: unknown, { fn, file, url }: LifetimeCaller): readonly string[] {
  const isTag = (tag: unknown) => typeof tag === 'string' && tag !== '' && tag.length <= LONGEST_TAG
  if (Array.isArray(tags) && tags.length <= MOST_TAGS && tags.every(isTag))
    return [...new Set(tags as string[])]
  throw dataResultError(
    fn,
    file,
    `returned \`tags\` for \`${url}\` that are ${describeValue(tags)}: they must be an array of at most ${MOST_TAGS} strings, each of 1 to ${LONGEST_TAG} characters.`,
  )
}

function toSeconds(revalidate: unknown, { fn, file, url }: LifetimeCaller): number | false {
  if (revalidate === undefined || revalidate === false) return false
  if (revalidate === true) return 1
  const refuse = (what: string) => {
    throw dataResultError(
      fn,
      file,
      `returned \`revalidate: ${describeValue(revalidate)}\` for \`${url}\`: ${what}`,
    )
  }
  if (typeof revalidate !== 'number' || Number.isNaN(revalidate))
    return refuse('it must be a natural number of seconds, `true` for one second, or `false` for never.')
  if (revalidate <= 0)
    return refuse(
      'it can not be less than or equal to zero. Use `false` for never, or `getServerSideProps` for every request.',
    )
  if (!Number.isInteger(revalidate))
    return refuse(
      Number.isFinite(revalidate)
        ? `it must be a natural number. Mixed numbers are not: use e.g. \`${Math.ceil(revalidate)}\` (Math.ceil).`
        : 'it must be a natural number. Use `false` for never.',
    )
  if (!Number.isSafeInteger(revalidate * 1000))
    return refuse('it is longer than time goes on here. Use `false` for never.')
  return revalidate
}
