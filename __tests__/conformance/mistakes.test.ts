import { jest } from '@jest/globals'
import {
  expressProgram,
  makeProject,
  removeProjects,
  runCli,
  startApp,
  type Project,
  type RunningApp,
} from '../support/project.js'

jest.setTimeout(60_000)

const PAGE = 'export default function Page() { return <p>page</p> }\n'
const PROPS = 'export const getStaticProps = () => ({ props: {} })\n'
const SERVER_PROPS = 'export const getServerSideProps = () => ({ props: {} })\n'
const PATHS =
  "export const getStaticPaths = () => ({ paths: [{ params: { slug: 'a' } }], fallback: false })\n"
const INITIAL = 'Page.getInitialProps = () => ({})\n'

const returns = (result: string) => `export const getStaticProps = () => (${result})\n${PAGE}`
const props = (value: string) => returns(`{ props: ${value} }`)
const lists = (result: string) => `export const getStaticPaths = () => (${result})\n${PROPS}${PAGE}`
const entries = (list: string) => lists(`{ paths: [${list}], fallback: false }`)

/** What is wrong, with the numbers that its message proves; the page's code; and what the message says. */
type Mistake = [title: string, code: string, message: RegExp]

/** In what a page exports. */
const exportsOfPages: Mistake[] = [
  [
    'getServerSideProps beside getStaticProps [2.37]',
    SERVER_PROPS + PROPS + PAGE,
    /both `getServerSideProps` and `getStaticProps`, which a page can not use together/,
  ],
  [
    'getServerSideProps beside getInitialProps [2.37]',
    SERVER_PROPS + PAGE + INITIAL,
    /both `getInitialProps` and `getServerSideProps`/,
  ],
  [
    'getStaticProps beside getInitialProps [2.37]',
    PROPS + PAGE + INITIAL,
    /both `getInitialProps` and `getStaticProps`/,
  ],
  ...['getServerSideProps', 'getStaticProps', 'getStaticPaths'].flatMap((name): Mistake[] => [
    [
      `${name} on the component [2.38]`,
      `${PAGE}Page.${name} = () => ({ props: {} })`,
      new RegExp(`attaches \`${name}\` to its component.*Export it`),
    ],
    [
      `${name} that is text [2.42]`,
      `export const ${name} = 'x'\n${PAGE}`,
      new RegExp(`exports \`${name}\`, but it is no function`),
    ],
  ]),
  [
    'getStaticPaths on a route without parameters [4.11]',
    PATHS + PROPS + PAGE,
    /exports `getStaticPaths`, but its route has no parameters/,
  ],
]

/** In what getStaticProps returns. */
const results: Mistake[] = [
  [
    'keys that nobody knows [3.08]',
    returns('{ world: 1, hello: 2, props: {} }'),
    /getStaticProps.*additional keys.*`world`, `hello`.*`props`, `revalidate`, `redirect`, `notFound`/,
  ],
  [
    'the old name of revalidate [3.08]',
    returns('{ unstable_revalidate: 1, props: {} }'),
    /`unstable_revalidate`. Rename it to `revalidate`/,
  ],
  ['nothing [3.09]', returns('undefined'), /`getStaticProps` of .* did not return an object/],
  [
    'notFound beside redirect [3.10]',
    returns("{ notFound: true, redirect: { destination: '/', permanent: false } }"),
    /both `notFound` and `redirect`, which cannot be combined/,
  ],
  [
    'revalidate: 1.1 [3.11]',
    returns('{ props: {}, revalidate: 1.1 }'),
    /`revalidate: 1.1` for `\/results\/\d+\/a`.*natural number. Mixed numbers.*`2` \(Math.ceil\)/,
  ],
  ...[0, -1].map((seconds): Mistake => [
    `revalidate: ${seconds} [3.11]`,
    returns(`{ props: {}, revalidate: ${seconds} }`),
    new RegExp(`\`revalidate: ${seconds}\`.*can not be less than or equal to zero`),
  ]),
  ...[
    ["'1'", '"1"'],
    ['null', 'null'],
    ['{}', 'an object'],
  ].map(([value, shown]): Mistake => [
    `revalidate: ${value} [3.12]`,
    returns(`{ props: {}, revalidate: ${value} }`),
    new RegExp(`\`revalidate: ${shown}\``),
  ]),
]

