import { jest } from '@jest/globals'
import { makeProject, removeProjects, runCli } from '../support/project.js'

jest.setTimeout(60_000)
afterAll(removeProjects)

const PAGE = 'export default function Page() { return <p>page</p> }\n'
const paths = (list: string) => `export const getStaticPaths = () => ({ paths: ${list}, fallback: false })\n`
const props = (result: string) => `export const getStaticProps = async ({ params }: any) => (${result})\n`

async function failure(files: Record<string, string>): Promise<string> {
  const project = await makeProject(files)
  const { code, stdout, stderr } = await runCli(['build', project.root])
  expect({ code, stdout: code === 1 ? '' : stdout }).toEqual({ code: 1, stdout: '' })
  expect(await project.list('.pagepress/server')).toEqual([])
  return `${stdout}\n${stderr}`
}

describe('what is wrong with the project fails the build before anything is bundled', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    [
      'no pages folder [1.06][18.11]',
      { 'src/x.ts': '' },
      /PAGES_DIR_MISSING: Couldn't find any `pages` folder in .*`pages` and `src\/pages`/,
    ],
    ['no page in the folder [18.11]', { 'pages/notes.md': '' }, /`pages` holds no page/],
    [
      'an empty list of extensions [1.05]',
      { 'pages/index.tsx': PAGE, 'pagepress.config.mjs': 'export default { pageExtensions: [] }' },
      /`pageExtensions` is an empty array/,
    ],
    [
      'an extension that is a number [1.05]',
      {
        'pages/index.tsx': PAGE,
        'pagepress.config.ts': 'export default { pageExtensions: [123] as unknown as string[] }',
      },
      /`pageExtensions` holds 123, of type number/,
    ],
    [
      'a key for later',
      { 'pages/index.tsx': PAGE, 'next.config.js': 'module.exports = { redirects: async () => [] }' },
      /PAGES_UNSUPPORTED: `next\.config\.js`: the key `redirects` is not supported/,
    ],
    [
      'a configuration that throws',
      { 'pages/index.tsx': PAGE, 'pagepress.config.js': "throw new Error('no luck')" },
      /PAGES_CONFIG: `pagepress\.config\.js` could not be loaded: no luck/,
    ],
    [
      'two files for one route',
      { 'pages/a.tsx': PAGE, 'pages/a/index.tsx': PAGE },
      /PAGES_ROUTE_CONFLICT: `pages\/a\/index\.tsx` \(\/a\) and `pages\/a\.tsx` \(\/a\) claim the same URLs/,
    ],
    [
      'an optional catch-all beside its root [1.25]',
      { 'pages/index.js': PAGE, 'pages/[[...slug]].js': PAGE },
      /same specificity as the optional catch-all.*\/\[\[\.\.\.slug\]\]/,
    ],
    [
      'two names for one parameter [1.27]',
      { 'pages/[a].tsx': PAGE, 'pages/[b]/x.tsx': PAGE },
      /different slug names for the same dynamic path/,
    ],
    [
      'a public folder with our name [1.33]',
      { 'pages/index.tsx': PAGE, 'public/_next/x.js': '' },
      /`public\/_next` clashes/,
    ],
    [
      'a public folder with the name of the assets',
      { 'pages/index.tsx': PAGE, 'public/_assets/x.js': '' },
      /`public\/_assets` clashes/,
    ],
    [
      '`export *` in a page [2.39]',
      { 'pages/index.tsx': `export * from './x'\n${PAGE}`, 'lib/x.ts': '' },
      /`pages\/index\.tsx` re-exports everything from `\.\/x` with `export \*`/,
    ],
    [
      'two layouts of one folder',
      { 'pages/_layout.tsx': PAGE, 'pages/_layout.jsx': PAGE, 'pages/index.tsx': PAGE },
      /`pages\/_layout\.jsx`.*`pages\/_layout\.tsx`.*a folder has one layout/,
    ],
    [
      'a syntax error',
      { 'pages/index.tsx': 'export default () => <p>' },
      /`pages\/index\.tsx` cannot be parsed/,
    ],
  ])('%s', async (_name, files, message) => {
    expect(await failure(files)).toMatch(message)
  })

  it('names every file of the public folder that has the URL of a page [1.32]', async () => {
    const output = await failure({
      'pages/index.tsx': PAGE,
      'pages/about.tsx': PAGE,
      'pages/docs/[id].tsx': PAGE,
      'pages/api/hello.ts': 'export default () => {}',
      'public/about': '',
      'public/api/hello': '',
      'public/docs/one': '',
      'public/fine.txt': '',
    })
    expect(output).toContain('/about: `public/about` and `pages/about.tsx`')
    expect(output).toContain('/api/hello: `public/api/hello` and `pages/api/hello.ts`')
    expect(output).not.toMatch(/fine|docs/)
  })
})

