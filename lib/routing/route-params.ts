import type { ReactNode } from 'react'
import type { Params } from '../types.js'

/**
 * The parameters of a route, from its name: `RouteParams<'/blog/[slug]'>` is `{ slug: string }`. A catch-all is a
 * `string[]`, and absent at the root of an optional one. Text that is no literal has any parameters.
 */
export type RouteParams<Route extends string> = string extends Route ? Params : Flat<ParamsIn<Route>>

type ParamsIn<Route extends string> = Route extends `${infer Segment}/${infer Rest}`
  ? ParamIn<Segment> & ParamsIn<Rest>
  : ParamIn<Route>

type ParamIn<Segment extends string> = Segment extends `[[...${infer Name}]]`
  ? { [name in Name]?: string[] }
  : Segment extends `[...${infer Name}]`
    ? { [name in Name]: string[] }
    : Segment extends `[${infer Name}]`
      ? { [name in Name]: string }
      : {}

type Flat<T> = { [name in keyof T]: T[name] }

/**
 * Parameters as pages, layouts and route handlers receive them: a promise, for `await` and React's `use`, that also
 * reads at once, as in `params.slug`. Parameters called like something of a promise (`then`, `status`, `value`) can
 * only be awaited.
 */
export type ParamsPromise<P> = Promise<P> & {
  readonly [
    Name in keyof P as Name extends keyof Promise<unknown> | 'status' | 'value' | 'reason' ? never : Name
  ]: P[Name]
}

/** Props of a page with `generateStaticParams`: `PageProps<'/blog/[slug]'>`. */
export interface PageProps<Route extends string = string> {
  params: ParamsPromise<RouteParams<Route>>
}

/** Props of a `_layout` file: `LayoutProps<'/shop/[category]'>`, with the route of its folder. */
export interface LayoutProps<Route extends string = string> {
  /** The page, or the next layout. */
  children: ReactNode
  params: ParamsPromise<RouteParams<Route>>
}

/** The second argument of a route handler: `RouteContext<'/feed/[name]'>`. */
export interface RouteContext<Route extends string = string> {
  params: ParamsPromise<RouteParams<Route>>
}

/** `GET`, `POST` and the other methods that a route handler exports. */
export type RouteHandler<Route extends string = string> = (
  request: Request,
  context: RouteContext<Route>,
) => Response | Promise<Response>
