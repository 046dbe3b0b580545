import type { ComponentType } from 'react'
import { describeValue, pageExportError, unsupportedExport } from '../errors.js'
import type {
  ApiHandler,
  GetServerSideProps,
  GetStaticPaths,
  GetStaticProps,
  Page,
  PageConfig,
} from '../types.js'
import { refuseClientFunctions } from './client-functions.js'
import { hintAtMethods } from './handler-methods.js'
import type { MiddlewareHandler } from './page-middleware.js'
import type { ModuleNamespace } from './page-source.js'
import { readStaticConfig, type StaticConfig } from './static-config.js'

/** A page module whose exports were checked. */
export interface PageModule {
  readonly Component: Page<any>
  readonly getStaticProps: GetStaticProps | undefined
  readonly getServerSideProps: GetServerSideProps | undefined
  readonly getStaticPaths: GetStaticPaths | undefined
  /** Run for this page alone, in front of its document and its data. */
  readonly middleware: readonly MiddlewareHandler[]
  readonly config: StaticConfig
  /** The search parameters that make pages of their own. */
  readonly query: readonly string[] | undefined
  /** Seconds that what `getServerSideProps` leads to is kept for. */
  readonly microcache: number | undefined
}

export interface ApiModule {
  readonly handler: ApiHandler
  readonly config: PageConfig
  readonly middleware: readonly MiddlewareHandler[]
}

const dataFunctions = ['getStaticProps', 'getServerSideProps', 'getStaticPaths'] as const

/** Pages that answer for no URL of their own and may not be rendered per request by `getServerSideProps`. */
export const isStatusPage = (route: string) => route === '/404' || route === '/500'

const checkedPages = new WeakMap<ModuleNamespace, PageModule>()

/** Checks a page's exports, once per evaluated module. Throws naming the file and what to change. */
export function toPageModule(
  module: ModuleNamespace,
  { route, file }: { route: string; file: string },
): PageModule {
  const known = checkedPages.get(module)
  if (known !== undefined) return known
  if (module['default'] === undefined)
    throw pageExportError(
      file,
      'has no default export',
      `Export the page's component: \`export default function Page() {…}\`. ${hintAtMethods(module)}`,
    )
  const Component = toComponent(module['default'], file)
  for (const name of dataFunctions) {
    if (module[name] !== undefined && typeof module[name] !== 'function')
      throw pageExportError(file, `exports \`${name}\`, but it is no function`, 'Export a function')
    if (name in Component)
      throw pageExportError(
        file,
        `attaches \`${name}\` to its component`,
        `Export it from the page's file instead: \`export async function ${name}() {…}\``,
      )
  }
  const config = readStaticConfig(module, file)
  refuseCombinations(module, Component, { route, file })
  refuseClientFunctions(module, file)
  refuseStaticConfig({ module, config, hasInitialProps: Component.getInitialProps !== undefined }, file)
  const page: PageModule = {
    Component,
    getStaticProps: module['getStaticProps'] as GetStaticProps | undefined,
    getServerSideProps: module['getServerSideProps'] as GetServerSideProps | undefined,
    getStaticPaths: module['getStaticPaths'] as GetStaticPaths | undefined,
    middleware: toMiddleware(module['middleware'], { route, file }),
    query: toQueryNames(module, file),
    microcache: toMicrocache(module, file),
    config,
  }
  checkedPages.set(module, page)
  return page
}

const MOST_NAMES = 16

/** The search parameters that a static page wants to see: `export const config = { query: ['page'] }`. */
function toQueryNames(module: ModuleNamespace, file: string): readonly string[] | undefined {
  const query = (module['config'] as PageConfig | undefined)?.['query']
  if (query === undefined) return undefined
  const isName = (name: unknown) => typeof name === 'string' && /^[\w.-]{1,64}$/.test(name)
  if (!Array.isArray(query) || query.length > MOST_NAMES || !query.every(isName))
    throw pageExportError(
      file,
      'exports `config.query` that is no list of names',
      `Give at most ${MOST_NAMES} names of search parameters: \`export const config = { query: ['page'] }\``,
    )
  const isKept = module['getStaticProps'] !== undefined || toMicrocache(module, file) !== undefined
  if (!isKept)
    throw pageExportError(
      file,
      'exports `config.query` but no `getStaticProps`, and no `config.microcache` either, so that nothing is told of it',
      'Export `getStaticProps`, or remove it',
    )
  return [...new Set(query as string[])].sort()
}

