import type { ESTree } from 'vite'
import { createBlanker, type Blanker } from './blank.js'
import { blankPattern, toModuleUnits, type ModuleUnit } from './module-units.js'
import { SERVER_ONLY_WORD, serverOnlyExports } from './server-only.js'

const MENTIONS_SERVER_EXPORT = new RegExp(`\\b(?:${[...serverOnlyExports, SERVER_ONLY_WORD].join('|')})\\b`)

/** Whether it is worth parsing a module for `removeServerExports`. */
export function mayHaveServerExports(code: string): boolean {
  return MENTIONS_SERVER_EXPORT.test(code)
}

/**
 * Takes the server-only exports out of a page module, and with them every top-level declaration and import that only they
 * used. What is left keeps its line and column. Returns `undefined` when there was nothing to take out.
 *
 * The code is JavaScript: TypeScript and JSX are compiled before. `program` is its tree, with `range` on every node.
 *
 * What the removed exports reach is *tainted*; what anything else reaches is *live*; tainted and not live goes. An import
 * goes without its side effects, because an import for the sake of side effects alone is written without names and stays.
 */
export function removeServerExports(code: string, program: ESTree.Program): string | undefined {
  const blanker = blankServerExports(code, program)
  return blanker?.hasChanges() ? blanker.toString() : undefined
}

/** What is left of a module without its server-only exports, to tell whether an edit concerns the browser. */
export function keptCode(code: string, program: ESTree.Program): string {
  return blankServerExports(code, program)?.toKept() ?? code
}

function blankServerExports(code: string, program: ESTree.Program): Blanker | undefined {
  const units = toModuleUnits(program)
  const goingExports = new Set(
    units.flatMap((unit) => unit.exports.filter((one) => isServerOnly(unit, one.name))),
  )
  if (goingExports.size === 0) return undefined

  const seeds = units.filter(
    (unit) => unit.exports.length > 0 && unit.exports.every((one) => goingExports.has(one)),
  )
  const tainted = reach(units, seeds)
  const live = reach(
    units,
    units.filter(
      (unit) =>
        !unit.isRegistration && (!tainted.has(unit) || unit.exports.some((one) => !goingExports.has(one))),
    ),
  )
  const dead = new Set(units.filter((unit) => (tainted.has(unit) || seeds.includes(unit)) && !live.has(unit)))
  const deadNames = new Set([...dead].flatMap((unit) => unit.declares))
  for (const unit of units)
    if (unit.isRegistration && [...unit.uses].some((name) => deadNames.has(name))) dead.add(unit)

  return blankDead(createBlanker(code), units, { dead, live, goingExports })
}

/** Units that go, units that stay, and exports that go from units which stay. */
interface Fate {
  readonly dead: ReadonlySet<ModuleUnit>
  readonly live: ReadonlySet<ModuleUnit>
  readonly goingExports: ReadonlySet<ModuleUnit['exports'][number]>
}

/** Blanks what is dead, with the commas and keywords that would be left of it. */
export function blankDead(
  blanker: Blanker,
  units: readonly ModuleUnit[],
  { dead, live, goingExports }: Fate,
): Blanker {
  for (const [statement, parts] of groupByStatement(units)) {
    if (parts.every((unit) => dead.has(unit))) blanker.blankStatement(statement.start, statement.end)
    else if (statement.type === 'ImportDeclaration') blankImports(blanker, parts, dead)
    else if (parts[0]?.role === 'export-specifier') blankSpecifiers(blanker, parts, dead)
    else blankDeclaration({ blanker, statement, parts, dead, goingExports, live })
  }
  return blanker
}

function isServerOnly(unit: ModuleUnit, name: string): boolean {
  if (serverOnlyExports.has(name)) return true
  return name === SERVER_ONLY_WORD && declaresString(unit, name)
}

function declaresString(unit: ModuleUnit, name: string): boolean {
  const declaration =
    unit.statement.type === 'ExportNamedDeclaration' ? unit.statement.declaration : undefined
  if (declaration?.type !== 'VariableDeclaration') return false
  return declaration.declarations.some(
    ({ id, init }) =>
      id.type === 'Identifier' &&
      id.name === name &&
      init?.type === 'Literal' &&
      typeof init.value === 'string',
  )
}

