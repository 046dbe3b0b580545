import { join } from 'node:path'
import { createProject, removeProject, repository, runNode } from './support/installed-project.js'

// The published declarations, as an author's compiler reads them. A line below `@ts-expect-error` must be an error, and
// one that is none is one.

const equal = `
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function isTrue<T extends true>(): void
`

const files = {
  'root.ts': `
import type {
  NextApiHandler, NextApiRequest, NextApiResponse, NextPage, NextPageContext, PageConfig, PreviewData, Redirect,
} from 'pagepress/next/index'
const Page: NextPage<{ n: number }, { n: number }> = ({ n }) => String(n)
Page.getInitialProps = async ({ pathname, query, asPath, req, res, err }: NextPageContext) => {
  void [pathname.length, query['a'], asPath.length, req?.headers, res?.statusCode, err?.message]
  return { n: 1 }
}
// @ts-expect-error not the initial props
export const Wrong: NextPage<{ n: number }, { n: number }> = Object.assign(() => null, { getInitialProps: () => ({ n: 'one' }) })
const handler: NextApiHandler<{ ok: boolean }> = (req: NextApiRequest, res: NextApiResponse<{ ok: boolean }>) => {
  res.status(200).json({ ok: req.method === 'GET' })
  // @ts-expect-error not the body that was promised
  res.json({ ok: 'yes' })
}
export const config: PageConfig = { api: { bodyParser: { sizeLimit: '1mb' } } }
export const preview: PreviewData = { draft: 1 }
export const redirect: Redirect = { destination: '/', permanent: false }
export { handler, Page }
`,
  'static-props.ts': `${equal}
import type { GetStaticProps, GetStaticPropsContext, GetStaticPropsResult, InferGetStaticPropsType } from 'pagepress'
export const typed: GetStaticProps<{ n: number }, { id: string }, { draft: number }> = async (context) => {
  const { params, previewData }: GetStaticPropsContext<{ id: string }, { draft: number }> = context
  const result: GetStaticPropsResult<{ n: number }> = { props: { n: params!.id.length + (previewData?.draft ?? 0) }, revalidate: 5 }
  return result
}
// @ts-expect-error not the props that were promised
export const wrong: GetStaticProps<{ n: number }> = () => ({ props: { n: 'one' } })
const given = () => ({ props: { a: 1 } })
isTrue<Equal<InferGetStaticPropsType<typeof given>, { a: number }>>()
isTrue<Equal<InferGetStaticPropsType<typeof typed>, { n: number }>>()
`,
  'paths-and-server-props.ts': `${equal}
import type {
  GetServerSideProps, GetServerSidePropsContext, GetServerSidePropsResult, GetStaticPaths, GetStaticPathsContext,
  GetStaticPathsResult, InferGetServerSidePropsType,
} from 'pagepress'
export const paths: GetStaticPaths<{ id: string }> = (_context: GetStaticPathsContext) => {
  const result: GetStaticPathsResult<{ id: string }> = { paths: [{ params: { id: 'a' } }, '/b'], fallback: false }
  return result
}
// @ts-expect-error another parameter
export const wrongPaths: GetStaticPaths<{ id: string }> = () => ({ paths: [{ params: { slug: 'a' } }], fallback: false })
export const typed: GetServerSideProps<{ n: number }, { id: string }> = async (context) => {
  const { req, res, params, query, resolvedUrl }: GetServerSidePropsContext<{ id: string }> = context
  void [req.cookies['a'], res.statusCode, query['b'], resolvedUrl.length]
  const result: GetServerSidePropsResult<{ n: number }> = { props: Promise.resolve({ n: params!.id.length }) }
  return result
}
isTrue<Equal<InferGetServerSidePropsType<typeof typed>, { n: number }>>()
`,
  'infer.ts': `${equal}
import type { GetServerSideProps, GetStaticProps, InferGetServerSidePropsType, InferGetStaticPropsType } from 'pagepress'
const satisfied = (async () => ({ props: { a: 'x', b: [1] } })) satisfies GetStaticProps
isTrue<Equal<InferGetStaticPropsType<typeof satisfied>, { a: string; b: number[] }>>()
const arrow = async () => ({ props: { a: 1 } })
isTrue<Equal<InferGetStaticPropsType<typeof arrow>, { a: number }>>()
isTrue<Equal<InferGetServerSidePropsType<typeof arrow>, { a: number }>>()
const union = (async ({ params }) => {
  if (!params) return { notFound: true }
  if (params['id'] === 'old') return { redirect: { destination: '/', permanent: true } }
  return { props: { id: String(params['id']) } }
}) satisfies GetServerSideProps
isTrue<Equal<InferGetServerSidePropsType<typeof union>, { id: string }>>()
async function declared() {
  return Math.random() > 0.5 ? { notFound: true as const } : { props: { c: true } }
}
isTrue<Equal<InferGetStaticPropsType<typeof declared>, { c: boolean }>>()
`,
  'results.ts': `
import type { GetStaticPaths, GetStaticProps, Redirect } from 'pagepress'
export const permanent: Redirect = { destination: '/', permanent: true }
export const status: Redirect = { destination: '/', statusCode: 301 }
// @ts-expect-error one or the other
export const both: Redirect = { destination: '/', permanent: true, statusCode: 301 }
for (const revalidate of [1, true, false]) {
  const page: GetStaticProps = () => ({ props: {}, revalidate })
  void page
}
// @ts-expect-error no duration
export const text: GetStaticProps = () => ({ props: {}, revalidate: '1' })
for (const fallback of [true, false, 'blocking'] as const) {
  const paths: GetStaticPaths = () => ({ paths: [], fallback })
  void paths
}
// @ts-expect-error no such fallback
export const never: GetStaticPaths = () => ({ paths: [], fallback: 'never' })
`,
  'params.tsx': `${equal}
import type { GetStaticProps, LayoutProps, PageProps, RouteContext } from 'pagepress'
type Props = { title: string }
export const getStaticProps: GetStaticProps<Props, { slug: string }> = async (ctx) => {
  const slug = ctx.params?.slug
  isTrue<Equal<typeof slug, string | undefined>>()
  // @ts-expect-error no such parameter
  void ctx.params?.id
  return { props: { title: slug ?? '' } }
}
export async function Post({ params }: PageProps<'/blog/[slug]'>) {
  const { slug } = await params
  isTrue<Equal<typeof slug, string>>()
  isTrue<Equal<typeof params.slug, string>>()
  return <h1>{slug}</h1>
}
export function Layout({ children, params }: LayoutProps<'/files/[[...path]]'>) {
  isTrue<Equal<typeof params.path, string[] | undefined>>()
  return <main>{children}</main>
}
export async function GET(_request: Request, { params }: RouteContext<'/feed/[name]/data.json'>): Promise<Response> {
  // @ts-expect-error no such parameter
  void params.slug
  return Response.json((await params).name)
}
`,
  'app-and-document.tsx': `${equal}
import { App as OwnApp, type WebVitalsMetric } from 'pagepress/app'
import App, { type AppContext, type AppInitialProps, type AppProps, type NextWebVitalsMetric } from 'pagepress/next/app'
import Document, {
  Head, Html, Main, NextScript, type DocumentContext, type DocumentInitialProps, type DocumentProps,
} from 'pagepress/next/document'
export function Around({ Component, pageProps, router }: AppProps<{ title: string }>) {
  isTrue<Equal<typeof pageProps, { title: string }>>()
  // @ts-expect-error not one of the props
  void pageProps.author
  return <main title={router.asPath}><Component {...pageProps} /></main>
}
export class Site extends App<{ theme: string }> {
  static override async getInitialProps(context: AppContext) {
    const { Component, ctx, router } = context
    void [Component.displayName, ctx.pathname.length, router.route]
    const initial: AppInitialProps = await App.getInitialProps(context)
    return { ...initial, theme: 'dark' }
  }
  override render() {
    const { Component, pageProps, theme } = this.props
    // @ts-expect-error a text
    const wrong: number = theme
    return <section className={theme} data-wrong={wrong}><Component {...pageProps} /></section>
  }
}
isTrue<Equal<typeof App, typeof OwnApp>>()
isTrue<Equal<NextWebVitalsMetric, WebVitalsMetric>>()
export function reportWebVitals({ id, name, value, startTime, label }: NextWebVitalsMetric) {
  const text: string = id + name
  const time: number = value + startTime
  isTrue<Equal<typeof label, 'web-vital' | 'custom'>>()
  // @ts-expect-error no such label
  return label === 'other' ? text : time
}
export default class Paper extends Document<{ nonce: string }> {
  static override async getInitialProps(context: DocumentContext): Promise<DocumentInitialProps & { nonce: string }> {
    const { renderPage } = context
    context.renderPage = () =>
      renderPage({ enhanceApp: (One) => (props) => <One {...props} />, enhanceComponent: (One) => One })
    const { html, head, styles } = await Document.getInitialProps(context)
    // @ts-expect-error a text
    const wrong: number = html
    void [wrong, head, styles, context.req?.headers, context.defaultGetInitialProps]
    return { ...(await context.defaultGetInitialProps(context, { nonce: 'a' })), nonce: 'a' }
  }
  override render() {
    const { nonce, html }: DocumentProps & { nonce: string } = this.props
    return (
      <Html lang="en" className={html === '' ? 'empty' : 'full'}>
        <Head nonce={nonce}><meta name="theme-color" content="#fff" /></Head>
        <body><Main /><NextScript nonce={nonce} /></body>
      </Html>
    )
  }
}
// @ts-expect-error no attribute of the element
export const wrongPaper = () => <Html lang={5}><Head /><body><Main /><NextScript /></body></Html>
`,
  'modules.tsx': `${equal}
import { createRef } from 'react'
import Link, { type LinkProps } from 'pagepress/next/link'
import Router, { useRouter, type NextRouter, type SingletonRouter } from 'pagepress/next/router'
import ErrorPage, { type ErrorProps } from 'pagepress/next/error'
import Script, { type ScriptProps } from 'pagepress/next/script'
import dynamic, { type DynamicOptions, type Loader, type LoadingProps } from 'pagepress/next/dynamic'
const link: LinkProps = { href: { pathname: '/a', query: { b: 1 } }, replace: true, prefetch: false, className: 'c' }
// @ts-expect-error a link leads somewhere
export const nowhere: LinkProps = { replace: true }
const router: SingletonRouter = Router
const same: NextRouter = router
export async function go({ push, query, asPath, events }: NextRouter = same) {
  const arrived: boolean = await push('/a', undefined, { shallow: true, scroll: false })
  isTrue<Equal<(typeof query)[string], string | string[] | undefined>>()
  events.on('routeChangeStart', (url: string) => void (asPath + url))
  // @ts-expect-error no such event
  events.on('routeChange', () => {})
  router.ready(() => {})
  return arrived
}
const error: ErrorProps = { statusCode: 404, title: 'Gone', withDarkMode: false }
// @ts-expect-error a status is a number
export const noError: ErrorProps = { statusCode: '404' }
const script: ScriptProps = { src: '/a.js', strategy: 'lazyOnload', onLoad() {}, onReady() {}, onError() {} }
// @ts-expect-error no such strategy
export const noScript: ScriptProps = { src: '/a.js', strategy: 'later' }
const loader: Loader<{ n: number }> = async () => ({ default: ({ n }: { n: number }) => <b>{n}</b> })
const options: DynamicOptions<{ n: number }> = {
  ssr: false,
  loading: ({ error, isLoading, pastDelay }: LoadingProps) => <i>{error?.message ?? String(isLoading && pastDelay)}</i>,
}
const Part = dynamic(loader, options)
const Plain = dynamic<{}>(() => Promise.resolve(() => <u />))
export function All() {
  void useRouter().isReady
  return (
    <>
      <Link {...link} ref={createRef<HTMLAnchorElement>()}>A</Link>
      <Link legacyBehavior passHref href="/b"><b>B</b></Link>
      <ErrorPage {...error} />
      <Script {...script} />
      <Part n={1} />
      <Plain />
      {/* @ts-expect-error a number */}
      <Part n="one" />
    </>
  )
}
`,
  'wrong.ts': `
import type { GetStaticProps } from 'pagepress'
export const page: GetStaticProps = () => ({ props: 5 })
`,
}