/** How long a page with `getServerSideProps` is kept: `export const config = { microcache: 5 }`. */
function toMicrocache(module: ModuleNamespace, file: string): number | undefined {
  const seconds = (module['config'] as PageConfig | undefined)?.['microcache'] as unknown
  if (seconds === undefined) return undefined
  const isWhole = typeof seconds === 'number' && Number.isInteger(seconds)
  if (!isWhole || seconds < 1 || seconds > LONGEST_MICROCACHE)
    throw pageExportError(
      file,
      `exports \`config.microcache: ${describeValue(seconds)}\`, which is no whole number of seconds from 1 to ${LONGEST_MICROCACHE}`,
      'Give a few seconds: `export const config = { microcache: 5 }`; what lives longer is a page for `getStaticProps` with `revalidate`',
    )
  if (module['getServerSideProps'] === undefined)
    throw pageExportError(
      file,
      'exports `config.microcache` but no `getServerSideProps`, whose results it would keep',
      'Export `getServerSideProps`, or remove it',
    )
  return seconds
}

const LONGEST_MICROCACHE = 3600

function refuseCombinations(
  module: ModuleNamespace,
  Component: Page<any>,
  { route, file }: { route: string; file: string },
): void {
  const { getStaticProps, getServerSideProps, getStaticPaths, config } = module
  const refuse = (what: string, remedy: string) => {
    throw pageExportError(file, what, remedy)
  }
  if (getServerSideProps && (getStaticProps || getStaticPaths))
    refuse(
      `exports both \`getServerSideProps\` and \`${getStaticProps ? 'getStaticProps' : 'getStaticPaths'}\`, which a page can not use together`,
      'Keep the first to render per request, or the other to render once',
    )
  if (Component.getInitialProps && (getStaticProps || getServerSideProps))
    refuse(
      `has both \`getInitialProps\` and \`${getStaticProps ? 'getStaticProps' : 'getServerSideProps'}\``,
      'Move what `getInitialProps` does into the other function and remove it',
    )
  if (getStaticPaths && !getStaticProps)
    refuse(
      'exports `getStaticPaths` without `getStaticProps`, so it does nothing',
      'Add `getStaticProps`, or remove it',
    )
  const isDynamic = /(^|\/)\[[^/]+\](\/|$)/.test(route)
  if (getStaticPaths && !isDynamic)
    refuse(
      'exports `getStaticPaths`, but its route has no parameters',
      'Rename the file to e.g. `[slug].tsx`, or remove the function',
    )
  if (module['generateStaticParams'] && !isDynamic)
    refuse(
      'exports `generateStaticParams`, but its route has no parameters',
      'Rename the file to e.g. `[slug].tsx`, or remove the function',
    )
  if (isStatusPage(route) && (getServerSideProps || Component.getInitialProps))
    refuse(
      `has \`${getServerSideProps ? 'getServerSideProps' : 'getInitialProps'}\`, which the pages 404 and 500 can not use: they must be there when data is not`,
      'Use `getStaticProps`, or `pages/_error` for an error page rendered per request',
    )
  const runtime = (config as PageConfig | undefined)?.['runtime']
  if (runtime !== undefined && runtime !== 'nodejs')
    throw unsupportedExport(
      file,
      `config.runtime: ${JSON.stringify(runtime)}`,
      'pages run in the Express process, on Node.js',
    )
  if ((config as PageConfig | undefined)?.['stream'] === true)
    throw unsupportedExport(file, 'config.stream: true', 'pages are rendered whole before they are sent')
  if ((config as PageConfig | undefined)?.['amp'] !== undefined)
    throw unsupportedExport(file, 'config.amp', 'AMP pages are not supported')
}

