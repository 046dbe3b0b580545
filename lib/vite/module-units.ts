import { analyze } from 'eslint-scope'
import type { ESTree } from 'vite'
import type { Blanker } from './blank.js'

type Statement = ESTree.Program['body'][number]
type Pattern = ESTree.BindingPattern | ESTree.AssignmentTarget

/**
 * The smallest piece of a module that can go or stay by itself: an import or export specifier, a declarator, a function,
 * a class, or a whole statement of another kind.
 */
export interface ModuleUnit {
  readonly start: number
  readonly end: number
  readonly statement: Statement
  /** Names that the unit declares at the top level. */
  readonly declares: readonly string[]
  /** Names under which the unit itself exports something, each with the local name it exports. */
  readonly exports: readonly { readonly name: string; readonly local: string | undefined }[]
  readonly role: 'declaration' | 'import' | 'export-specifier' | 'statement'
  /** Registers components for Fast Refresh: it goes when what it registers goes, and keeps nothing alive. */
  readonly isRegistration: boolean
  /** Top-level names that the unit mentions. */
  readonly uses: Set<string>
}

/**
 * Splits a module into units and finds out which top-level names each of them uses.
 *
 * @param counts whether a name that stands at a position counts as used there
 */
export function toModuleUnits(
  program: ESTree.Program,
  counts: (position: number) => boolean = () => true,
): ModuleUnit[] {
  const units = program.body.flatMap(toUnits)
  const manager = analyze(program, { ecmaVersion: 2022, sourceType: 'module', ignoreEval: true })
  const moduleScope = manager.globalScope.childScopes.find((scope) => scope.type === 'module')
  for (const variable of moduleScope?.variables ?? [])
    for (const { identifier } of variable.references)
      if (counts(identifier.range[0])) unitAt(units, identifier.range[0])?.uses.add(variable.name)
  return units
}

function unitAt(units: readonly ModuleUnit[], position: number): ModuleUnit | undefined {
  let low = 0
  let high = units.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const unit = units[middle] as ModuleUnit
    if (position < unit.start) high = middle - 1
    else if (position >= unit.end) low = middle + 1
    else return unit
  }
  return undefined
}

function toUnits(statement: Statement): ModuleUnit[] {
  const base = { statement, isRegistration: false, declares: [], exports: [], uses: new Set<string>() }
  const whole = { ...base, start: statement.start, end: statement.end }
  switch (statement.type) {
    case 'ImportDeclaration':
      if (statement.specifiers.length === 0) return [{ ...whole, role: 'statement' }]
      return statement.specifiers.map((specifier) => ({
        ...base,
        start: specifier.start,
        end: specifier.end,
        declares: [specifier.local.name],
        role: 'import',
        uses: new Set<string>(),
      }))
    case 'ExportNamedDeclaration':
      if (statement.declaration) return declarationUnits(statement, statement.declaration as Statement, true)
      return statement.specifiers.map((specifier) => ({
        ...base,
        start: specifier.start,
        end: specifier.end,
        exports: [
          {
            name: moduleName(specifier.exported),
            local: statement.source ? undefined : moduleName(specifier.local),
          },
        ],
        role: 'export-specifier',
        uses: new Set<string>(),
      }))
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
    case 'VariableDeclaration':
      return declarationUnits(statement, statement, false)
    default:
      return [{ ...whole, role: 'statement', isRegistration: isRefreshRegistration(statement) }]
  }
}

function declarationUnits(statement: Statement, declaration: Statement, isExported: boolean): ModuleUnit[] {
  const toUnit = (start: number, end: number, declares: string[]): ModuleUnit => ({
    start,
    end,
    statement,
    declares,
    exports: isExported ? declares.map((name) => ({ name, local: name })) : [],
    role: 'declaration',
    isRegistration: false,
    uses: new Set<string>(),
  })
  if (declaration.type === 'VariableDeclaration')
    return declaration.declarations.map((one) => toUnit(one.start, one.end, patternNames(one.id)))
  if (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration')
    return [toUnit(statement.start, statement.end, declaration.id ? [declaration.id.name] : [])]
  return [{ ...toUnit(statement.start, statement.end, []), role: 'statement' }]
}

function moduleName(name: ESTree.ModuleExportName): string {
  return name.type === 'Literal' ? name.value : name.name
}

function patternNames(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name]
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        patternNames((property.type === 'RestElement' ? property.argument : property.value) as Pattern),
      )
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? patternNames(element as Pattern) : []))
    case 'RestElement' as never:
      return patternNames((pattern as unknown as { argument: Pattern }).argument)
    case 'AssignmentPattern':
      return patternNames(pattern.left as Pattern)
    default:
      return []
  }
}

/**
 * Blanks the parts of a destructuring pattern that bind nothing but dead names. Returns the dead names that could not be
 * taken out, because a rest element would then catch what they caught.
 */
export function blankPattern(pattern: Pattern, dead: ReadonlySet<string>, blanker: Blanker): string[] {
  const isDead = (part: Pattern) => patternNames(part).every((name) => dead.has(name))
  if (pattern.type === 'AssignmentPattern') return blankPattern(pattern.left as Pattern, dead, blanker)
  if (pattern.type === 'ObjectPattern') {
    if (pattern.properties.some((property) => property.type === 'RestElement'))
      return patternNames(pattern).filter((name) => dead.has(name))
    return pattern.properties.flatMap((property) => {
      const value = (property as { value: Pattern }).value
      if (!isDead(value)) return blankPattern(value, dead, blanker)
      blanker.blankElement(property.start, property.end)
      return []
    })
  }
  if (pattern.type === 'ArrayPattern')
    return pattern.elements.flatMap((element) => {
      if (!element || element.type === ('RestElement' as never)) return []
      if (!isDead(element as Pattern)) return blankPattern(element as Pattern, dead, blanker)
      blanker.blank(element.start, element.end)
      return []
    })
  return []
}

/** `_c = Page`, `$RefreshReg$(_c, "Page")` and `_s(Page, "…")`, as the Fast Refresh transform writes them. */
function isRefreshRegistration(statement: Statement): boolean {
  if (statement.type !== 'ExpressionStatement') return false
  const { expression } = statement
  if (expression.type === 'AssignmentExpression')
    return expression.left.type === 'Identifier' && /^_c\d*$/.test(expression.left.name)
  if (expression.type !== 'CallExpression' || expression.callee.type !== 'Identifier') return false
  return expression.callee.name === '$RefreshReg$' || /^_s\d*$/.test(expression.callee.name)
}
