import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Plugin } from 'vite'

/** Begins the ids of modules that stand for packages which only `require` knows. */
const PREFIX = '\0pagepress:commonjs/'

/** Node reads their names well, and they are in every page: the shortest way to them is the plain import. */
const isReact = /^react(?:-dom)?(?:\/|$)/

/**
 * Lets server code import CommonJS packages the way browser code does. A bundler sees every name that such a package
 * exports, and its `default` for what `__esModule` says it is; Node guesses at the names and ignores `__esModule`. So these
 * packages are required, and the bundler does the rest, the same on both sides.
 */
export function commonJsPackages(): Plugin {
  const known = new Map<string, boolean>()

  return {
    name: 'pagepress:commonjs-packages',
    apply: 'build',
    enforce: 'pre',
    applyToEnvironment: ({ config }) => config.consumer === 'server',
    resolveId: {
      filter: { id: /^[@a-z]/i },
      async handler(source, importer) {
        if (importer === undefined || isReact.test(source)) return undefined
        if (importer.startsWith(PREFIX)) return { id: source, external: true }
        if (importer.startsWith('\0')) return undefined
        const resolved = await this.resolve(source, importer, { skipSelf: true })
        if (
          !resolved?.external ||
          resolved.id.startsWith('file:') ||
          /^(?:node:|pagepress\/)/.test(resolved.id)
        )
          return resolved
        let isCommonJs = known.get(source)
        if (isCommonJs === undefined) known.set(source, (isCommonJs = isCommonJsPackage(source, importer)))
        return isCommonJs ? `${PREFIX}${resolved.id}` : resolved
      },
    },
    load: {
      filter: { id: /^\0pagepress:commonjs\// },
      handler: (id) => ({
        code: `module.exports = require(${JSON.stringify(id.slice(PREFIX.length))})`,
        moduleType: 'js',
        moduleSideEffects: true,
      }),
    },
  }
}

/** Whether a package has CommonJS code alone: one with a form for `import` is imported. */
function isCommonJsPackage(specifier: string, importer: string): boolean {
  try {
    const require = createRequire(importer)
    const file = require.resolve(specifier)
    return file !== specifier && isCommonJsFile(file) && !hasImportCondition(file)
  } catch {
    return false
  }
}

/** Whether Node takes a file for CommonJS. */
export function isCommonJsFile(file: string): boolean {
  if (file.endsWith('.cjs')) return true
  if (!file.endsWith('.js')) return false
  if (nearestPackage(file)?.type === 'module') return false
  return !/^\s*(?:import\b[^(]*['"{*]|export\b)/m.test(readFileSync(file, 'utf8'))
}

function hasImportCondition(file: string): boolean {
  return /"(?:import|module|module-sync)":/.test(JSON.stringify(nearestPackage(file)?.exports ?? {}))
}

interface PackageJson {
  name?: string
  type?: string
  exports?: unknown
}

/** The package.json that governs a file. Ones without a name only set a type for a folder, but that is what is asked. */
function nearestPackage(file: string): PackageJson | undefined {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson
    } catch {
      // Look further up.
    }
  }
  return undefined
}

/** Whether the modules of a folder are of the kind to which a CommonJS package's `default` is all that it exports. */
export function isModulePackage(folder: string): boolean {
  return nearestPackage(join(folder, 'x'))?.type === 'module'
}
