import { dataResultError, describeValue, PagesError } from '../errors.js'
import type { Lifetime, NotFoundResponse, RedirectResponse, SharedLifetime } from '../page-response.js'
import type { GetServerSidePropsContext, GetStaticPropsContext } from '../types.js'
import { PRIVATE, toLifetime } from './lifetime.js'
import type { PageModule } from './page-module.js'
import { toRedirect } from './redirect.js'
import { assertSerializable } from './serializable.js'
import type { Warnings } from './warnings.js'

/** What a page's data function led to. */
export type DataResult = PropsResult | RedirectResponse | NotFoundResponse

export interface PropsResult {
  readonly type: 'props'
  /** All of them. */
  readonly props: Record<string, unknown>
  /** Names of those that the document's HTML shows and its script leaves out; at least one. */
  readonly serverOnly: readonly string[] | undefined
  readonly lifetime: Lifetime
}

export interface DataCaller {
  /** The page's file, for messages. */
  readonly file: string
  /** The page's URL path, for messages. */
  readonly url: string
  /** Look for values that JSON cannot carry: in development and while building. Production trusts what it was built from. */
  readonly checksProps: boolean
  readonly warnings: Warnings
}

type Result = Record<string, unknown>

/** Runs `getStaticProps` and reads its result. */
export async function loadStaticProps(
  page: PageModule,
  context: GetStaticPropsContext,
  caller: DataCaller,
): Promise<DataResult> {
  const fn = 'getStaticProps'
  const result: unknown = await page.getStaticProps!(context)
  assertResult(result, { fn, file: caller.file, allowed: staticKeys })
  if (result['keep'] === true) throw nothingToKeep(caller.file, caller.url)
  // Not `??`: a `null` is a mistake, and is told of.
  const { revalidate = page.config.revalidate } = result
  const timed = { ...result, revalidate }
  const lifetime = toLifetime(timed, { fn, ...caller })
  warnOfLongLife(lifetime, caller)
  if (result['notFound'])
    return { type: 'not-found', lifetime: toLifetime(timed, { fn, ...caller, isNotFound: true }) }
  if (result['redirect'] !== undefined)
    return toRedirect(result['redirect'], { fn, url: caller.url, lifetime })
  const { props, serverOnly } = toAllProps(result['props'], result['serverOnly'], { fn, caller })
  return { type: 'props', props, serverOnly, lifetime }
}

const serverKeys = ['props', 'redirect', 'notFound', 'serverOnly']
const staticKeys = ['props', 'revalidate', 'redirect', 'notFound', 'tags', 'expire', 'keep', 'serverOnly']

/** A refresh ends with it and keeps the page; where there is none, it is the reason. */
function nothingToKeep(file: string, url: string): PagesError {
  return new PagesError(
    'PAGES_KEPT',
    `\`getStaticProps\` in \`${file}\` returned \`keep: true\` for \`${url}\`, and there is no page to keep. Return props at the first time, or throw an error that says what is missing.`,
    { status: 503 },
  )
}

/** Runs `getServerSideProps` and reads its result. */
export async function loadServerProps(
  page: PageModule,
  context: GetServerSidePropsContext,
  caller: DataCaller,
): Promise<DataResult | undefined> {
  const fn = 'getServerSideProps'
  const result: unknown = await page.getServerSideProps!(context)
  // The function answers by itself, now or later; what it returned does not matter any more.
  if (context.res.headersSent) return undefined
  assertResult(result, { fn, file: caller.file, allowed: serverKeys })
  if (result['notFound']) return { type: 'not-found', lifetime: PRIVATE }
  if (result['redirect'] !== undefined)
    return toRedirect(result['redirect'], { fn, url: caller.url, lifetime: PRIVATE })
  const { props, serverOnly } = toAllProps(await result['props'], result['serverOnly'], { fn, caller })
  return { type: 'props', props, serverOnly, lifetime: PRIVATE }
}

const YEAR_SECONDS = 31_536_000

function warnOfLongLife({ revalidateSeconds }: SharedLifetime, { file, url, warnings }: DataCaller): void {
  if (revalidateSeconds !== false && revalidateSeconds > YEAR_SECONDS)
    warnings.once(
      `revalidate ${file}`,
      `\`getStaticProps\` of \`${file}\` returned \`revalidate: ${revalidateSeconds}\` for \`${url}\`, which is more than a year. Use \`false\` for never, if that is what is meant.`,
    )
}

