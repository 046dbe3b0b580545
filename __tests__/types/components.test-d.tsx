// Checked by `npm run typecheck`; nothing runs. A line below `@ts-expect-error` must be an error.
import type { AppProps } from 'pagepress/app'
import { Head, Link, useRouter, type PagesRouter } from 'pagepress/react'
import NextLink from 'pagepress/next/link'
import { useRouter as useNextRouter } from 'pagepress/next/router'

export function Navigation() {
  const router: PagesRouter = useRouter()
  const same: PagesRouter = useNextRouter()
  const id: string | string[] | undefined = router.query['id']
  void router.push('/posts', undefined, { shallow: true }).then((arrived: boolean) => arrived)
  // @ts-expect-error the pathname is read, not written
  router.pathname = '/posts'
  return (
    <nav>
      <Head>
        <title>{same.pathname}</title>
      </Head>
      <Link href={{ pathname: '/posts/[id]', query: { id } }} className="link" replace>
        A post
      </Link>
      <NextLink href="/posts" prefetch={false}>
        Posts
      </NextLink>
      {/* @ts-expect-error a link leads somewhere */}
      <Link>Nowhere</Link>
    </nav>
  )
}

export function App({ Component, pageProps }: AppProps<{ title: string }>) {
  const title: string = pageProps.title
  // @ts-expect-error not one of the props
  void pageProps.author
  return (
    <section title={title}>
      <Component {...pageProps} />
    </section>
  )
}
