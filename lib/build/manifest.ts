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
import { listFiles, type PageFile } from '../vite/page-files.js'
import type { Bundles } from './bundle.js'
import type { Project } from './project.js'

/** What the production server is told of a build. */
export type ManifestContent = Omit<BuildManifest, 'format'>

/** Sums up what was bundled into a folder. */
export async function toManifest(
  { files, config }: Project,
  { modules, findings, assets, rootId }: Bundles,
  folder: string,
): Promise<ManifestContent> {
  const moduleOf = (page: PageFile): string => modules.get(page) ?? ''
  const toPage = (page: PageFile): ManifestPage => {
    const found = findings.get(page)
    return {
      route: page.route,
      file: page.file,
      kind: found?.kind ?? 'static',
      ...(found?.data && { data: found.data }),
      ...(found?.fallback !== undefined && { fallback: found.fallback }),
      ...(found?.hasMiddleware && { hasMiddleware: true }),
      module: moduleOf(page),
      assets: assets.pages.get(page) ?? { scripts: [], preloads: [], styles: [] },
    }
  }
  const served = {
    trailingSlash: config.trailingSlash,
    skipTrailingSlashRedirect: config.skipTrailingSlashRedirect,
    generateEtags: config.generateEtags,
    compress: config.compress,
    largePageDataBytes: config.largePageDataBytes,
  }
  const folders = [join(folder, buildFolders.client), join(folder, buildFolders.server)]
  const { app, document, notFound, serverError, error } = files
  return {
    buildId: await toBuildId(folders, [packageVersion, served, rootId]),
    rootId,
    config: served,
    draftKeys: createDraftKeys(),
    frame: assets.frame,
    pages: [...files.pages, ...files.api].map(toPage),
    special: {
      ...(app && { app: moduleOf(app) }),
      ...(document && { document: moduleOf(document) }),
      ...(notFound && { notFound: toPage(notFound) }),
      ...(serverError && { serverError: toPage(serverError) }),
      ...(error && { error: toPage(error) }),
    },
  }
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
