import { analyze } from 'eslint-scope'
import type { ESTree } from 'vite'

/** A function that begins with `'use cache'` and stands where that can be honoured. */
export interface CachedFunction {
  /** What it is called, or else where it stands: the same in every build of the same module. */
  readonly name: string
  /** Declared at the top of the module, so that its name can be given another value; otherwise it is an expression. */
  readonly isDeclared: boolean
  readonly start: number
  readonly end: number
  /** What must stand behind the call that takes its place, for the statement to end where it did. */
  readonly ending: '' | ';'
  /** Of its body, braces included. */
  readonly body: { readonly start: number; readonly end: number }
}

/** Why a directive cannot be honoured, and what to do. */
export class UnusableDirectiveError extends Error {
  override readonly name = 'UnusableDirectiveError'
}

/** Whether it is worth parsing a module for `findCachedFunctions`. */
export const MENTIONS_USE_CACHE = /['"]use cache/

const DIRECTIVE = 'use cache'

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** A node and what it stands in, the nearest first. */
interface Place {
  readonly node: Node
  readonly above: readonly Node[]
}

/**
 * Finds the functions of a module that begin with `'use cache'`. Throws `UnusableDirectiveError` for one that cannot be
 * cached: what it depends on must be its arguments, and it must be there once.
 *
 * @param program the tree of JavaScript, with `range` on every node
 */
export function findCachedFunctions(code: string, program: ESTree.Program): CachedFunction[] {
  const root = program as unknown as Node
  refuseVariants(root, 'The file')
  if (hasDirective(root))
    throw new UnusableDirectiveError(
      "begins with 'use cache', which is for functions. Write the directive at the top of each async function whose results are to be kept.",
    )
  const found: Place[] = []
  visit(root, [], (place) => {
    if (!isFunction(place.node)) return
    refuseVariants(place.node['body'] as Node, called(place))
    if (hasDirective(place.node['body'] as Node)) found.push(place)
  })
  if (found.length === 0) return []
  const capturedBy = createCaptures(program)
  return found.map((place) => toCachedFunction(code, place, capturedBy))
}

function toCachedFunction(
  code: string,
  place: Place,
  capturedBy: (node: Node) => readonly string[],
): CachedFunction {
  const { node, above } = place
  const refuse = (problem: string): never => {
    throw new UnusableDirectiveError(`${called(place)} begins with 'use cache', ${problem}`)
  }
  if (node['async'] !== true || node['generator'] === true)
    refuse('and is no async function: its results are waited for. Make it `async`.')
  const [parent] = above
  const isMethod = parent?.type === 'MethodDefinition' || parent?.['method'] === true || isAccessor(parent)
  if (isMethod || above.some(({ type }) => type === 'ClassBody'))
    refuse('and belongs to an object, which is no part of the key. Make it a function of the module.')
  const captured = capturedBy(node)
  const variables = captured.map((name) => `\`${name}\``).join(', ')
  if (above.some(isFunction))
    refuse(
      `and stands inside of another function${captured.length > 0 ? `, whose ${variables} it uses without having it among its arguments` : ''}. Move it to the top level of the module, and give it what it needs as arguments: they are the key of its results.`,
    )
  if (captured.length > 0)
    refuse(
      `and uses ${variables} of the block around it. Give it what it needs as arguments: they are the key.`,
    )
  if (usesThis(node))
    refuse('and uses `this`, which is no part of the key. Give it what it needs as arguments.')

  const isDeclared = node.type === 'FunctionDeclaration' && isNode(node['id'])
  if (isDeclared && !isTopLevel(above))
    refuse('and stands in a block. Move it to the top level of the module.')
  const { start, end } = node
  const body = node['body'] as Node
  const ending = endsByItself(code, node) ? ';' : ''
  return { name: nameOf(place) ?? positionOf(code, start), isDeclared, start, end, ending, body }
}

/** Names of variables that a function uses and that belong neither to it nor to the module as a whole. */
function createCaptures(program: ESTree.Program): (node: Node) => readonly string[] {
  const manager = analyze(program, { ecmaVersion: 2022, sourceType: 'module', ignoreEval: true })
  return (node) => {
    const scope = manager.acquire(node, true)
    const names = (scope?.through ?? []).flatMap(({ resolved }) => {
      const isShared = resolved === null || ['module', 'global'].includes(resolved.scope.type)
      return isShared || resolved.scope.block === node ? [] : [resolved.name]
    })
    return [...new Set(names)]
  }
}

function visit(node: Node, above: readonly Node[], see: (place: Place) => void): void {
  see({ node, above })
  const inside = [node, ...above]
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, inside, see)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}

