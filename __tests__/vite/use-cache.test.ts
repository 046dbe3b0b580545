import { parseSync, transformWithOxc } from 'vite'
import { findCachedFunctions } from '../../lib/vite/cached-functions.js'
import { useCache } from '../../lib/vite/use-cache.js'

const parse = (code: string) => parseSync('x.js', code, { lang: 'js', range: true, preserveParens: false })

type Handler = (this: object, code: string, id: string) => { code: string } | undefined

/** What the plugin makes of a module, for the server or for browsers. */
function transform(code: string, consumer: 'server' | 'client' = 'server'): string {
  const { handler } = useCache({ root: '/site' }).transform as { handler: Handler }
  const made =
    handler.call({ environment: { config: { consumer } } }, code, '/site/lib/data.js')?.code ?? code
  expect(parse(made).errors).toEqual([])
  expect(made.split('\n')).toHaveLength(code.split('\n').length)
  return made
}

const HEAD = "import { cached as __pagepress_cached } from 'pagepress';"
const BODY = "{ 'use cache'; return a }"

describe("a function that begins with 'use cache'", () => {
  it.each<[string, string, string, string]>([
    ['a declaration', `async function load(a) ${BODY}`, 'load', ''],
    ['an exported declaration', `export async function load(a) ${BODY}`, 'load', ''],
    ['a default export', `export default async function load(a) ${BODY}`, 'load', ''],
    ['an arrow function', `const load = async (a) => ${BODY}`, 'load', '()'],
    ['an exported arrow function', `export const other = 1, load = async (a) => ${BODY};`, 'load', '()'],
    ['a function expression', `let load = async function named(a) ${BODY}`, 'load', '()'],
    ['one without a name', `export default async function (a) ${BODY}`, 'default', '()'],
    ['an arrow function without a name', `export default async (a) => ${BODY}`, 'default', '()'],
    ['a property of an object', `export const all = {\n  load: async (a) => ${BODY} }`, '2:9', '()'],
    ['an argument', `export const load = limit(async (a) => ${BODY}, 5)`, '1:27', '()'],
    ['one in parentheses', `const load = (async (a) => ${BODY})`, 'load', '()'],
    ['among other directives', "async function load() { 'use strict'; 'use cache' }", 'load', ''],
    ['one that calls itself', "async function load(a) { 'use cache'; return a && load(a - 1) }", 'load', ''],
    ['one that uses what the module has', `const all = []\nasync function load(a) ${BODY}; all`, 'load', ''],
  ])('is wrapped, with its file and name for a key: %s', (_what, code, name, wrapped) => {
    const made = transform(code)
    const key = `{ key: "use cache lib/data.js#${name}" }`
    expect(made.startsWith(HEAD)).toBe(true)
    if (wrapped === '') expect(made).toBe(`${HEAD}${name} = __pagepress_cached(${name}, ${key});${code}`)
    else
      expect(made).toMatch(
        new RegExp(`__pagepress_cached\\(async .*, ${key.replace(/[{}]/g, '\\$&')}\\)`, 's'),
      )
  })

  it('ends its statement where that ended', () => {
    const made = transform(`const load = async () => { 'use cache' } // one\n;[1].map(String)\n`)
    expect(made).toContain(') // one\n;[1]')
    expect(transform("const load = async () => { 'use cache' }\n(1, 2)")).toContain(' });\n(1, 2)')
    expect(transform("export default async function () { 'use cache' }\n[1].map(String)")).toContain(
      ' });\n[1]',
    )
  })

  it('is found in what TypeScript and JSX compile to', async () => {
    const source = `import type { A } from './a'
export async function load<T>(id: T): Promise<A> {
  'use cache'
  return (await fetch(String(id))).json() as A
}
export const view = () => <p />`
    const { code } = await transformWithOxc(source, 'page.tsx', {
      lang: 'tsx',
      jsx: { runtime: 'automatic' },
    })
    expect(findCachedFunctions(code, parse(code).program).map(({ name }) => name)).toEqual(['load'])
  })

  it('is one only where the words are a directive', () => {
    for (const code of [
      "export async function load() { return 'use cache' }",
      "export async function load() { const a = 1; 'use cache' }",
      "// 'use cache'\nexport const load = async () => 'use cache'",
      "const text = 'use cache'",
      "async function load() { ('use cache') }",
    ])
      expect(transform(code)).toBe(code)
  })

  it.each<[string, string]>([
    ["`load` begins with 'use cache', and is no async function", "function load() { 'use cache' }"],
    ["`load` begins with 'use cache', and is no async function", "const load = () => { 'use cache' }"],
    ['and is no async function', "async function* load() { 'use cache' }"],
    [
      'and stands inside of another function, whose `table`, `user` it uses without having it among its arguments',
      "function make(table, { user }) { return async (id) => { 'use cache'; return [table, user, id] } }",
    ],
    [
      'and stands inside of another function. Move it',
      "export default function Page() { async function load() { 'use cache' } }",
    ],
    [
      'and uses `table` of the block around it.',
      "for (const table of tables) loaders[table] = async (id) => { 'use cache'; return [table, id] }",
    ],
    ['and belongs to an object', "export const api = { async load() { 'use cache' } }"],
    ['and belongs to an object', "class Api { static async load() { 'use cache' } }"],
    ['and belongs to an object', "class Api { load = async () => { 'use cache' } }"],
    ['and uses `this`', "export const load = async function () { 'use cache'; return this.id }"],
    ['and stands in a block', "if (a) { async function load() { 'use cache' } }"],
    ["begins with 'use cache', which is for functions", "'use cache'\nexport async function load() {}"],
    [
      "`load` begins with 'use cache: remote', which is not known",
      "async function load() { 'use cache: remote' }",
    ],
  ])('cannot be honoured, and says why: %s', (message, code) => {
    for (const consumer of ['server', 'client'] as const)
      expect(() => transform(code, consumer)).toThrow(
        expect.objectContaining({
          code: 'PAGES_USE_CACHE',
          message: expect.stringMatching(/^In `lib\/data\.js`: /) as string,
        }),
      )
    expect(() => transform(code)).toThrow(message)
  })

  it('leaves nothing of itself in browser code but a stand-in that says so', () => {
    const made = transform(
      `import { SECRET, other } from 'node:fs'
import { count } from './shared'
const TABLE = SECRET(), size = other
export async function load(a) {
  'use cache'
  return query(TABLE, \`SECRET\`, size, count)
}
export const shown = count(other)`,
      'client',
    )
    expect(made).not.toMatch(/SECRET|TABLE|size/)
    expect(made).toContain("import {         other } from 'node:fs'\nimport { count } from './shared'")
    expect(made).toContain('load of lib/data.js runs on the server alone')
    expect(made).toContain('export const shown = count(other)')
  })
})
