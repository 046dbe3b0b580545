import { readPageExports } from '../../lib/vite/page-exports.js'

const read = (code: string, { route = '/x', file = 'pages/x.tsx' } = {}) =>
  readPageExports({ code, route, file })

describe('readPageExports', () => {
  it.each<[string, string, string | undefined]>([
    ['a function', 'export function getStaticProps() {}', 'static'],
    [
      'a constant with a type',
      'export const getServerSideProps: GetServerSideProps = async () => ({ props: {} })',
      'server',
    ],
    ['a re-export by name [2.39]', "export { getServerSideProps } from './x'", 'server'],
    ['a renaming export', 'const load = 1\nexport { load as getStaticProps }', 'static'],
    ['a destructuring', 'export const { getStaticProps } = make()', 'static'],
    ['a type of that name, which is nothing', 'export type getStaticProps = string', undefined],
    ['a comment, which is nothing', '// export function getStaticProps() {}', undefined],
    ['a getInitialProps', 'Page.getInitialProps = () => ({})', 'initial'],
  ])('finds where the props come from: %s', (_name, code, data) => {
    expect(read(`${code}\nexport default function Page() { return <p>x</p> }`).data).toBe(data)
  })

  it('reads JSX in files that end in .js', () => {
    const { names } = read('export default () => <p>x</p>', { file: 'pages/x.js' })
    expect([...names]).toEqual(['default'])
  })

  it('reads generic arrows and casts in files that end in .ts', () => {
    expect(
      read('export const a = <T>(x: T) => <T>x\nexport default a', { file: 'pages/api/x.ts' }).names.size,
    ).toBe(2)
  })

  it('refuses `export *`, naming the file, the module and what to write', () => {
    expect(() => read("export * from './shared'\nexport default () => null")).toThrow(
      /`pages\/x\.tsx` re-exports everything from `\.\/shared`.*export \{ getServerSideProps \} from '\.\/shared'/s,
    )
    expect(() => read("export * as all from './shared'\nexport default () => null")).not.toThrow()
    expect(() => read("export type * from './shared'\nexport default () => null")).not.toThrow()
  })

  it('refuses data functions where nobody calls them', () => {
    expect(() =>
      read('export const getServerSideProps = 1', { route: '/_app', file: 'pages/_app.tsx' }),
    ).toThrow(/`pages\/_app\.tsx` exports `getServerSideProps`, which is never called here/)
    expect(() => read('export const getStaticProps = 1', { route: '/_error' })).toThrow(/never called here/)
    expect(() => read('export const getServerSideProps = 1', { route: '/_error' })).not.toThrow()
  })

  it.each(['getClientProps', 'shouldRefetch'])('refuses `%s` where no router calls it', (name) => {
    for (const route of ['/_app', '/_error', '/404', '/500'])
      expect(() => read(`export const ${name} = 1`, { route, file: `pages${route}.tsx` })).toThrow(
        `\`pages${route}.tsx\` exports \`${name}\`, which is never called here`,
      )
    expect(() => read(`export const ${name} = 1`)).not.toThrow()
  })

  it('names file, place and reason of a syntax error', () => {
    expect(() => read('export default function Page() { return <p>x</b> }')).toThrow(
      /`pages\/x\.tsx` cannot be parsed.*pages\/x\.tsx:1/s,
    )
  })
})
