import type { InlineConfig } from 'vite'
import { describeValue, PagesError, unsupportedConfig, wrongConfig } from './errors.js'

/** What the build must know: the default export of `pagepress.config.ts`, or of a `next.config` with the same keys. */
export interface SiteConfig {
  /** Page URLs end with a slash. @default false */
  trailingSlash?: boolean
  /** Leaves URLs with the other kind of ending alone instead of redirecting them. @default false */
  skipTrailingSlashRedirect?: boolean
  /** Endings of files in the pages folder that make a page. @default ['tsx', 'ts', 'jsx', 'js'] */
  pageExtensions?: string[]
  /** Send ETags and answer 304. @default true */
  generateEtags?: boolean
  /** Compress HTML and JSON for clients that accept it. @default true */
  compress?: boolean
  /** Props above this many bytes of JSON are warned of: every visitor downloads them. @default 128000 */
  largePageDataBytes?: number
  /** Id of the element that holds the page. @default '__page', or '__next' where the project imports `next/*` */
  rootId?: string
  /**
   * What stands before `/_assets/` in the URLs of scripts, styles and imported files in production: the origin of a CDN,
   * e.g. `https://cdn.example.com`, or a path. Pages, their data and the public folder stay where they are. @default the
   * mount path
   */
  assetPrefix?: string
  /** Values that `process.env.NAME` is replaced with, in browser and server code. */
  env?: Record<string, string>
  /** Vite configuration, merged over the project's own `vite.config`. */
  vite?: InlineConfig
}

/** A configuration with its defaults filled in. */
export interface ResolvedConfig {
  /** The file it came from, relative to the root; `undefined` without one. */
  readonly file: string | undefined
  readonly trailingSlash: boolean
  readonly skipTrailingSlashRedirect: boolean
  readonly pageExtensions: readonly string[]
  readonly generateEtags: boolean
  readonly compress: boolean
  readonly largePageDataBytes: number
  readonly rootId: string | undefined
  /** Without a slash at its end. */
  readonly assetPrefix: string | undefined
  readonly env: Readonly<Record<string, string>>
  readonly vite: InlineConfig | undefined
}

/** Types a configuration file: `export default defineConfig({ … })`. */
export function defineConfig(config: SiteConfig): SiteConfig {
  return config
}

const DEFAULT_EXTENSIONS = ['tsx', 'ts', 'jsx', 'js']

/** Keys that are read elsewhere in the field, with what to do instead. Silence would be a feature lost unnoticed. */
const unsupportedKeys: Readonly<Record<string, string>> = {
  basePath: "The mount path comes from the app: `app.use('/shop', pages())`. Remove the key.",
  redirects: 'Answer them in the app, before `pages()`.',
  rewrites: 'Answer them in the app, before `pages()`.',
  headers: 'Set them in a middleware before `pages()`.',
  i18n: 'Pages in several languages are not supported yet.',
  output: 'The build is always a folder to be served by the app. Remove the key.',
  distDir: 'Pass `outDir` to `pages()` and `--out-dir` to `pagepress build`.',
  generateBuildId: 'The build id is always computed from what was built.',
  webpack: 'The bundler is Vite: use the key `vite`.',
  serverRuntimeConfig: 'Read `process.env` on the server.',
  publicRuntimeConfig: 'Use the key `env`, or pass values through props.',
}

/** Checks a configuration and fills in the defaults, or throws naming the key and the file. */
export function resolveConfig(
  given: unknown,
  file: string | undefined,
  onWarning: (message: string) => void = () => {},
): ResolvedConfig {
  const name = file ?? 'pagepress.config'
  if (given === undefined || given === null) given = {}
  if (typeof given !== 'object' || Array.isArray(given))
    throw wrongConfig(name, `the default export must be an object, but it is ${describeValue(given)}.`)
  const config = given as Record<string, unknown>
  refuseUnknown(config, name, onWarning)

  const boolean = (key: keyof SiteConfig, fallback: boolean): boolean => {
    const value = config[key] ?? fallback
    if (typeof value !== 'boolean') throw wrongKey(name, [key, value], '`true` or `false`')
    return value
  }
  const rootId = config.rootId
  if (rootId !== undefined && (typeof rootId !== 'string' || !/^[A-Za-z_][\w-]*$/.test(rootId)))
    throw wrongKey(name, ['rootId', rootId], 'an element id of letters, digits, `-` and `_`')

  return Object.freeze({
    file,
    trailingSlash: boolean('trailingSlash', false),
    skipTrailingSlashRedirect: boolean('skipTrailingSlashRedirect', false),
    pageExtensions: toExtensions(config.pageExtensions, name),
    generateEtags: boolean('generateEtags', true),
    compress: boolean('compress', true),
    largePageDataBytes: toByteCount(config.largePageDataBytes, name),
    rootId,
    assetPrefix: toAssetPrefix(config.assetPrefix, name),
    env: toEnv(config.env, name),
    vite: toViteConfig(config.vite, name),
  })
}

