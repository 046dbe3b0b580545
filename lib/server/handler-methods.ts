import type { ModuleNamespace } from './page-source.js'

/** The methods that a route handler may export; any other token is no method to it. */
export const handlerMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

export type HandlerMethod = (typeof handlerMethods)[number]

/**
 * Whether a module answers by methods instead of being a page or an API route. A page may well export a list that it
 * calls `OPTIONS`; beside a function of such a name it cannot tell what it is.
 */
export function isHandlerModule(module: ModuleNamespace): boolean {
  const isPage = module['default'] !== undefined
  return handlerMethods.some((method) =>
    isPage ? typeof module[method] === 'function' : module[method] !== undefined,
  )
}

/** What was most likely meant by a module that is neither page nor route handler; ends without a full stop. */
export function hintAtMethods(module: ModuleNamespace): string {
  const [name] = lowercaseMethods(module)
  const hint =
    name === undefined ? '' : `. Detected lowercase method \`${name}\`: write \`${name.toUpperCase()}\``
  return `It is no route handler either: No HTTP methods exported${hint}`
}

/** Exports that would be methods if they were written in capitals. */
export function lowercaseMethods(module: ModuleNamespace): string[] {
  return handlerMethods
    .map((method) => method.toLowerCase())
    .filter((name) => typeof module[name] === 'function')
}
