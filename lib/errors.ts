/**
 * Every way the library can complain. Recognise an error by `code`, which never changes, not by `instanceof`.
 *
 * A message says what is wrong, naming the file, route or option, and then what to do about it.
 */
export class PagesError extends Error {
  override readonly name = 'PagesError'
  /** Permanent, e.g. `PAGES_OPTION`. */
  readonly code: PagesErrorCode
  /** The HTTP status this error asks for, when it has one of its own. */
  readonly status: number | undefined

  constructor(code: PagesErrorCode, message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.status = options.status
  }
}

const apiErrorMark: unique symbol = Symbol.for('pagepress.ApiError') as never

/**
 * Thrown by an API route, it is the answer: this status, and this message as plain text. The message is for the
 * client to read, in production too; anything else that is thrown is a 500 that tells nothing.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly statusCode: number
  readonly [apiErrorMark] = true

  /** @param statusCode from 400 to 599 */
  constructor(statusCode: number, message: string) {
    super(message)
    if (!Number.isInteger(statusCode) || statusCode < 400 || statusCode > 599)
      throw new PagesError(
        'PAGES_API',
        `new ApiError() was given the status ${describeValue(statusCode)}, but it must be a whole number from 400 to 599.`,
      )
    this.statusCode = statusCode
  }
}

/** Also one of another copy of this package, and never an error that merely has a status. */
export function isApiError(error: unknown): error is ApiError {
  return propertyOf(error, apiErrorMark) === true
}

/** What each code stands for; the reference page of the documentation is made from this table. */
export const errorCodes = {
  PAGES_OPTION: 'An option of `pages()` has a value it cannot take.',
  PAGES_CONFIG: 'A key of the configuration file has a value it cannot take.',
  PAGES_BUILD_MISSING: 'Production was asked for, and there is no build to serve.',
  PAGES_BUILD_UNUSABLE: 'The build folder was made by another version, or is damaged.',
  PAGES_DIR_MISSING: 'There is no pages folder.',
  PAGES_BUILD_FAILED: 'Pages could not be produced while building.',
  PAGES_ROUTE_CONFLICT: 'Two files claim the same URLs.',
  PAGES_ROUTE_NAME: 'The name of a page file is no valid route.',
  PAGES_PAGE_EXPORTS: 'A page module exports something it may not, or lacks its component.',
  PAGES_DATA_RESULT: 'A data function returned something it may not.',
  PAGES_DATA_PROPS: 'Props hold a value that JSON cannot carry.',
  PAGES_STATIC_PATHS:
    '`getStaticPaths` or `generateStaticParams` is missing or returned something it may not.',
  PAGES_REDIRECT: 'A redirect is not well formed.',
  PAGES_INITIAL_PROPS: '`getInitialProps` returned something it may not.',
  PAGES_DOCUMENT: 'A custom `_document` returned something it may not.',
  PAGES_STYLES: 'A style sheet is imported where it cannot be.',
  PAGES_RENDER_TIMEOUT: 'A page took longer than `limits.timeoutMs` to produce.',
  PAGES_OVERLOADED: 'More pages are waiting to be produced than `limits.queue` allows.',
  PAGES_STORE: 'The store of cached pages did not answer, or failed.',
  PAGES_KEPT: 'A page said that it could not be refreshed, and there is none to keep.',
  PAGES_REVALIDATE: 'An on-demand revalidation was asked for something that cannot be revalidated.',
  PAGES_CACHED: 'A function wrapped by `cached` has a wrong option, or takes or returns what cannot be kept.',
  PAGES_USE_CACHE: "A `'use cache'` directive stands where it cannot be honoured.",
  PAGES_CLOSED: 'The site was closed.',
  PAGES_API: 'An API route is not well formed.',
  PAGES_DRAFT: 'Draft or preview mode was asked for something it cannot do.',
  PAGES_HANDLER: 'A route handler did not answer with a `Response`, or answered what cannot be kept.',
  PAGES_UNSUPPORTED: 'A feature of the Pages Router that this library does not have.',
  PAGES_PEER_MISSING: 'A package that this feature needs is not installed.',
  PAGES_CLI: 'The command line was not understood.',
  PAGES_BUG: 'An invariant of this library broke: please report it.',
} as const