const knownKeys: readonly (keyof SiteConfig)[] = [
  'trailingSlash',
  'skipTrailingSlashRedirect',
  'pageExtensions',
  'generateEtags',
  'compress',
  'largePageDataBytes',
  'rootId',
  'assetPrefix',
  'env',
  'vite',
]

function refuseUnknown(config: object, file: string, onWarning: (message: string) => void): void {
  for (const [key, value] of Object.entries(config)) {
    if ((knownKeys as readonly string[]).includes(key) || value === undefined) continue
    const remedy = Object.hasOwn(unsupportedKeys, key) ? unsupportedKeys[key] : undefined
    // An empty value asks for nothing: `basePath: ''` is the default that generated files spell out.
    if (remedy !== undefined && value !== '') throw unsupportedConfig(file, key, remedy)
    if (remedy !== undefined) continue
    if (isNextConfig(file)) onWarning(`\`${file}\`: the key \`${key}\` is unknown here and has no effect.`)
    else
      throw wrongConfig(
        file,
        `there is no key \`${key}\`. Known are ${knownKeys.map((one) => `\`${one}\``).join(', ')}.`,
      )
  }
}

function isNextConfig(file: string): boolean {
  return file.startsWith('next.config.')
}

function wrongKey(file: string, [key, value]: readonly [string, unknown], expected: string): PagesError {
  return wrongConfig(file, `\`${key}\` is ${describeValue(value)}, but it must be ${expected}.`)
}

function toExtensions(value: unknown, file: string): readonly string[] {
  if (value === undefined) return DEFAULT_EXTENSIONS
  if (!Array.isArray(value)) throw wrongKey(file, ['pageExtensions', value], 'an array of file endings')
  if (value.length === 0)
    throw wrongConfig(
      file,
      '`pageExtensions` is an empty array, so no file would be a page. Name an ending, or remove the key.',
    )
  for (const extension of value as unknown[])
    if (typeof extension !== 'string' || extension === '')
      throw wrongConfig(
        file,
        `\`pageExtensions\` holds ${describeValue(extension)}, of type ${typeof extension}, but every member must be a string such as 'tsx'.`,
      )
  return (value as string[]).map((extension) => extension.replace(/^\./, ''))
}

function toByteCount(value: unknown = 128_000, file: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0)
    throw wrongKey(file, ['largePageDataBytes', value], 'a positive whole number of bytes')
  return value
}

function toAssetPrefix(value: unknown, file: string): string | undefined {
  if (value === undefined || value === '') return undefined
  const isPrefix =
    typeof value === 'string' &&
    /^(?:(?:https?:)?\/)?\/[^\s?#"'<>\\]*$/i.test(value) &&
    URL.canParse(value, 'http://x')
  if (!isPrefix)
    throw wrongKey(
      file,
      ['assetPrefix', value],
      "the URL of an origin such as 'https://cdn.example.com', or a path such as '/cdn'",
    )
  return value.replace(/\/+$/, '') || undefined
}

function toEnv(value: unknown, file: string): Readonly<Record<string, string>> {
  if (value === undefined) return {}
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrongKey(file, ['env', value], 'an object of strings')
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw wrongKey(file, [`env.${key}`, text], 'a string')
    if (key === 'NODE_ENV' || key.startsWith('__'))
      throw wrongConfig(file, `\`env.${key}\` cannot be set here: the name is reserved. Rename it.`)
  }
  return value as Record<string, string>
}

function toViteConfig(value: unknown, file: string): InlineConfig | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrongKey(file, ['vite', value], 'a Vite configuration object')
  return value
}
