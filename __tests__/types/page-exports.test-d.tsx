// Checked by `npm run typecheck`; nothing runs. A line below `@ts-expect-error` must be an error.
import type {
  ApiHandler,
  GetServerSideProps,
  GetStaticPaths,
  GetStaticProps,
  InferGetServerSidePropsType,
  InferGetStaticPropsType,
  Redirect,
} from 'pagepress'
import { ServerHtml } from 'pagepress/react'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const isTrue = <T extends true>(proof?: T) => proof

/** Props are inferred from what the function returns, whether or not it may also answer otherwise. */
const getPost = (async ({ params }) => {
  const slug: string = params!.slug
  // @ts-expect-error no such parameter
  void params!.id
  if (slug === '') return { notFound: true }
  if (slug === 'old') return { redirect: { destination: '/new', permanent: true } }
  return { props: { slug, likes: 1 }, revalidate: 60 }
}) satisfies GetStaticProps<{ slug: string; likes: number }, { slug: string }>
isTrue<Equal<InferGetStaticPropsType<typeof getPost>, { slug: string; likes: number }>>()

const getUser = (async ({ req, res, resolvedUrl, query }) => {
  const cookie: string | undefined = req.cookies['theme']
  res.setHeader('X-Url', resolvedUrl)
  void query['page']
  return { props: Promise.resolve({ theme: cookie ?? 'light' }) }
}) satisfies GetServerSideProps
isTrue<Equal<InferGetServerSidePropsType<typeof getUser>, { theme: string }>>()

/** What only the HTML needs is there on the server, and in the browser only after a navigation. */
const getArticle = (async ({ params }) => {
  const { slug } = params!
  if (slug === '') return { notFound: true }
  return { props: { slug }, serverOnly: { html: '<p>' }, revalidate: 60 }
}) satisfies GetStaticProps<{ slug: string }, { slug: string }>
isTrue<Equal<InferGetStaticPropsType<typeof getArticle>, { slug: string } & { html?: string }>>()

const getTable = (() => ({
  props: Promise.resolve({ rows: 1 }),
  serverOnly: { html: '<tr>' },
})) satisfies GetServerSideProps
isTrue<Equal<InferGetServerSidePropsType<typeof getTable>, { rows: number } & { html?: string }>>()

type Named = GetStaticProps<{ n: number }, { id: string }, undefined, { html: string }>
isTrue<Equal<InferGetStaticPropsType<Named>, { n: number } & { html?: string }>>()
isTrue<Equal<InferGetStaticPropsType<GetStaticProps<{ n: number }>>, { n: number }>>()

// @ts-expect-error not what was promised to be in the HTML alone
export const withOtherHtml: Named = () => ({ props: { n: 1 }, serverOnly: { html: 1 } })
// @ts-expect-error an object as `props` are
export const withTextOnly: GetServerSideProps = () => ({ props: {}, serverOnly: '<p>' })

export const Article = ({ html }: InferGetStaticPropsType<typeof getArticle>) => (
  <ServerHtml as="article" html={html} className="prose" id="text" data-kind="post" />
)
// @ts-expect-error no such element
export const wrongElement = <ServerHtml as="artikel" html="" />
// @ts-expect-error it holds the HTML and nothing else
export const withChildren = <ServerHtml html="">text</ServerHtml>

// @ts-expect-error not the props that were promised
export const withOtherProps: GetStaticProps<{ n: number }> = () => ({ props: { n: '1' } })
// @ts-expect-error not a number of seconds
export const withTextualTime: GetStaticProps = () => ({ props: {}, revalidate: '60' })
// @ts-expect-error props are an object
export const withoutProps: GetServerSideProps = () => ({ props: null })
// @ts-expect-error only `true` says so
export const withNoNotFound: GetStaticProps = () => ({ notFound: false })

export const listsPaths: GetStaticPaths<{ slug: string }> = () => ({
  paths: ['/posts/a', { params: { slug: 'b' } }],
  fallback: 'blocking',
})
// @ts-expect-error `fallback` must be said
export const withoutFallback: GetStaticPaths = () => ({ paths: [] })
export const wrongFallback: GetStaticPaths = () => ({
  paths: [],
  // @ts-expect-error no such fallback
  fallback: 'never',
})
export const wrongParam: GetStaticPaths<{ slug: string }> = () => ({
  // @ts-expect-error another parameter
  paths: [{ params: { id: 'b' } }],
  fallback: false,
})

export const temporary: Redirect = { destination: '/', permanent: false }
export const exact: Redirect = { destination: '/', statusCode: 303, basePath: false }
// @ts-expect-error one of the two
export const both: Redirect = { destination: '/', permanent: false, statusCode: 303 }
// @ts-expect-error no redirect
export const wrongStatus: Redirect = { destination: '/', statusCode: 200 }

export const handler: ApiHandler<{ ok: boolean }> = async (req, res) => {
  const id: unknown = req.query['id']
  await res.revalidate(`/posts/${String(id)}`)
  res.json({ ok: true })
  // @ts-expect-error not the body that was promised
  res.json({ ok: 1 })
}