describe('what is wrong with a module fails the build', () => {
  it.each<[string, string, RegExp]>([
    ['a page without a component', 'export const x = 1', /`pages\/index\.tsx` has no default export/],
    [
      'getServerSideProps beside getStaticProps [2.37]',
      `export const getServerSideProps = () => ({ props: {} })\n${props('{ props: {} }')}${PAGE}`,
      /both `getServerSideProps` and `getStaticProps`.*can not use together/,
    ],
    [
      'a data function on the component [2.38]',
      `${PAGE}Page.getServerSideProps = () => ({ props: {} })`,
      /attaches `getServerSideProps` to its component.*Export it/,
    ],
    [
      'a data function that is none [2.42]',
      `export const getServerSideProps = 'x'\n${PAGE}`,
      /exports `getServerSideProps`, but it is no function/,
    ],
    [
      'props of the browser, and none for a first visit',
      `export const getClientProps = () => ({ props: {} })\n${PAGE}`,
      /`pages\/index\.tsx` exports `getClientProps` but neither `getServerSideProps` nor `getStaticProps`/,
    ],
    [
      'paths of a route without parameters [4.11]',
      `${paths('[]')}${props('{ props: {} }')}${PAGE}`,
      /exports `getStaticPaths`, but its route has no parameters/,
    ],
    ['a missing module', `import { x } from './nowhere'\n${PAGE}export const y = x`, /nowhere/],
    [
      'a module of the field that is missing here',
      `import Image from 'next/image'\nexport default () => <Image src="" alt="" />`,
      /`pages\/index\.tsx` imports `next\/image`, which is not supported\. Use an `<img>`/,
    ],
    [
      'a module of the other router',
      `import { usePathname } from 'next/navigation'\nexport default () => usePathname()`,
      /`next\/navigation`, which is not supported\. Use `useRouter`/,
    ],
    [
      "a module of Node's in browser code",
      `import { readFileSync } from 'node:fs'\nexport default () => <p>{typeof readFileSync}</p>`,
      /`pages\/index\.tsx` imports `node:fs`, which exists on the server only.*browser code of `pages\/index\.tsx`/s,
    ],
  ])('%s', async (_name, code, message) => {
    expect(await failure({ 'pages/index.tsx': code })).toMatch(message)
  })

  it("a module of Node's behind a component, naming the page that leads to it", async () => {
    const output = await failure({
      'pages/deep.tsx': "import { A } from '../components/a'\nexport default () => <A />",
      'components/a.tsx': "import { b } from './b'\nexport const A = () => <p>{b}</p>",
      'components/b.ts': "import { join } from 'path'\nexport const b = join('a', 'b')",
    })
    expect(output).toMatch(
      /`components\/b\.ts` imports `path`, which exists on the server only.*`pages\/deep\.tsx`/s,
    )
  })

  it('an API route in browser code', async () => {
    const output = await failure({
      'pages/index.tsx': "import { limit } from './api/x'\nexport default () => <p>{limit}</p>",
      'pages/api/x.ts': 'export const limit = 1\nexport default () => {}',
    })
    expect(output).toMatch(/`pages\/index\.tsx` imports the API route `pages\/api\/x\.ts` into browser code/)
  })

  it('every page with something wrong, and once what several of them import', async () => {
    const output = await failure({
      'pages/a.tsx': `import { list } from '../lib/list'\nexport default () => <p>{list}</p>`,
      'pages/b.tsx': `import { list } from '../lib/list'\nexport default () => <b>{list}</b>`,
      'lib/list.ts': "export const list: string = (() => { throw new Error('no list') })()",
      'pages/c.tsx': 'export const x = 1',
      'pages/api/x.ts': 'export const a = 1',
    })
    expect(output).toMatch(/PAGES_BUILD_FAILED: 3 pages cannot be built/)
    expect(output.match(/^ {2}\/\S+: /gm)).toEqual(['  /api/x: ', '  /a: ', '  /c: '])
    expect(output.match(/^ {2}.*Error: no list$/gm)).toHaveLength(1)
    expect(output).toMatch(/^ {2}\/c: PAGES_PAGE_EXPORTS: `pages\/c\.tsx` has no default export/m)
    expect(output).toMatch(/producing \/c:\nPAGES_PAGE_EXPORTS: `pages\/c\.tsx`/)
    // Where it was thrown, in its source.
    expect(output).toMatch(/at .*lib\/list\.ts:1:/)
  })

  it('an API route without a handler', async () => {
    const output = await failure({ 'pages/index.tsx': PAGE, 'pages/api/x.ts': 'export const a = 1' })
    expect(output).toMatch(/`pages\/api\/x\.ts`/)
  })
})

