import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { loadEnv, searchForWorkspaceRoot, transformWithOxc, type Plugin, type UserConfig } from 'vite'
import type { ResolvedConfig } from '../config.js'
import { packageFolder } from './own-package.js'

export interface BaseConfigOptions {
  readonly root: string
  readonly config: Pick<ResolvedConfig, 'env'>
}

/** Vite settings that hold in development and in builds, on both sides. */
export function baseConfig(site: BaseConfigOptions): Plugin {
  return {
    name: 'pagepress:config',
    config(_given, { mode, command }): UserConfig {
      const { root, config } = site
      const withNext = packagesWithNext(root)
      const define = toDefine({ root, config, mode })
      return {
        appType: 'custom',
        // Pages and this package must share one React, also where the package is linked from elsewhere.
        resolve: { dedupe: ['react', 'react-dom'], tsconfigPaths: true },
        ssr: { noExternal: withNext },
        optimizeDeps: {
          include: ['react', 'react-dom', 'react-dom/client', 'react/jsx-runtime', 'react/jsx-dev-runtime'],
          exclude: ['pagepress', ...withNext],
          entries: [],
        },
        server: { fs: { allow: [searchForWorkspaceRoot(root), packageFolder] } },
        // Vite would make global variables of these in a browser in development: see `publicEnv`.
        ...(command === 'build' ? { define } : { environments: { ssr: { define } } }),
      }
    },
  }
}

/**
 * Has browsers see in development what they see in production: public variables where they are named in full, and nothing
 * of `process.env` otherwise.
 */
export function publicEnv(site: BaseConfigOptions): Plugin {
  let define: Record<string, string> = {}
  return {
    name: 'pagepress:public-env',
    apply: 'serve',
    configResolved({ mode }) {
      const { root, config } = site
      define = {
        'process.env': '({})',
        'process.env.NODE_ENV': JSON.stringify(mode),
        ...toDefine({ root, config, mode }),
      }
    },
    transform: {
      filter: { id: { exclude: /\/node_modules\/|^\0/ }, code: /\bprocess\.env\b/ },
      handler(code, id) {
        if (this.environment.config.consumer !== 'client') return undefined
        return transformWithOxc(code, id, { lang: 'js', define, sourcemap: true, jsx: 'preserve' })
      },
    },
  }
}

/** `process.env.NAME` of the configuration file and of public variables, the same text on both sides. */
function toDefine({ root, config, mode }: BaseConfigOptions & { mode: string }): Record<string, string> {
  const values = { ...loadEnv(mode, root, 'NEXT_PUBLIC_'), ...config.env }
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`process.env.${name}`, JSON.stringify(value)]),
  )
}

interface Manifest {
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
}

/**
 * Installed packages that import `next/*` themselves, directly or through each other. They become part of the bundles, so
 * that those imports find this package.
 */
export function packagesWithNext(root: string): string[] {
  const found = new Set<string>()
  const own = readManifest(join(root, 'package.json'))
  const toCheck = new Map(
    Object.keys({ ...own?.dependencies, ...own?.devDependencies }).map((name) => [name, root]),
  )
  for (const [name, from] of toCheck) {
    const file = findManifest(from, name)
    const manifest = file === undefined ? undefined : readManifest(file)
    if (!manifest || file === undefined) continue
    if (manifest.peerDependencies?.next === undefined && manifest.dependencies?.next === undefined) continue
    if (name === 'next' || name === 'pagepress') continue
    found.add(name)
    for (const inner of Object.keys(manifest.dependencies ?? {}))
      if (!toCheck.has(inner)) toCheck.set(inner, dirname(file))
  }
  return [...found]
}

function findManifest(from: string, name: string): string | undefined {
  const folders = createRequire(join(from, 'package.json')).resolve.paths(name) ?? []
  return folders
    .map((folder) => join(folder, name, 'package.json'))
    .find((file) => readManifest(file) !== undefined)
}

function readManifest(file: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest
  } catch {
    return undefined
  }
}
