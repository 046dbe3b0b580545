import { isDynamicRoute } from '../routing/pattern.js'
import { pageExportError } from '../errors.js'
import type { RouteHandler } from '../routing/route-params.js'
import { handlerMethods, type HandlerMethod } from './handler-methods.js'
import { toMiddleware } from './page-module.js'
import type { MiddlewareHandler } from './page-middleware.js'
import type { ModuleNamespace } from './page-source.js'
import { readStaticConfig, type StaticConfig } from './static-config.js'

/** A route handler whose exports were checked. */
export interface HandlerModule {
  readonly methods: ReadonlyMap<HandlerMethod, RouteHandler>
  /** Run for this route alone, in front of whatever it answers. */
  readonly middleware: readonly MiddlewareHandler[]
  readonly config: StaticConfig
  /** Its `GET` is run once for everybody. */
  readonly isStatic: boolean
}

const checked = new WeakMap<ModuleNamespace, HandlerModule>()

/** Checks the exports of a route handler, once per evaluated module. Throws naming the file and what to change. */
export function toHandlerModule(
  module: ModuleNamespace,
  { route, file }: { route: string; file: string },
): HandlerModule {
  const known = checked.get(module)
  if (known !== undefined) return known
  const methods = new Map<HandlerMethod, RouteHandler>()
  for (const method of handlerMethods) {
    const handler = module[method]
    if (handler === undefined) continue
    if (typeof handler !== 'function')
      throw pageExportError(file, `exports \`${method}\`, but it is no function`, 'Export a function')
    methods.set(method, handler as RouteHandler)
  }
  if (module['default'] !== undefined)
    throw pageExportError(
      file,
      `is a route handler, for it exports \`${[...methods.keys()].join('`, `')}\`, and exports something by default: Detected default export`,
      'Remove the default export, or move it into a page of its own',
    )
  for (const name of ['getStaticProps', 'getStaticPaths', 'getServerSideProps'])
    if (module[name] !== undefined)
      throw pageExportError(
        file,
        `is a route handler and exports \`${name}\`, which is never called there`,
        'Get the data in the handler',
      )
  const config = readStaticConfig(module, file)
  if (config.generateStaticParams && !isDynamicRoute(route))
    throw pageExportError(
      file,
      'exports `generateStaticParams`, but its route has no parameters',
      'Rename the file to e.g. `[slug].ts`, or remove the function',
    )
  const middleware = toMiddleware(module['middleware'], { route, file })
  const handler = { methods, middleware, config, isStatic: isStatic(methods, config, file) }
  checked.set(module, handler)
  return handler
}

/** Only what can do nothing but read may be answered once for everybody, and only where the author asks for it. */
function isStatic(methods: HandlerModule['methods'], config: StaticConfig, file: string): boolean {
  const { dynamic, revalidate, generateStaticParams } = config
  const isReader = methods.size === 1 && methods.has('GET')
  if (dynamic === 'force-static' && !isReader)
    throw pageExportError(
      file,
      `exports \`dynamic = 'force-static'\` and other methods than \`GET\``,
      'Move the other methods into a file of their own, or remove `dynamic`',
    )
  if (!isReader || dynamic === 'force-dynamic') return false
  return dynamic === 'force-static' || revalidate !== undefined || generateStaticParams !== undefined
}
