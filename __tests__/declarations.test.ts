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
  'wrong.ts': `
import type { GetStaticProps } from 'pagepress'
export const page: GetStaticProps = () => ({ props: 5 })
`,
}

const compilerOptions = {
  strict: true,
  noEmit: true,
  jsx: 'react-jsx',
  target: 'es2023',
  lib: ['es2023', 'dom', 'dom.iterable'],
  types: ['node'],
  skipLibCheck: false,
}

const settings = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
}

describe.each(Object.entries(settings))(
  'the declarations under strict and moduleResolution %s',
  (_name, resolution) => {
    let folder: string
    let output: string
    beforeAll(async () => {
      folder = await createProject({
        files: {
          ...files,
          'tsconfig.json': JSON.stringify({ compilerOptions: { ...compilerOptions, ...resolution } }),
        },
        packages: Object.fromEntries(
          ['@types/express', '@types/node', '@types/react', '@types/react-dom'].map((one) => [one, one]),
        ),
      })
      const tsc = join(repository, 'node_modules/typescript/bin/tsc')
      const { stdout } = await runNode([tsc, '--project', folder, '--pretty', 'false'], { cwd: folder })
      output = stdout
    })
    afterAll(() => removeProject(folder))

    const errorsIn = (file: string) => output.split('\n').filter((line) => line.startsWith(`${file}(`))

    it('find errors at all', () => {
      expect(errorsIn('wrong.ts')).toEqual([expect.stringContaining('TS2322')])
      expect(
        output
          .trim()
          .split('\n')
          .filter((line) => /error TS/.test(line)),
      ).toEqual(errorsIn('wrong.ts'))
    })

    it.each([
      ['names of the root [19.01]', 'root.ts'],
      ['getStaticProps and what is inferred from it [19.02]', 'static-props.ts'],
      ['getStaticPaths and getServerSideProps [19.03]', 'paths-and-server-props.ts'],
      ['inference from satisfies, arrows and unions [19.04]', 'infer.ts'],
      ['redirects, revalidate and fallback [19.05]', 'results.ts'],
      ['parameters, generic and from the name of a route [19.09]', 'params.tsx'],
    ])('type %s', (_what, file) => {
      expect(errorsIn(file)).toEqual([])
    })
  },
)
