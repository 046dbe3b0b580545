import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The folder of this package. The same from sources and from what they compile to. */
export const packageFolder = fileURLToPath(new URL('../..', import.meta.url))

interface PackageJson {
  version: string
  exports: Record<string, { default?: string } | string>
}

const ownPackage = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as PackageJson

export const packageVersion = ownPackage.version

/** Modules of the field that have a stand-in of ours, by what follows `next/`. `index` holds types alone. */
const nextModules = [
  'app',
  'compat/router',
  'document',
  'dynamic',
  'error',
  'head',
  'link',
  'router',
  'script',
]

const PREFER_ROUTER = 'Use `useRouter` from `next/router`.'

/** What to use instead of the others. */
const nextRemedies: Readonly<Record<string, string>> = {
  image: 'Use an `<img>` with `width`, `height` and `loading="lazy"`.',
  'legacy/image': 'Use an `<img>` with `width`, `height` and `loading="lazy"`.',
  'font/google': 'Import a font package, such as those of `@fontsource`, in `_app`.',
  'font/local': 'Declare the font with `@font-face` in a CSS file.',
  navigation: PREFER_ROUTER,
  server: 'Express is the server: write a middleware of the app.',
  headers: 'Read `req.headers` and `req.cookies` in `getServerSideProps`.',
  cache:
    'Use `cached`, `cacheTag` and `cacheLife` of `pagepress`, and `revalidate()` of the site or `res.revalidate()` in an API route.',
  config: 'Use the key `env` of the configuration file, or read `process.env` on the server.',
  amp: 'AMP is not supported: remove it.',
  og: 'Answer images from a route of the app.',
  form: 'Use a `<form>`.',
}

/** How an import of ours, or of `next`, is to be understood. */
export type OwnImport =
  | { readonly type: 'own'; readonly specifier: string; readonly isNext: boolean }
  | { readonly type: 'unsupported'; readonly remedy: string }

/** Understands `pagepress/*` and `next/*`; `undefined` for everything else. */
export function parseOwnImport(specifier: string): OwnImport | undefined {
  const [, name, rest] = /^(next|pagepress)(?:\/(.+))?$/.exec(specifier) ?? []
  if (name === undefined) return undefined
  if (name === 'pagepress') return { type: 'own', specifier, isNext: false }
  const path = (rest ?? 'index').replace(/\.js$/, '')
  if (path === 'index' || nextModules.includes(path))
    return { type: 'own', specifier: `pagepress/next/${path}`, isNext: true }
  const remedy = Object.hasOwn(nextRemedies, path) ? nextRemedies[path] : undefined
  return {
    type: 'unsupported',
    remedy: remedy ?? 'It is no public module of the Pages Router: remove the import.',
  }
}

/** The file of an entry of this package, e.g. of `pagepress/react`; `undefined` if there is none. */
export function ownFile(specifier: string): string | undefined {
  const subpath = `.${specifier.slice('pagepress'.length)}`
  const [pattern, rest] = Object.hasOwn(ownPackage.exports, subpath)
    ? [subpath, '']
    : [`${dirname(subpath)}/*`, subpath.slice(dirname(subpath).length + 1)]
  const entry = ownPackage.exports[pattern]
  // An entry may hold types alone.
  const target = typeof entry === 'string' ? entry : entry?.default
  if (target === undefined) return undefined
  const file = join(packageFolder, target.replace('*', rest))
  return existsSync(file) ? file : undefined
}

/**
 * What a server module in `folder` imports to get an entry of this very package: its name where Node finds this package
 * by it, as in an ordinary project, or else the URL of its file.
 */
export function ownSpecifierFrom(folder: string, specifier: string): string | undefined {
  const file = ownFile(specifier)
  if (file === undefined) return undefined
  return isFoundByName(folder) ? specifier : pathToFileURL(file).href
}

function isFoundByName(folder: string): boolean {
  try {
    const found = createRequire(join(folder, 'module.mjs')).resolve('pagepress/package.json')
    return realpathSync(dirname(found)) === realpathSync(packageFolder)
  } catch {
    return false
  }
}
