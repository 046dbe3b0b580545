import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { missingBuild, unusableBuild } from '../errors.js'
import type { DraftKeys } from './draft-token.js'
import type { Fallback, PageData, PageKind } from './page-source.js'

/** Changes when the manifest or the layout of the build folder does. */
export const MANIFEST_FORMAT = 4
export const MANIFEST_FILE = 'manifest.json'

/** Names inside the build folder. */
export const buildFolders = {
  client: 'client',
  server: 'server',
  public: 'public',
  prerendered: 'prerendered',
} as const

export interface ManifestAssets {
  /** URL paths below the mount path, beginning with a slash; the same for all three lists. */
  readonly scripts: readonly string[]
  readonly preloads: readonly string[]
  /** Without those of `_app`. */
  readonly styles: readonly string[]
  /** Names of parts that the page may import later. */
  readonly later?: readonly string[]
}

/** A module that is imported later, such as the one behind `dynamic()`. */
export type ManifestPart = Pick<ManifestAssets, 'preloads' | 'styles'>

export interface ManifestPage {
  readonly route: string
  /** The page file, for messages; it need not exist any more. */
  readonly file: string
  readonly kind: PageKind
  readonly data?: PageData
  readonly fallback?: Fallback
  readonly hasMiddleware?: true
  /** The search parameters that make pages of their own. */
  readonly query?: readonly string[]
  /** Seconds that what `getServerSideProps` leads to is kept for. */
  readonly microcache?: number
  /** A route handler whose `GET` is run once for everybody. */
  readonly isStatic?: true
  /** Canonical pathnames that exist, where not all of them were prerendered and others do not exist. */
  readonly paths?: readonly string[]
  /** The layouts around the page, outermost first: places in the manifest's list. */
  readonly layouts?: readonly number[]
  /** The module, relative to the server folder. */
  readonly module: string
  readonly assets: ManifestAssets
}

export interface ManifestLayout {
  /** The place of its folder. */
  readonly route: string
  readonly file: string
  /** Relative to the server folder. */
  readonly module: string
}

/** Everything production knows of a build without loading a page. */
export interface BuildManifest {
  readonly format: number
  readonly buildId: string
  readonly rootId: string
  readonly config: {
    readonly trailingSlash: boolean
    readonly skipTrailingSlashRedirect: boolean
    readonly generateEtags: boolean
    readonly compress: boolean
    readonly largePageDataBytes: number
  }
  /** Folder of the modules: one of its own for each build, because a server that runs loads them when it needs them. */
  readonly serverDir: string
  /** Secrets of draft mode, new in every build. This file is for the server alone. */
  readonly draftKeys: DraftKeys
  /** What a document links to that shows no page of the project: the entry, and the built-in error page. */
  readonly frame: ManifestAssets
  /** What stands before the paths of assets instead of the mount path. */
  readonly assetPrefix?: string
  /** What `_app` imports. */
  readonly globalStyles: readonly string[]
  /** By name. */
  readonly parts: Readonly<Record<string, ManifestPart>>
  readonly layouts: readonly ManifestLayout[]
  /** Pages, API routes and route handlers with URLs of their own. */
  readonly pages: readonly ManifestPage[]
  readonly special: {
    /** Modules, relative to the server folder. */
    readonly app?: string
    readonly document?: string
    readonly notFound?: ManifestPage
    readonly serverError?: ManifestPage
    readonly error?: ManifestPage
  }
}

/** Reads the manifest of a build, or throws saying what to do. Synchronous, so that a missing build shows at once. */
export function readManifest(outDir: string): BuildManifest {
  let text: string
  try {
    text = readFileSync(join(outDir, MANIFEST_FILE), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw missingBuild(outDir)
    throw unusableBuild(outDir, 'has a manifest that cannot be read.', error)
  }
  const manifest = parse(text, outDir)
  if (manifest.format !== MANIFEST_FORMAT)
    throw unusableBuild(outDir, 'was made by another version of pagepress.')
  if (
    typeof manifest.buildId !== 'string' ||
    !Array.isArray(manifest.pages) ||
    !manifest.config ||
    !manifest.draftKeys ||
    typeof manifest.serverDir !== 'string' ||
    !manifest.special
  )
    throw unusableBuild(outDir, 'has a damaged manifest.')
  return manifest as BuildManifest
}

function parse(text: string, outDir: string): Partial<BuildManifest> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch (error) {
    throw unusableBuild(outDir, 'has a damaged manifest.', error)
  }
  throw unusableBuild(outDir, 'has a damaged manifest.')
}
