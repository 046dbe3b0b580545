/** The props that a `getStaticProps` gives its page; those of `serverOnly` may be `undefined` in the browser. */
export type InferGetStaticPropsType<T extends (...args: any) => any> = InferProps<Awaited<ReturnType<T>>>

/** The props that a `getServerSideProps` gives its page; those of `serverOnly` may be `undefined` in the browser. */
export type InferGetServerSidePropsType<T extends (...args: any) => any> = InferProps<Awaited<ReturnType<T>>>

type InferProps<Result> =
  Extract<Result, { props: unknown }> extends { props: infer Props }
    ? WithServerOnly<Awaited<Props>, ServerOnlyOf<Result>>
    : never

/** Of a function without `serverOnly` the props are the plain ones, not an intersection with nothing. */
type WithServerOnly<Props, ServerOnly> = [ServerOnly] extends [never] ? Props : Props & Partial<ServerOnly>

type ServerOnlyOf<Result> = Result extends { serverOnly?: infer ServerOnly }
  ? NamedOnly<Exclude<ServerOnly, undefined>>
  : never

/** What names nothing promises nothing: `object`, and the `unknown` of a result that has no such key. */
type NamedOnly<ServerOnly> = ServerOnly extends object
  ? [keyof ServerOnly] extends [never]
    ? never
    : ServerOnly
  : never