/** In its props. */
const propsOfPages: Mistake[] = [
  ...[
    ['[]', 'Array'],
    ['new Date()', 'Date'],
    ['null', 'Null'],
    ['1', 'Number'],
  ].map(([value, tag]): Mistake => [
    `props: ${value} [3.20]`,
    props(value!),
    new RegExp(`returned as a plain object from getStaticProps: \`{ props: {...} }\`.*\\[object ${tag}\\]`),
  ]),
  [
    'undefined in props [3.21][3.25]',
    props('{ a: { b: [undefined] } }'),
    /Error serializing `\.a\.b\[0\]`.*`undefined` cannot be serialized.*`null`, or leave the key out/,
  ],
  [
    'a date in props [3.22][3.25]',
    props("{ 'odd-key': new Date(0) }"),
    /`\["odd-key"\]`.*`object` \("\[object Date\]"\).*JSON types only/,
  ],
  ['a map in props [3.22]', props('{ a: new Map() }'), /`\.a`.*\[object Map\]/],
  [
    'an instance of a class in props [3.22]',
    props('{ a: new (class Own {})() }'),
    /`\.a`.*`object` \("\[object Object\]"\).*JSON types only/,
  ],
  ['a function in props [3.22]', props('{ a: () => 1 }'), /`\.a`.*`function`/],
  ['a symbol in props [3.22]', props("{ a: Symbol('a') }"), /`\.a`.*`symbol`/],
  ['a bigint in props [3.22]', props('{ a: 1n }'), /`\.a`.*`bigint`/],
  [
    'a circle in props [3.23]',
    `const a = { b: {} }\na.b.back = a\n${props('{ a }')}`,
    /`\.a\.b\.back`.*Circular references.*`\.a`/,
  ],
  [
    'a circle around all props [3.23]',
    `const self = {}\nself.me = self\n${props('self')}`,
    /`\.me`.*Circular references.*`\(self\)`/,
  ],
]

/** In what pages with the route `[slug]` export. */
const exportsOfDynamicPages: Mistake[] = [
  [
    'getServerSideProps beside getStaticPaths [2.37]',
    SERVER_PROPS + PATHS + PAGE,
    /both `getServerSideProps` and `getStaticPaths`, which a page can not use together/,
  ],
  ['no getStaticPaths [4.11]', PROPS + PAGE, /not `getStaticPaths`, which is required for dynamic static/],
  ['getStaticPaths alone [4.11]', PATHS + PAGE, /without `getStaticProps`, so it does nothing/],
]