const compilerOptions = {
  strict: true,
  noEmit: true,
  listFiles: true,
  jsx: 'react-jsx',
  target: 'es2023',
  lib: ['es2023', 'dom', 'dom.iterable'],
  types: ['node'],
  skipLibCheck: false,
}

const resolutions = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
}

/** The types of each React, and a name that only the newer one has. */
const majors = {
  18: { modules: '../__tests__/react18/node_modules', use: '// @ts-expect-error came with 19' },
  19: { modules: '.', use: '' },
}

const settings = Object.entries(majors).flatMap(([react, { modules, use }]) =>
  Object.entries(resolutions).map(([name, resolution]) => ({ react, modules, use, name, resolution })),
)

describe.each(settings)(
  'the declarations under strict, moduleResolution $name and the types of React $react',
  ({ react, modules, use, resolution }) => {
    let folder: string
    let output: string
    beforeAll(async () => {
      const types = join(repository, 'node_modules', modules, '@types')
      // The package stands beside React 19; these make it see what a project with React 18 has installed.
      const paths = Object.fromEntries(
        ['react', 'react-dom'].flatMap((name) => [
          [name, [join(types, name, 'index.d.ts')]],
          [`${name}/*`, [join(types, name, '*.d.ts')]],
        ]),
      )
      folder = await createProject({
        files: {
          ...files,
          'major.ts': `${use}\nimport { use } from 'react'\nexport { use }\n`,
          'tsconfig.json': JSON.stringify({ compilerOptions: { ...compilerOptions, ...resolution, paths } }),
        },
        packages: {
          '@types/express': '@types/express',
          '@types/node': '@types/node',
          '@types/react': `${modules}/@types/react`,
          '@types/react-dom': `${modules}/@types/react-dom`,
        },
      })
      const tsc = join(repository, 'node_modules/typescript/bin/tsc')
      const { stdout } = await runNode([tsc, '--project', folder, '--pretty', 'false'], { cwd: folder })
      output = stdout
    })
    afterAll(() => removeProject(folder))

    const errorsIn = (file: string) => output.split('\n').filter((line) => line.startsWith(`${file}(`))

    it('find errors at all', () => {
      expect(errorsIn('wrong.ts')).toEqual([expect.stringContaining('TS2322')])
    })

    it('are without any [19.10]', () => {
      const lines = output.trim().split('\n')
      expect(lines.filter((line) => /error TS/.test(line))).toEqual(errorsIn('wrong.ts'))
      const isReact18 = lines
        .filter((line) => /\/@types\/react\/index\.d\.ts$/.test(line))
        .map((line) => line.includes('/react18/'))
      expect(isReact18).toEqual([react === '18'])
    })

    it.each([
      ['names of the root [19.01]', 'root.ts'],
      ['getStaticProps and what is inferred from it [19.02]', 'static-props.ts'],
      ['getStaticPaths and getServerSideProps [19.03]', 'paths-and-server-props.ts'],
      ['inference from satisfies, arrows and unions [19.04]', 'infer.ts'],
      ['redirects, revalidate and fallback [19.05]', 'results.ts'],
      ['_app and _document [19.06]', 'app-and-document.tsx'],
      ['links, routers, errors, scripts and parts', 'modules.tsx'],
      ['parameters, generic and from the name of a route [19.09]', 'params.tsx'],
    ])('type %s', (_what, file) => {
      expect(errorsIn(file)).toEqual([])
    })
  },
)