export type PagesErrorCode = keyof typeof errorCodes

export function isErrorCode(value: unknown): value is PagesErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value)
}

/** Shows a received value in a message: short, quoted, with its type where that is the news. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value)
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean')
    return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** A property of something that was thrown, which may be anything: also what throws when it is touched. */
export function propertyOf(thrown: unknown, name: string | symbol): unknown {
  try {
    return (thrown as Record<string | symbol, unknown> | null | undefined)?.[name]
  } catch {
    return undefined
  }
}

/** What something that was thrown says for itself, as a sentence. */
export function toReason(thrown: unknown): string {
  // Where several addresses were tried in vain, there is a code and no message.
  const text = String(propertyOf(thrown, 'message') || propertyOf(thrown, 'code') || describeValue(thrown))
  return /[.!?]$/.test(text) ? text : `${text}.`
}

export function wrongOption(name: string, received: unknown, expected: string): PagesError {
  return new PagesError(
    'PAGES_OPTION',
    `Option \`${name}\` of pages() is ${describeValue(received)}, but it must be ${expected}.`,
  )
}

export function wrongRouteName(file: string, problem: string): PagesError {
  return new PagesError('PAGES_ROUTE_NAME', `\`${file}\` is no valid name for a page: ${problem}`)
}

/** Two page files that the router cannot tell apart, each given with its route. */
export function conflictingRoutes(
  first: { readonly route: string; readonly file: string },
  second: { readonly route: string; readonly file: string },
  remedy: string,
): PagesError {
  return new PagesError(
    'PAGES_ROUTE_CONFLICT',
    `\`${first.file}\` (${first.route}) and \`${second.file}\` (${second.route}) claim the same URLs: ${remedy}`,
  )
}

/** The configuration file holds something it may not. `file` is relative to the root. */
export function wrongConfig(file: string, problem: string): PagesError {
  return new PagesError('PAGES_CONFIG', `\`${file}\`: ${problem}`)
}

export function unsupportedConfig(file: string, key: string, remedy: string): PagesError {
  return new PagesError('PAGES_UNSUPPORTED', `\`${file}\`: the key \`${key}\` is not supported. ${remedy}`)
}

export function unreadableConfig(file: string, cause: unknown): PagesError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new PagesError('PAGES_CONFIG', `\`${file}\` could not be loaded: ${reason}`, { cause })
}

export function missingPagesFolder(root: string, looked: readonly string[]): PagesError {
  return new PagesError(
    'PAGES_DIR_MISSING',
    `Couldn't find any \`pages\` folder in ${root}: ${looked.map((path) => `\`${path}\``).join(' and ')} ` +
      `${looked.length > 1 ? 'do' : 'does'} not exist. Create one with an \`index\` page, or pass \`root\` or \`pagesDir\`.`,
  )
}

export function emptyPagesFolder(pagesDir: string, extensions: readonly string[]): PagesError {
  return new PagesError(
    'PAGES_DIR_MISSING',
    `\`${pagesDir}\` holds no page. A page is a file ending in ${extensions.map((one) => `\`.${one}\``).join(', ')} with a component as its default export.`,
  )
}

/** Files of the public folder at URLs that belong to pages, or to us. */
export function conflictingPublicFiles(
  conflicts: readonly { path: string; file: string; with: string }[],
): PagesError {
  const lines = conflicts.map((one) => `\n  ${one.path}: \`${one.file}\` and ${one.with}`)
  return new PagesError(
    'PAGES_ROUTE_CONFLICT',
    `Files of the public folder have the URLs of pages. Rename or remove one of each pair:${lines.join('')}`,
  )
}

export function reservedPublicFolder(folder: string): PagesError {
  return new PagesError(
    'PAGES_ROUTE_CONFLICT',
    `\`${folder}\` clashes with URLs that the library serves itself. Rename the folder.`,
  )
}

export function unparsablePage(file: string, problem: string): PagesError {
  return new PagesError(
    'PAGES_PAGE_EXPORTS',
    `\`${file}\` cannot be parsed. Correct the syntax: ${problem.trimEnd()}`,
  )
}

