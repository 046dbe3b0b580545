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

/** What each code stands for; the reference page of the documentation is made from this table. */
export const errorCodes = {
  PAGES_OPTION: 'An option of `pages()` has a value it cannot take.',
  PAGES_CONFIG: 'A key of the configuration file has a value it cannot take.',
  PAGES_BUILD_MISSING: 'Production was asked for, and there is no build to serve.',
  PAGES_BUILD_UNUSABLE: 'The build folder was made by another version, or is damaged.',
  PAGES_DIR_MISSING: 'There is no pages folder.',
  PAGES_ROUTE_CONFLICT: 'Two files claim the same URLs.',
  PAGES_ROUTE_NAME: 'The name of a page file is no valid route.',
  PAGES_PAGE_EXPORTS: 'A page module exports something it may not, or lacks its component.',
  PAGES_DATA_RESULT: 'A data function returned something it may not.',
  PAGES_DATA_PROPS: 'Props hold a value that JSON cannot carry.',
  PAGES_STATIC_PATHS: '`getStaticPaths` is missing or returned something it may not.',
  PAGES_REDIRECT: 'A redirect is not well formed.',
  PAGES_INITIAL_PROPS: '`getInitialProps` returned something it may not.',
  PAGES_DOCUMENT: 'A custom `_document` returned something it may not.',
  PAGES_RENDER_TIMEOUT: 'A page took longer than `limits.timeoutMs` to produce.',
  PAGES_OVERLOADED: 'More pages are waiting to be produced than `limits.queue` allows.',
  PAGES_REVALIDATE: 'An on-demand revalidation was asked for something that cannot be revalidated.',
  PAGES_CLOSED: 'The site was closed.',
  PAGES_API: 'An API route is not well formed.',
  PAGES_UNSUPPORTED: 'A feature of the Pages Router that this library does not have.',
  PAGES_PEER_MISSING: 'A package that this feature needs is not installed.',
  PAGES_CLI: 'The command line was not understood.',
  PAGES_BUG: 'An invariant of this library broke: please report it.',
} as const

export type PagesErrorCode = keyof typeof errorCodes

/** Shows a received value in a message: short, quoted, with its type where that is the news. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value)
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean')
    return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

export function wrongOption(name: string, received: unknown, expected: string): PagesError {
  return new PagesError(
    'PAGES_OPTION',
    `Option \`${name}\` of pages() is ${describeValue(received)}, but it must be ${expected}.`,
  )
}

export function brokenInvariant(what: string, cause?: unknown): PagesError {
  return new PagesError('PAGES_BUG', `${what} This is a bug in pagepress: please report it with the steps that led here.`, {
    cause,
  })
}
