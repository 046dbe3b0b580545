/** The part of eslint-scope that we use; the package brings no declarations. */
declare module 'eslint-scope' {
  interface Reference {
    readonly identifier: { readonly range: [number, number] }
    readonly resolved: Variable | null
  }
  interface Variable {
    readonly name: string
    readonly scope: Scope
    readonly references: Reference[]
    readonly identifiers: { readonly range: [number, number] }[]
  }
  interface Scope {
    readonly type: string
    readonly variables: Variable[]
    readonly childScopes: Scope[]
    /** The node that it is the scope of. */
    readonly block: unknown
    /** References to what is declared further out. */
    readonly through: Reference[]
  }
  interface ScopeManager {
    readonly globalScope: Scope
    acquire(node: unknown, isInner?: boolean): Scope | null
  }
  export function analyze(
    program: unknown,
    options: { ecmaVersion: number; sourceType: 'module'; ignoreEval?: boolean },
  ): ScopeManager
}