describe('a page that cannot be produced fails the build', () => {
  it.each<[string, string, RegExp]>([
    ['an error', "{ props: (() => { throw new Error('no database') })() }", /Error: no database/],
    [
      'the error of a missing file',
      "{ props: (() => { throw Object.assign(new Error('no such file'), { code: 'ENOENT' }) })() }",
      /Error: no such file/,
    ],
    ['undefined', '{ props: (() => { throw undefined })() }', /undefined was thrown, which is no Error/],
    ['text', "{ props: (() => { throw 'just text' })() }", /just text was thrown, which is no Error/],
    [
      'an object that cannot be shown',
      '{ props: (() => { throw Object.create(null) })() }',
      /something was thrown that is no Error/,
    ],
  ])('getStaticProps that throws %s, with its path [3.18]', async (_name, result, message) => {
    const output = await failure({ 'pages/sick.tsx': props(result) + PAGE })
    expect(output).toMatch(/^ {2}\/sick: /m)
    expect(output).toMatch(message)
  })

  it('getStaticPaths that throws, whatever it throws [3.18]', async () => {
    const broken = (what: string) =>
      `export const getStaticPaths = () => { throw ${what} }\n${props('{ props: {} }')}${PAGE}`
    const output = await failure({
      'pages/a/[x].tsx': broken("new Error('no list')"),
      'pages/b/[x].tsx': broken('undefined'),
    })
    expect(output).toMatch(/^ {2}\/a\/\[x\]: Error: no list/m)
    expect(output).toMatch(/^ {2}\/b\/\[x\]: undefined was thrown/m)
  })

  it('a component that throws, with the line of its source', async () => {
    const output = await failure({
      'pages/sick.tsx': 'const x: any = null\n\nexport default function Page() {\n  return <p>{x.y}</p>\n}\n',
    })
    expect(output).toMatch(/pages\/sick\.tsx:4:/)
  })

  it('a redirect while prerendering, with its URL [3.15]', async () => {
    const output = await failure({
      'pages/old.tsx': props("{ redirect: { destination: '/new', permanent: false } }") + PAGE,
    })
    expect(output).toMatch(
      /`redirect` can not be returned from getStaticProps during prerendering.*`pages\/old\.tsx`.*`\/old`/,
    )
  })

  it('names all that fail, and still ends with one clean message [18.10]', async () => {
    const page = (list: string) =>
      paths(list) +
      props("{ props: params.id > '2' ? (() => { throw new Error('bad ' + params.id) })() : {} }") +
      PAGE
    const output = await failure({
      'pages/[id].tsx': page("['/1', '/2', '/3', '/4']"),
      'pages/x/[id].tsx': page("['/x/9']"),
    })
    expect(output).toMatch(/PAGES_BUILD_FAILED: 3 pages could not be produced/)
    expect(output.match(/^ {2}\/\S+: .*$/gm)).toEqual([
      '  /3: Error: bad 3',
      '  /4: Error: bad 4',
      '  /x/9: Error: bad 9',
    ])
  })

  it('a path that does not fit its page', async () => {
    expect(await failure({ 'pages/[id].tsx': paths("['/a/b']") + props('{ props: {} }') + PAGE })).toMatch(
      /`\/a\/b` .*does not match the page/,
    )
  })

  it('a number or null among the paths [4.12]', async () => {
    const page = (list: string) => ({ 'pages/[id].tsx': paths(list) + props('{ props: {} }') + PAGE })
    expect(await failure(page('[1]'))).toMatch(/required parameter \(id\) was not provided as a string/)
    expect(await failure(page('[null]'))).toMatch(/TypeError: .*returned null among its paths/)
  })

  it('two pages with one path, whatever its case, and a path that is a page of its own [4.22]', async () => {
    const page = (list: string) => paths(list) + props('{ props: {} }') + PAGE
    const two = await failure({
      'pages/[a].tsx': page("['/Same/']"),
      'pages/[...b].tsx': page("[{ params: { b: ['same'] } }]"),
    })
    expect(two).toMatch(
      /paths must be unique: `\/(?:S|s)ame` is produced by both `pages\/\[.*` and `pages\/\[/,
    )
    const own = await failure({ 'pages/about.tsx': PAGE, 'pages/[a].tsx': page("['/about']") })
    expect(own).toMatch(/`\/about` is produced by both `pages\/about\.tsx` and `pages\/\[a\]\.tsx`/)
    const server = await failure({
      'pages/cart.tsx': `export const getServerSideProps = () => ({ props: {} })\n${PAGE}`,
      'pages/[a].tsx': page("['/cart']"),
    })
    expect(server).toMatch(/`\/cart` is produced by both/)
  })
})

describe('the command line', () => {
  it.each<[string[], RegExp]>([
    [[], /PAGES_CLI: No command was given/],
    [['frobnicate'], /PAGES_CLI: There is no command `frobnicate`/],
    [['build', 'a', 'b'], /`build` takes one folder, but `b` was given/],
    [['build', '--frob'], /Unknown option '--frob'/],
    [['start', '--port', 'x'], /The port is `x`, but it must be a number/],
  ])('refuses %j with exit code 1 and a word about --help', async (args, message) => {
    const { code, stdout, stderr } = await runCli(args)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(message)
  })

  it('shows its help and its version', async () => {
    expect(await runCli(['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/build.*dev.*start.*routes/s),
    })
    expect((await runCli(['-v'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('lists routes without running anything', async () => {
    const project = await makeProject({
      'pages/index.tsx': `throw new Error('not run')\n${PAGE}`,
      'pages/[id].tsx': paths('[]') + props('{}') + PAGE,
      'pages/api/x.ts': 'export default () => {}',
    })
    const { code, stdout } = await runCli(['routes', project.root])
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n').slice(1)).toEqual([
      '○  /              pages/index.tsx',
      '●  /[id]          pages/[id].tsx',
      'ƒ  /api/x         pages/api/x.ts',
    ])
  })
})
