import type { Params, Redirect } from '../types.js'
import type { Query } from './payload.js'

export interface ShouldRefetchContext {
  /** The URL that the visitor sees. */
  from: URL
  /** The URL that the visitor will see. */
  to: URL
  /**
   * What happens without the function. `false` where nothing would be asked for, because the data is the same and still
   * fresh: on a static page of which only the search is another.
   */
  defaultShouldRefetch: boolean
}

/**
 * `export function shouldRefetch` of a page: whether a navigation from the page to the page itself, with another query or
 * other parameters, gets data. With `false` the page keeps the props it has. Runs in the browser.
 */
export type ShouldRefetch = (context: ShouldRefetchContext) => boolean

type AnyProps = { [prop: string]: any }

export interface GetClientPropsContext<P extends Params = Params, ServerProps extends AnyProps = AnyProps> {
  /** The parameters of the route; an empty object where it has none. */
  params: P
  /** Search parameters and route parameters; the latter win. */
  query: Query
  /** The route, e.g. `/blog/[slug]`. */
  pathname: string
  /** The path that the visitor will see, with search and hash, without the mount path. */
  asPath: string
  /** Aborted when the visitor goes elsewhere before the page is shown. */
  signal: AbortSignal
  /**
   * The props that `getServerSideProps` or `getStaticProps` has for the page, asked for in the ordinary way, and once. A
   * redirect or "not found" ends the navigation there, whatever else the function does. Rejects when there is no data to be had.
   */
  serverProps(): Promise<ServerProps>
}

export type GetClientPropsResult<Props> =
  { props: Props | Promise<Props> } | { redirect: Redirect } | { notFound: true }

/**
 * `export function getClientProps` of a page with `getServerSideProps` or `getStaticProps`: runs in the browser in place of
 * the request for the page's data, when the visitor comes from another page. A first visit has the server's props.
 */
export type GetClientProps<
  Props extends AnyProps = AnyProps,
  P extends Params = Params,
  ServerProps extends AnyProps = Props,
> = (
  context: GetClientPropsContext<P, ServerProps>,
) => Promise<GetClientPropsResult<Props>> | GetClientPropsResult<Props>

/** The props that a `getClientProps` gives its page. */
export type InferGetClientPropsType<T extends (...args: any) => any> =
  Extract<Awaited<ReturnType<T>>, { props: unknown }> extends { props: infer Props } ? Awaited<Props> : never
