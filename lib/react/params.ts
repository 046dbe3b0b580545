import type { Query } from '../protocol/payload.js'
import { parseRoute } from '../routing/pattern.js'
import type { ParamsPromise } from '../routing/route-params.js'

/** What promises, React and `await` read of a value: a parameter of such a name can only be awaited. */
const taken = new Set(['then', 'catch', 'finally', 'status', 'value', 'reason', 'constructor', '__proto__'])

/**
 * Parameters as a promise that also reads at once. It is marked as React marks promises that it has seen fulfilled, so
 * that `use` never suspends for it.
 */
export function toParamsPromise<P extends object>(params: P): ParamsPromise<P> {
  const promise = Promise.resolve(params) as Promise<P>
  for (const [name, value] of Object.entries(params))
    if (!taken.has(name)) void Object.defineProperty(promise, name, { value, enumerable: true })
  return Object.defineProperties(promise, {
    status: { value: 'fulfilled' },
    value: { value: params },
  }) as Promise<P> as ParamsPromise<P>
}

/** The parameters of a route among the values of a query, which holds search parameters, too. */
export function pickParams(route: string, query: Query): Query {
  const params: Query = {}
  for (const segment of parseRoute(route).segments)
    if (segment.kind !== 'static' && Object.hasOwn(query, segment.name))
      Object.defineProperty(params, segment.name, { value: query[segment.name], enumerable: true })
  return params
}
