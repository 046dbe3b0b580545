import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { parseSync } from '@swc/core'

/** An import of one module of `lib` by another, or of a package. */
export interface Import {
  /** Relative to the folder, e.g. `server/send.ts`. */
  readonly from: string
  /** Another module of the folder, or the package's name as it is written. */
  readonly to: string
  readonly isOwn: boolean
  /** Gone when the code runs. */
  readonly isType: boolean
  readonly isDynamic: boolean
}

/** All source files below a folder, relative to it, with slashes. */
export function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
    .sort()
}

/** Every import of every module below a folder. */
export function readImports(folder: string): Import[] {
  const files = new Set(sourceFiles(folder))
  return [...files].flatMap((from) => {
    const { body } = parseSync(readFileSync(join(folder, from), 'utf8'), {
      syntax: 'typescript',
      tsx: from.endsWith('x'),
    })
    return findImports(body).map(({ source, ...kind }) => {
      const isOwn = source.startsWith('.')
      const to = isOwn ? toFile(files, posix.join(posix.dirname(from), source)) : source
      return { from, to, isOwn, ...kind }
    })
  })
}

type Found = { readonly source: string } & Pick<Import, 'isType' | 'isDynamic'>

interface Node {
  readonly type?: string
  readonly [key: string]: unknown
}

function findImports(node: unknown): Found[] {
  if (typeof node !== 'object' || node === null) return []
  if (Array.isArray(node)) return node.flatMap(findImports)
  const { type, source, typeOnly, callee, arguments: given, specifiers } = node as Node
  const isStatement =
    type === 'ImportDeclaration' || type === 'ExportNamedDeclaration' || type === 'ExportAllDeclaration'
  if (isStatement && isText(source))
    return [{ source: source.value, isType: typeOnly === true || hasOnlyTypes(specifiers), isDynamic: false }]
  const argument = (given as { expression?: unknown }[] | undefined)?.[0]?.expression
  const dynamic =
    (callee as Node | undefined)?.type === 'Import' && isText(argument)
      ? [{ source: argument.value, isType: false, isDynamic: true }]
      : []
  return [...dynamic, ...Object.values(node).flatMap(findImports)]
}

function isText(node: unknown): node is { value: string } {
  return (node as Node | undefined | null)?.type === 'StringLiteral'
}

function hasOnlyTypes(specifiers: unknown): boolean {
  const all = specifiers as { isTypeOnly?: boolean }[] | undefined
  return all !== undefined && all.length > 0 && all.every(({ isTypeOnly }) => isTypeOnly === true)
}

function toFile(files: ReadonlySet<string>, path: string): string {
  const stem = path.replace(/\.js$/, '')
  const file = [`${stem}.ts`, `${stem}.tsx`].find((name) => files.has(name))
  if (file === undefined) throw new Error(`There is no module ${path}.`)
  return file
}