function isFunction({ type }: Node): boolean {
  return type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression'
}

function isAccessor(node: Node | undefined): boolean {
  return node?.type === 'Property' && node['kind'] !== 'init'
}

/** The directives that a function or a module begins with. */
function directivesOf(body: Node): string[] {
  const statements = body['body'] as readonly Node[] | Node | undefined
  if (!isList(statements)) return []
  const end = statements.findIndex((statement) => typeof statement['directive'] !== 'string')
  return (end === -1 ? statements : statements.slice(0, end)).map((statement) =>
    String(statement['directive']),
  )
}

function isList(statements: readonly Node[] | Node | undefined): statements is readonly Node[] {
  return Array.isArray(statements)
}

function hasDirective(body: Node): boolean {
  return directivesOf(body).includes(DIRECTIVE)
}

function refuseVariants(body: Node, subject: string): void {
  const variant = directivesOf(body).find((one) => one !== DIRECTIVE && /^use cache\b/.test(one))
  if (variant === undefined) return
  throw new UnusableDirectiveError(
    `${subject} begins with '${variant}', which is not known. Write 'use cache', and say more with cacheLife() and cacheTag().`,
  )
}

function usesThis(root: Node): boolean {
  let isUsed = false
  visit(root, [], ({ node, above }) => {
    const isOwn = !above.some(
      (one) => one !== root && isFunction(one) && one.type !== 'ArrowFunctionExpression',
    )
    if (node.type === 'ThisExpression' && isOwn) isUsed = true
  })
  return isUsed
}

/** Of a declaration at the top of a module, exported or not. */
function isTopLevel([parent, above]: readonly Node[]): boolean {
  return (
    parent?.type === 'Program' || (above?.type === 'Program' && parent?.type.startsWith('Export') === true)
  )
}

/** The name of a declaration, or of the variable that a function is the whole value of. */
function nameOf({ node, above }: Place): string | undefined {
  const [parent, , ...around] = above
  const own = (node['id'] as { name?: string } | null | undefined)?.name
  if (node.type === 'FunctionDeclaration' && own !== undefined) return own
  const isVariable = parent?.type === 'VariableDeclarator' && isTopLevel(around)
  const variable = isVariable ? (parent['id'] as { name?: string }).name : undefined
  return variable ?? (parent?.type === 'ExportDefaultDeclaration' ? 'default' : undefined)
}

function called(place: Place): string {
  const name = nameOf(place)
  return name === undefined ? 'A function' : `\`${name}\``
}

/**
 * A declaration needs no semicolon, and after an arrow function no operator can follow: a line that begins like one is
 * another statement. Behind a call it would not be.
 */
function endsByItself(code: string, { type, end }: Node): boolean {
  if (type === 'FunctionDeclaration') return true
  const [next = ''] = /^(?:\s|\/\*[^]*?\*\/|\/\/[^\r\n]*)*(.)?/.exec(code.slice(end))?.slice(1) ?? []
  return type === 'ArrowFunctionExpression' && /[([`+\-*/]/.test(next)
}

function positionOf(code: string, start: number): string {
  const before = code.slice(0, start).split('\n')
  return `${before.length}:${before.at(-1)!.length + 1}`
}
