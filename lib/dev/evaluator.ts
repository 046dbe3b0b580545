import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { ESModulesEvaluator } from 'vite/module-runner'
import { isCommonJsFile } from '../vite/commonjs.js'

/**
 * Evaluates modules as Vite does, but has CommonJS packages show every name that they export, and as `default` what a
 * bundler would make of it: see `commonJsPackages`, which does so for builds.
 */
export class PageEvaluator extends ESModulesEvaluator {
  readonly #isModulePackage: boolean

  constructor(isModulePackage: boolean) {
    super()
    this.#isModulePackage = isModulePackage
  }

  override async runExternalModule(url: string): Promise<unknown> {
    const namespace: unknown = await super.runExternalModule(url)
    if (!url.startsWith('file:') || !isCommonJsFile(fileURLToPath(url))) return namespace
    // The import has evaluated it: this is the same instance.
    const exported: unknown = createRequire(url)(fileURLToPath(url))
    return toNamespace(exported, this.#isModulePackage)
  }
}

/** Names that functions have by themselves. */
const ofFunctions = new Set(['length', 'name', 'prototype', 'arguments', 'caller'])

function toNamespace(exported: unknown, isModulePackage: boolean): object {
  const namespace = Object.create(null) as Record<string, unknown>
  const isEsModule = isObject(exported) && exported['__esModule'] === true
  if (isObject(exported))
    for (const name of Object.getOwnPropertyNames(exported)) {
      if (name === 'default' || (typeof exported === 'function' && ofFunctions.has(name))) continue
      // A getter, because the package may export something else later.
      Object.defineProperty(namespace, name, { enumerable: true, get: () => exported[name] })
    }
  const defaultOf = () =>
    isEsModule && !isModulePackage && 'default' in exported ? exported['default'] : exported
  return Object.defineProperty(namespace, 'default', { enumerable: true, get: defaultOf })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
