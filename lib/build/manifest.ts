import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  buildFolders,
  MANIFEST_FILE,
  MANIFEST_FORMAT,
  type BuildManifest,
  type ManifestPage,
} from '../server/build-manifest.js'
import { createDraftKeys } from '../server/draft-token.js'
import { packageVersion } from '../vite/own-package.js'
import { layoutsAround, listFiles, routedFiles, tablePages, type PageFile } from '../vite/page-files.js'
import type { PageFindings } from './site-facts.js'
import type { Bundles } from './bundle.js'
import type { Project } from './project.js'

/** What the production server is told of a build. */
export type ManifestContent = Omit<BuildManifest, 'format'>

/** Sums up what was bundled into a folder. */
export async function toManifest(
  { files, config }: Project,
  { modules, findings, assets, rootId }: Bundles,
  { folder, serverDir }: { folder: string; serverDir: string },
): Promise<ManifestContent> {
  const moduleOf = (page: PageFile): string => modules.get(page) ?? ''
  const toPage = (page: PageFile): ManifestPage => {
    const found = findings.get(page)
    const linked = assets.pages.get(page) ?? { scripts: [], preloads: [], styles: [] }
    const around = tablePages(files).includes(page) ? layoutsAround(page, files) : []
    return {
      route: page.route,
      file: page.file,
      kind: found?.kind ?? 'static',
      ...(found?.data && { data: found.data }),
      ...(found?.fallback !== undefined && { fallback: found.fallback }),
      ...(found?.hasMiddleware && { hasMiddleware: true }),
      ...(found?.query && { query: found.query }),
      ...(found?.microcache && { microcache: found.microcache }),
      ...(found?.isStatic && { isStatic: true }),
      ...(found && needsList(found) && { paths: pathnamesOf(found) }),
      ...(around.length > 0 && { layouts: around.map((layout) => files.layouts.indexOf(layout)) }),
      module: moduleOf(page),
      assets: found?.hydrates === false ? { ...linked, scripts: [], preloads: [] } : linked,
    }
  }
  const served = {
    trailingSlash: config.trailingSlash,
    skipTrailingSlashRedirect: config.skipTrailingSlashRedirect,
    generateEtags: config.generateEtags,
    compress: config.compress,
    largePageDataBytes: config.largePageDataBytes,
  }
  const folders = [join(folder, buildFolders.client), join(folder, serverDir)]
  const { app, document, notFound, serverError, error } = files
  return {
    buildId: await toBuildId(folders, [packageVersion, served, rootId, config.assetPrefix]),
    rootId,
    config: served,
    serverDir,
    draftKeys: createDraftKeys(),
    frame: assets.frame,
    ...(config.assetPrefix !== undefined && { assetPrefix: config.assetPrefix }),
    globalStyles: assets.globalStyles,
    parts: assets.parts,
    layouts: files.layouts.map((layout) => ({
      route: layout.route,
      file: layout.file,
      module: moduleOf(layout),
    })),
    pages: routedFiles(files).map(toPage),
    special: {
      ...(app && { app: moduleOf(app) }),
      ...(document && { document: moduleOf(document) }),
      ...(notFound && { notFound: toPage(notFound) }),
      ...(serverError && { serverError: toPage(serverError) }),
      ...(error && { error: toPage(error) }),
    },
  }
}

/** What prerendering found out: route handlers that cannot be run once for everybody, or were not for each path. */
export interface Unkept {
  /** They read the request. */
  readonly readers: ReadonlySet<PageFile>
  /** Some of their paths are missing among what was prerendered. */
  readonly incomplete: ReadonlySet<PageFile>
}

/** Corrects a manifest by what prerendering found out. */
export function withoutUnkept(
  manifest: ManifestContent,
  { readers, incomplete }: Unkept,
  findings: Bundles['findings'],
): ManifestContent {
  const byFile = new Map([...readers, ...incomplete].map((page) => [page.file, page]))
  if (byFile.size === 0) return manifest
  const correct = (page: ManifestPage): ManifestPage => {
    const handler = byFile.get(page.file)
    const found = handler && findings.get(handler)
    if (!found) return page
    const { isStatic, ...others } = page
    return {
      ...(readers.has(handler) ? others : page),
      ...(page.fallback === false && { paths: pathnamesOf(found) }),
    }
  }
  return { ...manifest, pages: manifest.pages.map(correct) }
}

/** Nothing is prerendered of what is produced per request, so that its paths must be known in another way. */
function needsList({ kind, isStatic, fallback, paths }: PageFindings): boolean {
  return paths !== undefined && fallback === false && kind !== 'static' && !isStatic
}

function pathnamesOf({ paths = [] }: PageFindings): string[] {
  return paths.map(({ pathname }) => pathname)
}

export async function writeManifest(folder: string, manifest: ManifestContent): Promise<void> {
  const text = JSON.stringify({ format: MANIFEST_FORMAT, ...manifest } satisfies BuildManifest)
  await writeFile(join(folder, MANIFEST_FILE), `${text}\n`)
}

/** A name for what was built: the same for the same output, another one for any other. */
async function toBuildId(folders: readonly string[], extra: unknown): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(extra))
  for (const folder of folders) {
    for (const file of await listFiles(folder)) {
      // Maps hold the paths of the machine that built.
      if (file.endsWith('.map')) continue
      const bytes = await readFile(join(folder, file))
      hash.update(`\0${file}\0${bytes.length}\0`).update(bytes)
    }
  }
  return hash.digest('base64url').replace(/[-_]/g, '').slice(0, 16)
}
