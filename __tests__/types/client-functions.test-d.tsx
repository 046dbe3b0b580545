// Checked by `npm run typecheck`; nothing runs. A line below `@ts-expect-error` must be an error.
import type { GetClientProps, InferGetClientPropsType, ShouldRefetch } from 'pagepress'
import { Link, Router, useRouter } from 'pagepress/react'
import NextLink from 'pagepress/next/link'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const isTrue = <T extends true>(proof?: T) => proof

export const byPathname: ShouldRefetch = ({ from, to, defaultShouldRefetch }) =>
  from.pathname === to.pathname ? defaultShouldRefetch : true
// @ts-expect-error it is asked for an answer at once
export const later: ShouldRefetch = async () => false
// @ts-expect-error yes or no
export const never: ShouldRefetch = () => {}

const getPost = (async ({ params, query, pathname, asPath, signal, serverProps }) => {
  const slug: string = params.slug
  // @ts-expect-error no such parameter
  void params.id
  void [query['page'], pathname.length, asPath.length, signal.aborted]
  if (slug === '') return { notFound: true }
  if (slug === 'old') return { redirect: { destination: '/new', permanent: true } }
  const { likes } = await serverProps()
  return { props: { slug, likes, seen: new Date() } }
}) satisfies GetClientProps<{ slug: string; likes: number; seen: Date }, { slug: string }, { likes: number }>
isTrue<Equal<InferGetClientPropsType<typeof getPost>, { slug: string; likes: number; seen: Date }>>()

const getAnything = (() => ({ props: Promise.resolve({ n: 1 }) })) satisfies GetClientProps
isTrue<Equal<InferGetClientPropsType<typeof getAnything>, { n: number }>>()

export const same: GetClientProps<{ n: number }> = async ({ serverProps }) => ({ props: await serverProps() })
// @ts-expect-error not the props that were promised
export const others: GetClientProps<{ n: number }> = () => ({ props: { n: '1' } })
// @ts-expect-error nothing
export const nothing: GetClientProps = () => undefined

export function Navigation() {
  const router = useRouter()
  void router.push('/posts', undefined, { data: false })
  void router.replace({ query: { page: 2 } }, undefined, { data: false, scroll: false })
  void router.prefetch('/posts', undefined, { data: false })
  void Router.push('/posts', undefined, { data: false })
  // @ts-expect-error yes or no
  void router.push('/posts', undefined, { data: 'none' })
  return (
    <nav>
      <Link href="/posts" data={false}>
        Posts
      </Link>
      <NextLink href="/posts" data={false} legacyBehavior>
        Posts
      </NextLink>
      {/* @ts-expect-error yes or no */}
      <Link href="/posts" data="none" />
    </nav>
  )
}