/** In what getStaticPaths returns, for `[slug]`. */
const paths: Mistake[] = [
  ...['undefined', '[]', "'x'"].map((result): Mistake => [
    `${result} for paths [4.02]`,
    lists(result),
    /Invalid value returned from getStaticPaths in \/paths\/\d+\/\[slug\]: .*`{ paths: \[\], fallback/,
  ]),
  [
    'more keys beside paths [4.03]',
    lists('{ paths: [], fallback: true, foo: 1, bar: 2 }'),
    /Extra keys returned .*foo, bar/,
  ],
  ...['{ paths: [] }', "{ paths: [], fallback: 'yes' }"].map((result): Mistake => [
    `a wrong fallback in ${result} [4.04]`,
    lists(result),
    /`fallback` key must be returned from getStaticPaths in \/paths\/\d+\/\[slug\]/,
  ]),
  ...['{ fallback: false }', '{ paths: {}, fallback: false }'].map((result): Mistake => [
    `wrong paths in ${result} [4.05]`,
    lists(result),
    /Invalid `paths` value .*array of strings or of objects/,
  ]),
  [
    'a path of another page [4.06]',
    entries("'/other/x'"),
    /`\/other\/x` .*does not match the page `\/paths\/\d+\/\[slug\]`/,
  ],
  [
    'keys beside params [4.07]',
    entries("{ slug: 'a', foo: 1 }"),
    /Additional keys were returned .*slug, foo.*under `params`/,
  ],
  ...[
    ['{ params: { slug: 5 } }', 'number'],
    ['{ params: {} }', 'undefined'],
  ].map(([entry, type]): Mistake => [
    `the entry ${entry} [4.08]`,
    entries(entry!),
    new RegExp(`required parameter \\(slug\\) was not provided as a string .*received ${type}`),
  ]),
  [
    'a locale that is not there [4.10]',
    entries("{ params: { slug: 'a' }, locale: 'fr' }"),
    /Invalid locale returned .*"fr"/,
  ],
  ['a number as entry [4.12]', entries('1'), /required parameter \(slug\) was not provided as a string/],
  ['null as entry [4.12]', entries('null'), /TypeError: .*returned null among its paths/],
]

/** The same for `[...slug]` and `[[...slug]]`. */
const catchAllPaths: Mistake[] = [
  [
    'text for a catch-all [4.08]',
    entries("{ params: { slug: 'a' } }"),
    /required parameter \(slug\) was not provided as an array .*received string/,
  ],
]
const optionalPaths: Mistake[] = [
  [
    'no parameter of an optional catch-all [4.09]',
    entries('{ params: {} }'),
    /\(slug\) was not provided as an array .*received undefined/,
  ],
]

interface MistakenPage {
  title: string
  url: string
  file: string
  code: string
  message: RegExp
}

/** A page for each mistake, in a folder of its own, so that no two share a route. */
function toPages(name: string, segment: string, mistakes: readonly Mistake[]): MistakenPage[] {
  return mistakes.map(([title, code, message], index) => {
    const folder = `/${name}/${index}`
    return { title, url: `${folder}/a`, file: `pages${folder}/${segment}.jsx`, code, message }
  })
}

const wrongExports = [
  ...toPages('exports', 'a', exportsOfPages),
  ...toPages('dynamic-exports', '[slug]', exportsOfDynamicPages),
]
const wrongResults = [
  ...toPages('results', 'a', results),
  ...toPages('paths', '[slug]', paths),
  ...toPages('catch-all', '[...slug]', catchAllPaths),
  ...toPages('optional', '[[...slug]]', optionalPaths),
]
const wrongProps = toPages('props', 'a', propsOfPages)

const toRows = (pages: readonly MistakenPage[]) => pages.map((page) => [page.title, page] as const)

function createProject(pages: readonly MistakenPage[]): Promise<Project> {
  const files = pages.map(({ file, code }) => [file, code] as const)
  return makeProject({ 'pages/index.jsx': PAGE, ...Object.fromEntries(files) })
}

async function build(pages: readonly MistakenPage[]): Promise<string> {
  const { code, stderr } = await runCli(['build', (await createProject(pages)).root])
  expect(code).toBe(1)
  return stderr
}

afterAll(removeProjects)

describe.each([
  ['what it exports', wrongExports],
  ['what its functions return', wrongResults],
  ['its props', wrongProps],
])('a build ends with exit code 1 and tells of every page that is wrong in %s', (_what, pages) => {
  let told: string[]

  beforeAll(async () => {
    told = (await build(pages)).split('\n')
  }, 60_000)

  it.each(toRows(pages))('%s', (_title, { file, message }) => {
    const own = told.filter((line) => line.includes(`\`${file}\``))
    expect(own).toEqual([expect.stringMatching(message)])
  })
})

describe('development answers with 500 and the message for a page with', () => {
  const pages = [...wrongExports, ...wrongResults, ...wrongProps]
  let site: RunningApp

  beforeAll(async () => {
    const program = expressProgram({ options: '{ onError() {} }' })
    site = await startApp(await createProject(pages), program, { NODE_ENV: 'development' })
  }, 60_000)

  it.each(toRows(pages))('%s', async (_title, { url, file, message }) => {
    const answer = await fetch(site.url + url)
    const shown = unescapeHtml(await answer.text())

    expect(answer.status).toBe(500)
    expect(shown).toMatch(message)
    expect(shown).toContain(file)
  })
})

function unescapeHtml(html: string): string {
  return html
    .replace(/&#(\d+|x[\da-f]+);/gi, (_all, code: string) => String.fromCodePoint(Number(`0${code}`)))
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
