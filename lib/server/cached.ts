import { valueKey } from '../cache/key.js'
import { fromValueText, toKeyText, toValueText, UnwritableValueError } from '../cache/value-text.js'
import { describeValue, PagesError, unwritableArgument, unwritableResult } from '../errors.js'
import type { ValueResponse } from '../page-response.js'
import {
  checkLife,
  checkTags,
  toCachedSettings,
  toValueLifetime,
  type CachedOptions,
} from './cached-options.js'
import { currentProduction, followProductions, withProduction, type Production } from './production.js'

/**
 * Wraps a function so that what it returns is kept in the site's cache, for each combination of arguments, and shared by
 * pages, API routes and machines. A stale result is served once more while it is refreshed behind; what fails keeps the
 * result that there was, and is never kept itself.
 *
 * A site's own code finds the site's cache: data functions, `getInitialProps`, API routes, route handlers, page
 * middlewares, and what `site.run()` runs. Anywhere else, in draft mode, and in development every call runs; in one
 * production of a page or one call of a route, calls with the same arguments are one in all cases.
 *
 * @param load its arguments are the key, so all that its result depends on must be among them; see `CachedOptions`
 * @throws PagesError `PAGES_CACHED` for a wrong option, and from calls for arguments or results that have no text
 */
export function cached<Load extends (...args: never[]) => unknown>(
  load: Load,
  options: CachedOptions<Parameters<Load>>,
): (...args: Parameters<Load>) => Promise<Awaited<ReturnType<Load>>> {
  type Args = Parameters<Load>
  type Result = Awaited<ReturnType<Load>>
  const run = async (...args: Args): Promise<Result> => (await load(...args)) as Result
  const settings = toCachedSettings(load, options)
  const { name } = settings
  followProductions()

  /** Runs the function, and writes what it has returned. */
  function produce(args: Args, values: Production['values']): Promise<ValueResponse> {
    const about = { values, isKept: true, function: { name } }
    return withProduction(about, async (production): Promise<ValueResponse> => {
      const value = await run(...args)
      const { tags, function: of } = production!
      return {
        type: 'value',
        body: Buffer.from(toResultText(name, value)),
        lifetime: toValueLifetime(settings, { args, said: of?.life, inherited: tags }),
      }
    })
  }

  async function call(production: Production, key: string, args: Args): Promise<Result> {
    const { values, isKept, tags } = production
    if (values === undefined) return withProduction({ ...production, function: { name } }, () => run(...args))
    const { body, origin } = await values.serveValue(key, () => produce(args, values), isKept)
    for (const tag of origin?.tags ?? []) tags.add(tag)
    return fromValueText(body.toString()) as Result
  }

  return async function callCached(...args: Args): Promise<Result> {
    const production = currentProduction()
    if (production === undefined) return await run(...args)
    const key = valueKey(name, toArgumentsText(name, args))
    const known = production.calls.get(key) ?? call(production, key, args)
    production.calls.set(key, known)
    return known as Promise<Result>
  }
}

/**
 * Names, from within a cached function, what its result is about, so that `revalidate({ tag })` outdates it: for tags that
 * only the result shows. Elsewhere it names what is being produced; outside of all that it does nothing.
 */
export function cacheTag(...tags: readonly string[]): void {
  const production = currentProduction()
  const name = production?.function?.name
  for (const tag of checkTags(tags, name === undefined ? 'cacheTag() was given tags' : toSubject(name)))
    production?.tags.add(tag)
}

/**
 * Says, from within a cached function, how long its result lives, in place of what its options say: `revalidate` is in
 * seconds, or `false` for never. Of two calls the last one counts.
 *
 * @throws PagesError `PAGES_CACHED` where a page or a route is being produced, whose life is said in another way
 */
export function cacheLife(life: { revalidate: number | false; expire?: number }): void {
  const production = currentProduction()
  if (typeof life !== 'object' || life === null)
    throw new PagesError(
      'PAGES_CACHED',
      `cacheLife() was given ${describeValue(life)}. Give seconds: \`{ revalidate: 60 }\`; there are no named profiles.`,
    )
  checkLife(
    life,
    production?.function === undefined ? 'cacheLife() was given' : toSubject(production.function.name),
  )
  if (production === undefined) return
  if (production.function === undefined)
    throw new PagesError(
      'PAGES_CACHED',
      'cacheLife() was called outside of a cached function. Of a page, `getStaticProps` returns `revalidate`.',
    )
  production.function.life = life
}

function toSubject(name: string): string {
  return `The cached function \`${name}\` has`
}

function toArgumentsText(name: string, args: readonly unknown[]): string {
  try {
    return toKeyText(args)
  } catch (error) {
    throw error instanceof UnwritableValueError ? unwritableArgument(name, error) : error
  }
}

function toResultText(name: string, value: unknown): string {
  try {
    return toValueText(value)
  } catch (error) {
    throw error instanceof UnwritableValueError ? unwritableResult(name, error) : error
  }
}