const renamedKeys = new Map([
  ['unstable_revalidate', 'revalidate'],
  ['unstable_notFound', 'notFound'],
  ['unstable_redirect', 'redirect'],
])

function assertResult(
  result: unknown,
  { fn, file, allowed }: { fn: string; file: string; allowed: readonly string[] },
): asserts result is Result {
  if (typeof result !== 'object' || result === null || Array.isArray(result))
    throw dataResultError(
      fn,
      file,
      `did not return an object, but ${describeValue(result)}. Did you forget a \`return\`? Return \`{ props: {...} }\`.`,
    )
  const additional = Object.keys(result).filter((key) => !allowed.includes(key))
  for (const key of additional) {
    const renamed = renamedKeys.get(key)
    if (renamed !== undefined)
      throw dataResultError(fn, file, `returned \`${key}\`. Rename it to \`${renamed}\`.`)
  }
  if (additional.length > 0)
    throw dataResultError(
      fn,
      file,
      `returned additional keys: ${additional.map((key) => `\`${key}\``).join(', ')}. Additional keys were returned beside ${allowed.map((key) => `\`${key}\``).join(', ')}: move what the page needs under \`props\`.`,
    )
  const { notFound, redirect } = result as Result
  if (notFound && redirect)
    throw dataResultError(
      fn,
      file,
      'returned both `notFound` and `redirect`, which cannot be combined. Return one of them.',
    )
  const beside = Object.keys(result).find((key) => key !== 'keep')
  if ((result as Result)['keep'] === true && beside !== undefined)
    throw dataResultError(
      fn,
      file,
      `returned \`keep: true\` beside \`${beside}\`: a page that is kept gets nothing new. Return one or the other.`,
    )
  if (!allowed.some((key) => key in result))
    throw dataResultError(
      fn,
      file,
      `returned an object without any of ${allowed.map((key) => `\`${key}\``).join(', ')}. Return \`{ props: {...} }\`.`,
    )
}

/** What the component gets, of `props` and `serverOnly` alike. */
function toAllProps(
  given: unknown,
  serverOnly: unknown,
  { fn, caller }: { fn: string; caller: DataCaller },
): Pick<PropsResult, 'props' | 'serverOnly'> {
  const props = toProps(given, fn, caller)
  if (serverOnly === undefined) return { props, serverOnly }
  const { file, checksProps } = caller
  // As a value of that name, so that a message says where it lies.
  if (checksProps) assertSerializable({ serverOnly }, { fn, file })
  const isObject = typeof serverOnly === 'object' && serverOnly !== null && !Array.isArray(serverOnly)
  const isPromise = isObject && 'then' in serverOnly && typeof serverOnly.then === 'function'
  if (!isObject || isPromise)
    throw dataResultError(
      fn,
      file,
      `returned \`serverOnly\` that is ${isPromise ? 'a promise' : describeValue(serverOnly)}, not a plain object. Return \`{ props: {...}, serverOnly: { html } }\`.`,
    )
  const names = Object.keys(serverOnly)
  if (names.length === 0) return { props, serverOnly: undefined }
  const twice = names.find((name) => Object.hasOwn(props, name))
  if (twice !== undefined)
    throw dataResultError(
      fn,
      file,
      `returned \`${twice}\` both in \`props\` and in \`serverOnly\`. Leave it in one of them: the component gets both.`,
    )
  // Two that are spread have a shape of their own each time.
  const both = [...Object.entries(props), ...Object.entries(serverOnly)]
  return { props: Object.fromEntries(both), serverOnly: names }
}

function toProps(props: unknown, fn: string, { file, checksProps }: DataCaller): Record<string, unknown> {
  if (checksProps) assertSerializable(props, { fn, file })
  if (typeof props !== 'object' || props === null || Array.isArray(props))
    throw dataResultError(
      fn,
      file,
      `returned props that are ${describeValue(props)}, not a plain object. Return \`{ props: {...} }\`.`,
    )
  // It would be an object without keys: a page without its data, kept for everybody.
  if ('then' in props && typeof props.then === 'function')
    throw dataResultError(fn, file, 'returned props that are a promise. Wait for it: `{ props: await ... }`.')
  return props as Record<string, unknown>
}
