/** The part of eslint-scope that `server-exports` uses; the package brings no declarations. */
declare module 'eslint-scope' {
  interface Reference {
    readonly identifier: { readonly range: [number, number] }
    readonly resolved: Variable | null
  }
  interface Variable {
    readonly name: string
    readonly references: Reference[]
    readonly identifiers: { readonly range: [number, number] }[]
  }
  interface Scope {
    readonly type: string
    readonly variables: Variable[]
    readonly childScopes: Scope[]
  }
  interface ScopeManager {
    readonly globalScope: Scope
  }
  export function analyze(
    program: unknown,
    options: { ecmaVersion: number; sourceType: 'module'; ignoreEval?: boolean },
  ): ScopeManager
}
