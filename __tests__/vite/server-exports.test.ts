import { parseSync, transformWithOxc } from 'vite'
import { keptCode, mayHaveServerExports, removeServerExports } from '../../lib/vite/server-exports.js'

const parse = (code: string) => parseSync('page.js', code, { lang: 'js', range: true, preserveParens: false })

/** Compiles a page as Vite does, takes the server's part out, and checks what must hold for any page. */
async function strip(source: string): Promise<string> {
  const { code } = await transformWithOxc(source, 'page.tsx', { lang: 'tsx', jsx: { runtime: 'automatic' } })
  const stripped = removeServerExports(code, parse(code).program) ?? code
  expect(parse(stripped).errors).toEqual([])
  for (const [index, character] of [...code].entries())
    if (stripped[index] !== ' ' && stripped[index] !== ';') expect(stripped[index]).toBe(character)
  return stripped
}

function exportsOf(code: string): string[] {
  const { staticExports } = parse(code).module
  return staticExports
    .flatMap((one) => one.entries.map((entry) => entry.exportName.name ?? entry.exportName.kind))
    .sort()
}

const PAGE = 'export default function Page() { return <p>KEPT</p> }'

describe('data functions leave browser code in whatever way they are exported', () => {
  it.each<[string, string]>([
    ['a function', 'export async function getStaticProps() { return SECRET() }'],
    ['a constant', 'export const getServerSideProps = async () => SECRET()'],
    ['a variable with a type', 'export let getStaticPaths: () => unknown = () => SECRET()'],
    ['a local name', 'async function load() { return SECRET() }\nexport { load as getStaticProps }'],
    ['a re-export', "export { getServerSideProps } from './SECRET'"],
    ['a renamed re-export', "export { load as getServerSideProps } from './SECRET'"],
    ['a re-exported default', "export { default as getStaticProps } from './SECRET'"],
    ['an imported binding', "import { load } from './SECRET'\nexport { load as getStaticProps }"],
    ['a destructured object', 'export const { getStaticProps, getStaticPaths } = SECRET()'],
    ['a renaming destructuring', 'export const { load: getStaticProps } = SECRET()'],
    ['a destructured array', 'export const [getStaticProps] = SECRET()'],
    ['a default in a destructuring', 'export const { getStaticProps = SECRET() } = {}'],
    ['a class', 'export class getStaticProps { static x = SECRET() }'],
    ['two in one statement', 'export const getStaticPaths = SECRET, getStaticProps = () => SECRET()'],
    ['a quoted name', "const load = SECRET\nexport { load as 'getServerSideProps' }"],
    ['a page configuration', 'export const config = { api: SECRET }'],
    ['a revalidation time', 'export const revalidate = SECRET'],
    ['a rendering mode', "export const dynamic = 'SECRET'"],
  ])('%s', async (_name, source) => {
    const code = await strip(`${source}\n${PAGE}`)
    expect(code).not.toContain('SECRET')
    expect(code).toContain('KEPT')
    expect(exportsOf(code)).toEqual(['Default'])
  })
})

describe('what only data functions use goes with them', () => {
  it('takes imports out: named, default, namespace, and those of types', async () => {
    const code = await strip(`
import secretDefault from 'SECRET-1'
import { a as secretA, b as secretB } from 'SECRET-2'
import * as secretSpace from 'SECRET-3'
import secretBoth, { other as secretOther } from 'SECRET-4'
import type { SecretType } from 'SECRET-5'
export const getStaticProps = () => [secretDefault, secretA, secretB, secretSpace, secretBoth, secretOther] as SecretType
${PAGE}`)
    expect(code).not.toMatch(/SECRET|secret/)
  })

  it.each([
    ["import kept, { gone } from 'x'", /import kept, \{ +\} from "x"/],
    ["import gone, { kept } from 'x'", /import +\{ kept \} from "x"/],
    ["import { gone, kept } from 'x'", /import \{ +kept \} from "x"/],
    ["import { kept, gone } from 'x'", /import \{ kept, +\} from "x"/],
    ["import kept, * as gone from 'x'", /import kept +from "x"/],
    ["import gone, * as kept from 'x'", /import +\* as kept from "x"/],
    ["import { a as gone, /* , } */ kept } from 'x'", /import \{ +kept \} from "x"/],
  ])('keeps the other half of `%s`', async (line, expected) => {
    const code = await strip(`${line}
export const getStaticProps = () => gone
export default function Page() { return kept }`)
    expect(code).toMatch(expected)
    expect(code).not.toContain('gone')
  })

  it('follows declarations to their end, also in a circle', async () => {
    const code = await strip(`
import { connect } from 'SECRET-driver'
import path from 'SECRET-path'
const secretUrl = process.env.SECRET_URL
const secretDb = connect(secretUrl), secretTable = 'SECRET'
enum SecretKind { A, B }
class SecretStore { find() { return secretDb.query(secretTable, SecretKind.A) } }
function secretEven(n: number): boolean { return n === 0 || secretOdd(n - 1) }
function secretOdd(n: number): boolean { return secretEven(n - 1) && path.sep }
export async function getServerSideProps() { return { props: { ok: secretEven(2), store: new SecretStore() } } }
${PAGE}`)
    expect(code).not.toMatch(/SECRET|[sS]ecret/)
  })

  it('keeps the code of an import for its side effects, and drops those of an import for its names', async () => {
    const code = await strip(`
import './global.css'
import { secret } from 'SECRET'
export const getStaticProps = () => secret
${PAGE}`)
    expect(code).toContain('import "./global.css"')
    expect(code).not.toContain('SECRET')
  })

  it('takes out one of several declarators wherever it stands', async () => {
    for (const line of ['gone = 1, a = 2, b = 3', 'a = 2, gone = 1, b = 3', 'a = 2, b = 3, gone = 1']) {
      const code = await strip(`const ${line};
export const getStaticProps = () => gone
export default function Page() { return a + b }`)
      expect(code).not.toContain('gone')
      expect(code).toMatch(/a = 2 *,? +,? *b = 3/)
    }
  })
})