export function wrongStaticPaths(file: string, problem: string): PagesError {
  return new PagesError('PAGES_STATIC_PATHS', `\`${file}\`: ${problem}`)
}

export function wrongStaticParams(file: string, problem: string): PagesError {
  return new PagesError('PAGES_STATIC_PATHS', `\`generateStaticParams\` of \`${file}\` ${problem}`)
}

export function noResponse(file: string, method: string, received: unknown): PagesError {
  return new PagesError(
    'PAGES_HANDLER',
    `No response is returned from the route handler \`${file}\`: \`${method}\` returned ${describeValue(received)}. Return a \`Response\` in every case, e.g. \`Response.json({…})\`.`,
  )
}

/** The request's body is gone before the route handler could read it. */
export function consumedBody(file: string, contentType: string): PagesError {
  return new PagesError(
    'PAGES_HANDLER',
    `The route handler \`${file}\` reads a body (${contentType || 'without a Content-Type'}) that a middleware of the app has read already, and that cannot be made again from \`req.body\`. Keep that middleware away from the path, or use what it made of the body in an API route.`,
  )
}

/** An answer for everybody that says something to one visitor. */
export function cookieForEverybody(file: string, pathname: string): PagesError {
  return new PagesError(
    'PAGES_HANDLER',
    `\`GET\` of \`${file}\` sets a cookie in the answer for \`${pathname}\`, which is kept for everybody. Export \`dynamic = 'force-dynamic'\`, or leave the cookie out.`,
  )
}

export function outsideHandler(fn: string): string {
  return `\`${fn}()\` of pagepress works inside a route handler only. In a data function return \`redirect\` or \`notFound\`.`
}

export function unsupportedImport(specifier: string, importer: string, remedy: string): PagesError {
  return new PagesError(
    'PAGES_UNSUPPORTED',
    `\`${importer}\` imports \`${specifier}\`, which is not supported. ${remedy}`,
  )
}

export function unsupportedPageFile(file: string, problem: string): PagesError {
  return new PagesError('PAGES_UNSUPPORTED', `\`${file}\` ${problem}`)
}

/** Browser code reached something that only a server has. */
export function serverOnlyImport(specifier: string, importer: string, pages: readonly string[]): PagesError {
  const through =
    pages.length > 0
      ? ` It is part of the browser code of ${pages.map((page) => `\`${page}\``).join(', ')}.`
      : ''
  return new PagesError(
    'PAGES_PAGE_EXPORTS',
    `\`${importer}\` imports \`${specifier}\`, which exists on the server only.${through} ` +
      'Use it in `getServerSideProps` or `getStaticProps` alone (what only they use stays out of browser code), or in an API route.',
  )
}

/** Global CSS that only some pages would load, and then keep from no other. Both files relative to the root. */
export function globalStyleOutsideApp(file: string, importer: string): PagesError {
  const module = file.replace(/\.\w+$/, '.module$&')
  return new PagesError(
    'PAGES_STYLES',
    `\`${importer}\` imports \`${file}\`, but global CSS cannot be imported from files other than \`pages/_app\`, because it applies to all pages. Move the import to \`pages/_app\`, or make the file a CSS module: \`${module}\`.`,
  )
}

export function styleInDocument(file: string, specifier: string): PagesError {
  return new PagesError(
    'PAGES_STYLES',
    `\`${file}\` imports \`${specifier}\`, but \`_document\` is rendered on the server only, and its CSS would reach no browser. Move the import to \`pages/_app\`.`,
  )
}

export function missingBuild(outDir: string): PagesError {
  return new PagesError(
    'PAGES_BUILD_MISSING',
    `Could not find a production build in ${outDir}. Run \`pagepress build\` first, or set NODE_ENV=development to work without one.`,
  )
}

export function unusableBuild(outDir: string, problem: string, cause?: unknown): PagesError {
  return new PagesError(
    'PAGES_BUILD_UNUSABLE',
    `The build in ${outDir} ${problem} Run \`pagepress build\` again.`,
    {
      cause,
    },
  )
}

/** The bundler's own message has the file, the place and a code frame. */
export function failedBundle(cause: Error): PagesError {
  return new PagesError('PAGES_BUILD_FAILED', `The pages could not be bundled. ${cause.message.trim()}`, {
    cause,
  })
}

