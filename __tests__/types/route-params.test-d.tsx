// Checked by `npm run typecheck`; nothing runs. A line below `@ts-expect-error` must be an error.
import type { ReactNode } from 'react'
import { cache, notFound, permanentRedirect, redirect } from 'pagepress'
import type {
  GenerateStaticParams,
  LayoutProps,
  PageProps,
  Params,
  ParamsPromise,
  RouteContext,
  RouteHandler,
  RouteParams,
} from 'pagepress'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const isTrue = <T extends true>(proof?: T) => proof

/** Parameters are computed from the route's name. */
isTrue<Equal<RouteParams<'/blog/[slug]'>, { slug: string }>>()
isTrue<Equal<RouteParams<'/[lang]/docs/[...path]'>, { lang: string; path: string[] }>>()
isTrue<Equal<RouteParams<'/files/[[...path]]'>, { path?: string[] }>>()
isTrue<Equal<RouteParams<'/about'>, {}>>()
isTrue<Equal<RouteParams<'/'>, {}>>()
isTrue<Equal<RouteParams<'/feed/[name]/data.json'>, { name: string }>>()
/** A text that is no literal may have any. */
isTrue<Equal<RouteParams<string>, Params>>()

/** A page gets them as a promise that also reads at once. */
export async function Post({ params }: PageProps<'/blog/[slug]'>) {
  const atOnce: string = params.slug
  const { slug }: { slug: string } = await params
  // @ts-expect-error no such parameter
  void params.id
  // @ts-expect-error parameters are not written
  params.slug = 'other'
  return atOnce + slug
}
isTrue<Equal<PageProps<'/blog/[slug]'>['params'], ParamsPromise<{ slug: string }>>>()

export function Shelf({ children, params }: LayoutProps<'/shop/[category]'>): ReactNode {
  const category: string = params.category
  // @ts-expect-error a layout knows nothing of what is below it
  void params.product
  return <section title={category}>{children}</section>
}

export const GET: RouteHandler<'/feed/[name]'> = async (request, { params }) => {
  const name: string = (await params).name
  if (request.headers.get('x-old')) redirect('/new')
  if (name === 'gone') notFound()
  if (name === 'moved') return permanentRedirect('/feed/new')
  return Response.json({ name })
}
export function POST(_request: Request, context: RouteContext<'/feed/[name]'>): Response {
  return new Response(context.params.name)
}
// @ts-expect-error a handler returns a Response
export const wrongHandler: RouteHandler = () => 'text'

export const generateStaticParams: GenerateStaticParams<{ product: string }, { category: string }> = ({
  params,
}) => [{ product: `${params.category}-1` }]
export const later: GenerateStaticParams<RouteParams<'/files/[...path]'>> = async () => [{ path: ['a'] }]
// @ts-expect-error not an array
export const noArray: GenerateStaticParams = () => ({ slug: 'a' })
// @ts-expect-error another type of value
export const wrongValue: GenerateStaticParams<{ slug: string }> = () => [{ slug: 1 }]

/** What `cache` returns has the type of what it was given. */
const load = cache(async (id: number, deep = false) => ({ id, deep }))
isTrue<Equal<ReturnType<typeof load>, Promise<{ id: number; deep: boolean }>>>()
// @ts-expect-error an id is a number
void load('1')