describe('what the page itself uses stays', () => {
  it('keeps helpers and imports of both sides', async () => {
    const code = await strip(`
import { format, secret } from './format'
const shared = (x: string) => format(x)
export const getStaticProps = () => ({ props: { text: shared(secret()) } })
export default function Page({ text }: { text: string }) { return <p>{shared(text)}</p> }`)
    expect(code).toContain('shared(text)')
    expect(code).toMatch(/import \{ format, +\} from "\.\/format"/)
  })

  it('keeps what only looks unused before: declarations that no data function mentions', async () => {
    const code = await strip(`
const untouched = sideEffect()
export const getStaticProps = () => 1
${PAGE}`)
    expect(code).toContain('untouched = sideEffect()')
  })

  it('tells names apart that are shadowed', async () => {
    const code = await strip(`
import { db } from './db'
export const getStaticProps = (db: { all(): string }) => db.all()
export default function Page() { return <p>{db.title}</p> }`)
    expect(code).toContain('import { db } from "./db"')
    const other = await strip(`
import { db } from './SECRET'
export const getStaticProps = () => db
export default function Page({ db }: { db: string }) { const f = (db: string) => db; return <p>{f(db)}</p> }`)
    expect(other).not.toContain('SECRET')
  })

  it('keeps a data function that the page calls, and ends its being an export', async () => {
    const code = await strip(`
export async function getStaticProps() { return load() }
export const getStaticPaths = () => 1, extra = 2
function load() { return 'both' }
Page.load = [getStaticProps, getStaticPaths]
export default function Page() { return <p>{extra}</p> }`)
    expect(code).toContain('async function getStaticProps')
    expect(code).toContain('return "both"')
    expect(exportsOf(code)).toEqual(['Default', 'extra'])
  })

  it('keeps the rest of a destructuring, with and without a rest element', async () => {
    const code = await strip(`
export const { getStaticProps, label } = make()
export default function Page() { return <p>{label}</p> }`)
    expect(code).toMatch(/\{ +label \} = make\(\)/)
    expect(exportsOf(code)).toEqual(['Default', 'label'])
    const withRest = await strip(`
export const { getStaticProps, ...others } = make()
export default function Page() { return <p>{others.label}</p> }`)
    expect(withRest).toContain('getStaticProps, ...others')
    expect(exportsOf(withRest)).toEqual(['Default', 'others'])
    const array = await strip(`
export const [getStaticProps, label] = make()
export default function Page() { return <p>{label}</p> }`)
    expect(array).toMatch(/\[ +, label\] = make\(\)/)
  })

  it('leaves a component called `dynamic` and a page without server exports alone', async () => {
    const source =
      "export const dynamic = () => null\nimport x from 'x'\nexport default function Page() { return x }"
    expect(exportsOf(await strip(source))).toEqual(['Default', 'dynamic'])
    const plain = 'export default function Page() { return null }'
    expect(removeServerExports(plain, parse(plain).program)).toBeUndefined()
    expect(mayHaveServerExports(plain)).toBe(false)
    expect(mayHaveServerExports('export const getStaticProps = 1')).toBe(true)
  })

  it('keeps statements apart when the one between them goes', () => {
    const code = 'let a = b\nexport function getStaticProps() {}\n[a] = [1]'
    const stripped = removeServerExports(code, parse(code).program) ?? ''
    expect(stripped).toMatch(/^let a = b\n; +\n\[a\] = \[1\]$/)
  })
})

describe('Fast Refresh', () => {
  it('does not keep a component alive that only a data function renders', async () => {
    const source = `
import { render } from 'SECRET'
function SecretMail() { return <p>SECRET</p> }
export const getServerSideProps = () => render(<SecretMail />)
${PAGE}`
    const { code } = await transformWithOxc(source, 'page.tsx', {
      lang: 'tsx',
      jsx: { runtime: 'automatic', development: true, refresh: true },
    })
    expect(code).toContain('$RefreshReg$')
    const stripped = removeServerExports(code, parse(code).program) ?? ''
    expect(stripped).not.toMatch(/SECRET|function SecretMail|= SecretMail/)
    expect(stripped).toMatch(/\$RefreshReg\$\(_c\d*, "Page"\)/)
    expect(parse(stripped).errors).toEqual([])
  })
})

describe('keptCode', () => {
  const compile = async (source: string) => (await transformWithOxc(source, 'page.tsx', { lang: 'tsx' })).code

  it('is the same when only a data function changed, and another when the component did', async () => {
    const page = (data: string, text: string) =>
      compile(
        `import { x } from 'x'\nexport const getStaticProps = () => ${data}\nexport default () => <p>${text}</p>`,
      )
    const kept = async (data: string, text: string) => {
      const code = await page(data, text)
      return keptCode(code, parse(code).program)
    }
    expect(await kept('x(1)', 'a')).toBe(await kept('x(1, {\n  more: 2,\n})', 'a'))
    expect(await kept('x(1)', 'a')).not.toBe(await kept('x(1)', 'b'))
  })
})
