// What pages that export `getClientProps` or `shouldRefetch` need of the router; only they load it.
import { describeValue } from '../errors.js'
import type { ClientModule, ClientSite } from '../protocol/client-site.js'
import type { DataBody } from '../protocol/payload.js'
import { findRedirectProblems, readRedirect } from '../protocol/redirect-shape.js'
import type { UrlStyle } from '../react/href.js'
import type { GetClientProps, GetClientPropsContext } from '../types.js'
import { AuthorError } from './author-error.js'
import type { PageTask } from './page-loader.js'
import type { PageState } from './page-state.js'
import { resolveUrl } from './page-url.js'

type PropsBody = Extract<DataBody, { pageProps: unknown }>

export interface ClientPropsTask extends PageTask {
  /** The page's code, on its way. */
  readonly module: Promise<ClientModule>
  readonly site: ClientSite
  readonly signal: AbortSignal | undefined
  /** What `_app` has beside the page's props, and whether this is draft mode, as long as the server is not asked. */
  readonly before: PropsBody
  /** Asks the server for the page's data. */
  ask(): Promise<DataBody>
}

/** Runs `getClientProps`. Rejects with what `ask` has rejected with, or with an `AuthorError`. */
export async function loadClientProps(task: ClientPropsTask): Promise<DataBody> {
  const { page, params, query, asPath, site, ask, signal = new AbortController().signal } = task
  const { getClientProps } = await task.module
  // Where the author has none after all: the name is known before its value.
  if (getClientProps === undefined) return ask()
  let known = task.before
  let answer: Promise<object> | undefined
  let failure: unknown
  let leave!: (elsewhere: DataBody) => void
  const elsewhere = new Promise<DataBody>((resolve) => (leave = resolve))

  async function askOnce(): Promise<object> {
    signal.throwIfAborted()
    const body = await ask().catch((error) => {
      failure = error
      throw error
    })
    if ('pageProps' in body) {
      known = body
      return { ...body.pageProps }
    }
    leave(body)
    throw new Error(`The server has no props for this page, but leads elsewhere: ${JSON.stringify(body)}`)
  }
  function serverProps(): Promise<object> {
    answer ??= askOnce()
    // The author may be waiting for something else.
    answer.catch(() => {})
    return answer
  }
  async function run(): Promise<DataBody> {
    const context: GetClientPropsContext = {
      params: params as GetClientPropsContext['params'],
      query,
      pathname: page.route,
      asPath,
      signal,
      serverProps,
    }
    const result = await toBody(await (getClientProps as GetClientProps)(context), page.client!.file)
    if ('notFound' in result && hasServerNotFound(site)) throw nothingFound(page.client!.file)
    return 'pageProps' in result ? { ...known, ...result } : result
  }

  try {
    return await Promise.race([elsewhere, run()])
  } catch (error) {
    if (signal.aborted || error instanceof AuthorError || (failure !== undefined && error === failure))
      throw error
    reportError(error)
    // Anything may be thrown, and the error page wants an error that can be told its status.
    const cause =
      error instanceof Error && Object.isExtensible(error)
        ? error
        : new Error(String(error), { cause: error })
    // What the error page will show, unless the author's error knows better.
    if (!('statusCode' in cause)) Object.assign(cause, { statusCode: 500 })
    throw new AuthorError('getClientProps failed', { cause })
  }
}

/** Whether the 404 page has props, which are in its documents alone: it cannot be shown in place. */
function hasServerNotFound({ pages }: ClientSite): boolean {
  return pages.some(({ route, data }) => route === '/404' && data === 'static')
}

/** For the error page, which stands in for the 404 page: the server may well have what the browser has not found. */
function nothingFound(file: string): AuthorError {
  const cause = Object.assign(new Error(`\`getClientProps\` of \`${file}\` found nothing.`), {
    statusCode: 404,
  })
  return new AuthorError('not found', { cause })
}

const KEYS = ['props', 'redirect', 'notFound']

/** Reads what `getClientProps` returned, as strictly as the server reads `getServerSideProps`. */
async function toBody(result: unknown, file: string): Promise<DataBody> {
  const refuse = (what: string) => new Error(`\`getClientProps\` of \`${file}\` ${what}`)
  if (!isObject(result))
    throw refuse(
      `did not return an object, but ${describeValue(result)}. Did you forget a \`return\`? Return \`{ props: {...} }\`.`,
    )
  const other = Object.keys(result).filter((key) => !KEYS.includes(key))
  if (other.length > 0)
    throw refuse(
      `returned \`${other.join('`, `')}\`, which it may not: move what the page needs under \`props\`.`,
    )
  const { notFound, redirect } = result
  if (notFound && redirect)
    throw refuse('returned both `notFound` and `redirect`, which cannot be combined. Return one of them.')
  if (notFound) return { notFound: true }
  if (redirect !== undefined) {
    const problems = isObject(redirect)
      ? findRedirectProblems(redirect)
      : [`it is ${describeValue(redirect)}`]
    if (problems.length > 0)
      throw refuse(`returned a \`redirect\` that is not well formed: ${problems.join('; ')}.`)
    const { destination, status, basePath } = readRedirect(redirect as Record<string, unknown>)
    return { redirect: { destination, status, ...(!basePath && { basePath }) } }
  }
  const props = await result['props']
  if (!isObject(props))
    throw refuse(
      `returned props that are ${describeValue(props)}, not a plain object. Return \`{ props: {...} }\`.`,
    )
  return { pageProps: props }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A navigation from a page to the page itself. */
export interface Move {
  readonly task: PageTask
  /** The page's code, which is there already. */
  readonly module: Promise<ClientModule>
  readonly to: URL
  readonly style: UrlStyle
  /** Data that need not be asked for. */
  readonly known: DataBody | undefined
  /** The page as it is. */
  readonly shown: PageState
}

/** Whether a page wants data for another URL of itself. What is no answer of its `shouldRefetch` is reported. */
export async function wantsData({ task, module, to, style, known, shown }: Move): Promise<boolean> {
  const { shouldRefetch } = await module
  const { page, params = {}, isReload } = task
  if (isReload || typeof shouldRefetch !== 'function') return true
  const { file } = page.client!
  const report = (what: string, cause?: unknown) => {
    reportError(new Error(`\`shouldRefetch\` of \`${file}\` ${what} The data was fetched.`, { cause }))
    return true
  }
  // Data of a static page is the same for every search.
  const isSameData =
    page.data === 'static' &&
    Object.keys(params).every((name) => String(params[name]) === String(shown.query[name]))
  try {
    const from = resolveUrl(shown.asPath, shown.asPath, style)
    const context = { from, to: new URL(to), defaultShouldRefetch: !(isSameData && known) }
    const answer: unknown = shouldRefetch(context)
    if (typeof answer === 'boolean') return answer
    return report(`returned ${describeValue(answer)}. Return \`true\` or \`false\`.`)
  } catch (error) {
    return report(`failed: ${String(error)}.`, error)
  }
}