/** Pages that failed while building, each with its path and the reason. */
export function failedPages(
  failures: readonly { path: string; reason: string }[],
  total: number,
): PagesError {
  const lines = failures.map(({ path, reason }) => `\n  ${path}: ${reason.split('\n')[0]}`)
  const more = total > failures.length ? `\n  and ${total - failures.length} more` : ''
  return new PagesError(
    'PAGES_BUILD_FAILED',
    `${total === 1 ? 'A page' : `${total} pages`} could not be produced. Correct what their data functions or components throw:${lines.join('')}${more}`,
  )
}

/** Pages that cannot be part of a build, each with its route and the reason. */
export function wrongPages(failures: readonly { path: string; reason: string }[]): PagesError {
  const lines = failures.map(({ path, reason }) => `\n  ${path}: ${reason.split('\n')[0]}`)
  return new PagesError(
    'PAGES_BUILD_FAILED',
    `${failures.length} pages cannot be built. Correct what each says:${lines.join('')}`,
  )
}

export function redirectAtBuild(file: string, pathname: string): PagesError {
  return new PagesError(
    'PAGES_DATA_RESULT',
    `\`redirect\` can not be returned from getStaticProps during prerendering, but \`${file}\` returned it for \`${pathname}\`. ` +
      "Leave the path out of `getStaticPaths` (with `fallback: 'blocking'` it is answered at its first visit), or answer the redirect in the app.",
  )
}

/** Two pages produce the same URL. */
export function duplicatePaths(pathname: string, first: string, second: string): PagesError {
  return new PagesError(
    'PAGES_STATIC_PATHS',
    `Prerendered paths must be unique: \`${pathname}\` is produced by both \`${first}\` and \`${second}\`. Remove it from one of them.`,
  )
}

export function missingPeer(name: string, purpose: string): PagesError {
  return new PagesError(
    'PAGES_PEER_MISSING',
    `${purpose} needs the package \`${name}\`. Install it: npm install --save-dev ${name}`,
  )
}

export function wrongCommand(problem: string): PagesError {
  return new PagesError('PAGES_CLI', `${problem} \`pagepress --help\` lists the commands.`)
}

export function brokenInvariant(what: string, cause?: unknown): PagesError {
  return new PagesError(
    'PAGES_BUG',
    `${what} This is a bug in pagepress: please report it with the steps that led here.`,
    {
      cause,
    },
  )
}

export function pageExportError(file: string, what: string, remedy: string): PagesError {
  return new PagesError('PAGES_PAGE_EXPORTS', `\`${file}\` ${what}. ${remedy}.`)
}

export function unsupportedExport(file: string, what: string, why: string): PagesError {
  return new PagesError('PAGES_UNSUPPORTED', `\`${file}\` exports \`${what}\`: ${why}. Remove it.`)
}

/** An API route's `config.api` has a value that it cannot take. */
export function wrongApiConfig(
  file: string,
  key: string,
  [received, expected]: readonly [unknown, string],
): PagesError {
  return new PagesError(
    'PAGES_API',
    `\`${file}\`: \`config.api.${key}\` is ${describeValue(received)}, but it must be ${expected}.`,
  )
}

export function wrongRedirectArguments(first: unknown, second: unknown): PagesError {
  return new PagesError(
    'PAGES_API',
    `Invalid redirect arguments: res.redirect() was given ${describeValue(first)} and ${describeValue(second)}. Give a URL, \`res.redirect('/there')\`, or a status and a URL, \`res.redirect(301, '/there')\`.`,
  )
}

export function returnedWebResponse(file: string): PagesError {
  return new PagesError(
    'PAGES_API',
    `The default export of \`${file}\` returned a \`Response\`, which an API route can not answer with. Answer through \`res\`.`,
  )
}

export function previewDataTooLarge(length: number): PagesError {
  return new PagesError(
    'PAGES_DRAFT',
    `Preview data is limited to 2KB, because it travels in a cookie, but it takes ${length} characters when encrypted. Keep the data elsewhere, and its name in the cookie.`,
  )
}

