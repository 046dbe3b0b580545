import { existsSync } from 'node:fs'
import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { InlineConfig } from 'vite'
import { buildFolders, MANIFEST_FILE } from '../server/build-manifest.js'
import type { PageFile } from '../vite/page-files.js'
import { bundle } from './bundle.js'
import { compressAssets } from './compress-assets.js'
import { newServerDir, replaceServer } from './earlier-servers.js'
import { keepEarlierAssets } from './earlier-assets.js'
import { writeEnvTypes } from './env-types.js'
import { toManifest, withoutUnkept, writeManifest, type ManifestContent } from './manifest.js'
import { prerender, type PrerenderedFile } from './prerender.js'
import { planPrerender } from './prerender-plan.js'
import { readProject, type ProjectOptions } from './project.js'
import { createLineReporter, type BuildReporter } from './reporter.js'

export interface BuildOptions extends ProjectOptions {
  /** Vite configuration, merged over the project's own. */
  vite?: InlineConfig | undefined
  /** Hears what the build does. @default writes lines to the standard output */
  reporter?: BuildReporter | undefined
}

/** What a build made, for the report at its end. */
export interface BuildResult {
  readonly outDir: string
  readonly manifest: ManifestContent
  readonly prerendered: ReadonlyMap<PageFile, PrerenderedFile>
  readonly milliseconds: number
}

/**
 * Builds a project for production. The new build is made beside the old one and takes its place when it is whole, so that
 * a failing build leaves the old one as it was.
 */
export async function build(options: BuildOptions = {}): Promise<BuildResult> {
  const started = performance.now()
  const reporter = options.reporter ?? createLineReporter((line) => void process.stdout.write(`${line}\n`))
  const project = await readProject(options, (message) => reporter.warn(message))
  const { outDir, files, config, publicDir } = project
  await writeEnvTypes(project.root)
  const folder = join(outDir, 'building')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const serverDir = newServerDir()
  try {
    const bundles = await bundle(project, { folder, serverDir, vite: options.vite, reporter })
    const written = await toManifest(project, bundles, { folder, serverDir })
    await writeManifest(folder, written)
    await compressAssets(join(folder, buildFolders.client))
    if (existsSync(publicDir)) await cp(publicDir, join(folder, buildFolders.public), { recursive: true })
    const { files: prerendered, unkept } = await prerender({
      outDir: folder,
      plan: planPrerender(files, bundles.findings),
      trailingSlash: config.trailingSlash,
      failures: [...bundles.findings].flatMap(([page, { failure }]) =>
        failure ? [{ page, error: failure.error }] : [],
      ),
      reporter,
    })
    const manifest = withoutUnkept(written, unkept, bundles.findings)
    if (manifest !== written) await writeManifest(folder, manifest)
    await keepEarlierAssets(outDir, folder, manifest.buildId)
    await replaceBuild(outDir, folder)
    return { outDir, manifest, prerendered, milliseconds: performance.now() - started }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function replaceBuild(outDir: string, folder: string): Promise<void> {
  const { server, ...folders } = buildFolders
  // The manifest goes first and comes last: without it there is no build, with it the build is whole.
  for (const part of [MANIFEST_FILE, ...Object.values(folders)])
    await rm(join(outDir, part), { recursive: true, force: true })
  await replaceServer(join(outDir, server), join(folder, server))
  for (const part of [...Object.values(folders), MANIFEST_FILE])
    if (existsSync(join(folder, part))) await rename(join(folder, part), join(outDir, part))
}