interface Configured {
  readonly module: ModuleNamespace
  readonly config: StaticConfig
  readonly hasInitialProps: boolean
}

/** Functions and constants that contradict each other. */
function refuseStaticConfig({ module, config, hasInitialProps }: Configured, file: string): void {
  const { getStaticProps, getServerSideProps, getStaticPaths } = module
  const perRequest = getServerSideProps
    ? 'getServerSideProps'
    : hasInitialProps
      ? 'getInitialProps'
      : undefined
  const refuse = (one: string, other: string, remedy: string) => {
    throw pageExportError(
      file,
      `exports both \`${one}\` and \`${other}\`, which a page can not use together`,
      remedy,
    )
  }
  if (config.generateStaticParams && getStaticPaths)
    refuse('generateStaticParams', 'getStaticPaths', 'Keep one of them: both list the paths to build')
  if (config.generateStaticParams && perRequest)
    refuse(
      'generateStaticParams',
      perRequest,
      'Keep the first to render once, or the other to render per request',
    )
  if (config.dynamic === 'force-dynamic' && getStaticProps)
    refuse("dynamic = 'force-dynamic'", 'getStaticProps', 'Use `getServerSideProps` to get data per request')
  if (config.dynamic === 'force-static' && perRequest)
    refuse("dynamic = 'force-static'", perRequest, 'Use `getStaticProps` to get data once')
}

/** The component that a module of the pages folder must export by default. */
export function toComponent(value: unknown, file: string): ComponentType<any> & Page<any> {
  const isComponent =
    typeof value === 'function' || (typeof value === 'object' && value !== null && '$$typeof' in value)
  if (value === undefined)
    throw pageExportError(
      file,
      'has no default export',
      "Export the page's component: `export default function Page() {…}`",
    )
  if (!isComponent || isElement(value))
    throw pageExportError(
      file,
      'exports by default what is not a React Component',
      'Export a function or a class that renders the page',
    )
  const prototype = (value as { prototype?: object }).prototype
  if (prototype !== undefined && 'getInitialProps' in prototype)
    throw pageExportError(
      file,
      'defines `getInitialProps` as an instance method',
      'Make it static: `static async getInitialProps(context) {…}`',
    )
  return value as Page<any>
}

function isElement(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'props' in value &&
    'type' in value &&
    !('render' in value) &&
    String((value as { $$typeof?: unknown }).$$typeof).includes('element')
  )
}

/** Checks the exports of a module under `pages/api`. */
export function toApiModule(module: ModuleNamespace, file: string): ApiModule {
  const handler = module['default']
  if (typeof handler !== 'function')
    throw pageExportError(
      file,
      `does not export a handler by default (Resolver is not a function: found ${handler === undefined ? 'no default export' : typeof handler})`,
      'Write `export default function handler(req, res) {…}`',
    )
  return {
    handler: handler as ApiHandler,
    config: (module['config'] ?? {}) as PageConfig,
    middleware: toMiddleware(module['middleware'], { route: undefined, file }),
  }
}

/** The middlewares that a module exports, as a list. */
export function toMiddleware(
  value: unknown,
  { route, file }: { route: string | undefined; file: string },
): readonly MiddlewareHandler[] {
  if (value === undefined) return []
  if (route === '/_error' || (route !== undefined && isStatusPage(route)))
    throw pageExportError(
      file,
      'exports `middleware`, which never runs in front of an error page',
      'Remove it, or add the middleware to the app',
    )
  const handlers: unknown[] = [value].flat(Infinity)
  const wrong = handlers.find((handler) => typeof handler !== 'function')
  if (wrong !== undefined || handlers.includes(undefined))
    throw pageExportError(
      file,
      `exports \`middleware\` with ${describeValue(wrong)} in it`,
      'Export a middleware of Express, or an array of them: `export const middleware = [requireUser]`',
    )
  return handlers as MiddlewareHandler[]
}