export function wrongDraftOption(received: unknown): PagesError {
  return new PagesError(
    'PAGES_DRAFT',
    `res.setDraftMode() was given \`enable: ${describeValue(received)}\`. Call it with \`{ enable: true }\` or \`{ enable: false }\`.`,
  )
}

export function wrongCookieOption(name: string, received: unknown, expected: string): PagesError {
  return new PagesError(
    'PAGES_DRAFT',
    `Option \`${name}\` of preview mode is ${describeValue(received)}, but it must be ${expected}.`,
  )
}

export function renderTimeout(what: string, timeoutMs: number): PagesError {
  return new PagesError(
    'PAGES_RENDER_TIMEOUT',
    `${what.startsWith('data:') ? 'The cached function' : 'The page at'} \`${what}\` was not produced within ${timeoutMs} ms. Find out what its data function or what suspends in it waits for, or raise \`limits.timeoutMs\`.`,
    { status: 504 },
  )
}

/** What cannot be written, and where in a value it lies. */
interface Unwritable {
  /** E.g. `[0].user`; empty for the value itself. */
  readonly path: string
  readonly what: string
}

const WRITABLE =
  'strings, numbers, booleans, `null`, `undefined`, bigints, dates, URLs, buffers, and plain objects, arrays, maps and sets of them'

/** A cached function was called with something that cannot be part of a key. */
export function unwritableArgument(name: string, { path, what }: Unwritable): PagesError {
  const [, index = '0', rest = ''] = /^\[(\d+)\](.*)$/s.exec(path) ?? []
  return new PagesError(
    'PAGES_CACHED',
    `The cached function \`${name}\` was called with ${what} as its argument ${Number(index) + 1}${rest === '' ? '' : ` (at \`${rest}\`)`}. Arguments are the key of the result: give ${WRITABLE}, such as an id in place of the request that it comes from.`,
  )
}

/** A cached function returned something that cannot be kept. */
export function unwritableResult(name: string, { path, what }: Unwritable): PagesError {
  return new PagesError(
    'PAGES_CACHED',
    `The cached function \`${name}\` returned ${what}${path === '' ? '' : ` (at \`${path}\`)`}, which cannot be kept. Return ${WRITABLE}.`,
  )
}

/** @param problem what is wrong and what to do, beginning with the name of the function */
export function unusableUseCache(file: string, problem: string): PagesError {
  return new PagesError('PAGES_USE_CACHE', `In \`${file}\`: ${problem}`)
}

/** Browser code calls a function that begins with `'use cache'`. */
export function cachedInBrowser(name: string, file: string): PagesError {
  return new PagesError(
    'PAGES_USE_CACHE',
    `Browser code uses \`${name}\` of \`${file}\`, which begins with 'use cache' and runs on the server alone. Call it in a data function, or in an API route that the browser asks.`,
  )
}

/** A data function returned something that it may not. */
export function dataResultError(fn: string, file: string, what: string): PagesError {
  return new PagesError('PAGES_DATA_RESULT', `\`${fn}\` of \`${file}\` ${what}`)
}

/** `pages/404` or `pages/500` has no page to show in the place of itself. */
export function statusPageWithoutProps(file: string, type: 'redirect' | 'not-found'): PagesError {
  const key = type === 'redirect' ? 'redirect' : 'notFound'
  return dataResultError(
    'getStaticProps',
    file,
    `returned \`${key}\`, but it is the page that is shown when there is no other. Return \`{ props: {...} }\`.`,
  )
}

export function redirectError(fn: string, url: string, what: string): PagesError {
  return new PagesError(
    'PAGES_REDIRECT',
    `Invalid redirect object returned from \`${fn}\` for \`${url}\`: ${what}`,
  )
}

/** @param path where in the props, e.g. `.author.born`; empty for the props themselves */
export function unserializableProps(
  fn: string,
  file: string,
  { path, what, cause }: { path: string; what: string; cause?: unknown },
): PagesError {
  const where = path === '' ? 'the props object itself' : `\`${path}\``
  return new PagesError(
    'PAGES_DATA_PROPS',
    `Error serializing ${where} returned from \`${fn}\` in \`${file}\`: ${what}`,
    cause === undefined ? {} : { cause },
  )
}