/** The units that `from` are or use, directly or through others. */
export function reach(units: readonly ModuleUnit[], from: readonly ModuleUnit[]): Set<ModuleUnit> {
  const declarers = new Map<string, ModuleUnit[]>()
  for (const unit of units)
    for (const name of unit.declares) declarers.set(name, [...(declarers.get(name) ?? []), unit])
  const reached = new Set(from)
  for (const unit of reached)
    for (const name of unit.uses) for (const declarer of declarers.get(name) ?? []) reached.add(declarer)
  return reached
}

function groupByStatement(units: readonly ModuleUnit[]): Map<ModuleUnit['statement'], ModuleUnit[]> {
  const groups = new Map<ModuleUnit['statement'], ModuleUnit[]>()
  for (const unit of units) {
    const group = groups.get(unit.statement)
    if (group) group.push(unit)
    else groups.set(unit.statement, [unit])
  }
  return groups
}

/** `import a, { b, c } from` and `import a, * as b from`, of which something stays. */
function blankImports(blanker: Blanker, parts: readonly ModuleUnit[], dead: ReadonlySet<ModuleUnit>): void {
  parts.forEach((unit, index) => {
    if (!dead.has(unit)) return
    const before = parts[index - 1]
    const specifier = (unit.statement as ESTree.ImportDeclaration).specifiers[index]
    // A namespace has no braces: the comma that parts it from the default import stands before it.
    if (specifier?.type === 'ImportNamespaceSpecifier' && before) blanker.blank(before.end, unit.end)
    else blanker.blankElement(unit.start, unit.end)
  })
}

function blankSpecifiers(
  blanker: Blanker,
  parts: readonly ModuleUnit[],
  dead: ReadonlySet<ModuleUnit>,
): void {
  for (const unit of parts) if (dead.has(unit)) blanker.blankElement(unit.start, unit.end)
}

interface DeclarationParts {
  blanker: Blanker
  statement: ModuleUnit['statement']
  parts: readonly ModuleUnit[]
  dead: ReadonlySet<ModuleUnit>
  goingExports: ReadonlySet<ModuleUnit['exports'][number]>
  live: ReadonlySet<ModuleUnit>
}

/** A declaration of which something stays: other declarators, other names, or all of it because live code uses it. */
function blankDeclaration({ blanker, statement, parts, dead, goingExports, live }: DeclarationParts): void {
  let hasKept = false
  parts.forEach((unit, index) => {
    const before = parts[index - 1]
    const stays = !dead.has(unit)
    // Between two declarators that stay exactly one comma stays: the one before the second.
    if (before && !(stays && hasKept)) blanker.blank(before.end, unit.start)
    if (stays) hasKept = true
    else blanker.blank(unit.start, unit.end)
  })

  const kept = parts.filter((unit) => !dead.has(unit))
  const going = kept.flatMap((unit) => unit.exports.filter((one) => goingExports.has(one)))
  if (going.length === 0) return
  const bound = new Set(going.map((one) => one.name))
  const removable = new Set([...bound].filter((name) => !isUsedElsewhere(name, live)))
  const stuck = kept.flatMap((unit) => blankNames(unit, removable, blanker))
  const stillExported = [...bound].filter((name) => !removable.has(name) || stuck.includes(name))
  if (stillExported.length === 0) return

  const declaration = (statement as ESTree.ExportNamedDeclaration).declaration
  if (!declaration) return
  blanker.blank(statement.start, declaration.start)
  const staying = kept.flatMap((unit) => unit.exports).filter((one) => !goingExports.has(one))
  if (staying.length > 0) blanker.append(`export { ${staying.map((one) => one.name).join(', ')} };`)
}

function isUsedElsewhere(name: string, live: ReadonlySet<ModuleUnit>): boolean {
  return [...live].some((unit) => unit.uses.has(name) && !unit.declares.includes(name))
}

function blankNames(unit: ModuleUnit, names: ReadonlySet<string>, blanker: Blanker): string[] {
  const declaration = (unit.statement as ESTree.ExportNamedDeclaration).declaration
  if (declaration?.type !== 'VariableDeclaration')
    return [...names].filter((name) => unit.declares.includes(name))
  const declarator = declaration.declarations.find(({ start }) => start === unit.start)
  return declarator && declarator.id.type !== 'Identifier'
    ? blankPattern(declarator.id, names, blanker)
    : [...names]
}
