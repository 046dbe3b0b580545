import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import type { InlineConfig } from 'vite'
import { createRouteTable } from '../routing/table.js'
import {
  buildFolders,
  MANIFEST_FILE,
  type BuildManifest,
  type ManifestPage,
} from '../server/build-manifest.js'
import type { DataKind } from '../protocol/client-site.js'
import { loadConfig } from '../vite/load-config.js'
import { packageVersion } from '../vite/own-package.js'
import { readPageExports } from '../vite/page-exports.js'
import { findPages, type PageFile, type PageFiles } from '../vite/page-files.js'
import type { Site } from '../vite/plugin.js'
import { assertNoPublicConflicts, assertNothingReserved } from '../vite/public-files.js'
import { buildClient, type ClientAssets } from './client-bundle.js'
import { toBuildId, writeManifest } from './manifest.js'
import { prerender, type PrerenderedPage } from './prerender.js'
import { planPrerender } from './prerender-plan.js'
import { createLineReporter, type BuildReporter } from './reporter.js'
import { buildServer, type ServerModules } from './server-bundle.js'
import { findFacts, type PageFindings } from './site-facts.js'

export interface BuildOptions {
  /** The project's folder. @default process.cwd() */
  root?: string | undefined
  pagesDir?: string | undefined
  publicDir?: string | undefined
  outDir?: string | undefined
  /** Vite configuration, merged over the project's own. */
  vite?: InlineConfig | undefined
  reporter?: BuildReporter | undefined
}

/** What a build made, for the report at its end. */
export interface BuildResult {
  readonly outDir: string
  readonly buildId: string
  readonly manifest: Omit<BuildManifest, 'format'>
  readonly prerendered: readonly PrerenderedPage[]
  readonly milliseconds: number
}

/**
 * Builds a project for production. The new build is made beside the old one and takes its place when it is whole, so that
 * a failing build leaves the old one as it was.
 */
export async function build(options: BuildOptions = {}): Promise<BuildResult> {
  const started = performance.now()
  const reporter = options.reporter ?? createLineReporter((line) => console.log(line))
  const project = await readProject(options, reporter)
  const { outDir, files, config, root, publicDir } = project
  const staging = join(outDir, 'building')
  await rm(staging, { recursive: true, force: true })
  await mkdir(staging, { recursive: true })
  try {
    const bundles = await bundle(project, { staging, vite: options.vite, reporter })
    const manifest = await toManifest(project, bundles, staging)
    await writeManifest(staging, manifest)
    if (existsSync(publicDir)) await cp(publicDir, join(staging, buildFolders.public), { recursive: true })
    const prerendered = await prerender({
      outDir: staging,
      tasks: planPrerender(files, bundles.findings),
      trailingSlash: config.trailingSlash,
      failures: [...bundles.findings].flatMap(([page, { failure }]) =>
        failure === undefined ? [] : [{ page, error: failure }],
      ),
      reporter,
    })
    await replaceBuild(outDir, staging)
    return {
      outDir,
      buildId: manifest.buildId,
      manifest,
      prerendered,
      milliseconds: performance.now() - started,
    }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

type Project = Awaited<ReturnType<typeof readProject>>

async function readProject(options: BuildOptions, reporter: BuildReporter) {
  const root = resolve(options.root ?? process.cwd())
  const inRoot = (path: string) => (isAbsolute(path) ? path : join(root, path))
  const publicDir = inRoot(options.publicDir ?? 'public')
  const outDir = inRoot(options.outDir ?? '.pagepress')
  const config = await loadConfig({ root, command: 'build', onWarning: (message) => reporter.warn(message) })
  const pagesDir = options.pagesDir === undefined ? undefined : inRoot(options.pagesDir)
  const files = await findPages({ root, pagesDir, extensions: config.pageExtensions })
  // Throws for routes that the router could not tell apart.
  createRouteTable([...files.pages, ...files.api].map((page) => ({ ...page, value: page })))
  assertNothingReserved(root, publicDir)
  await assertNoPublicConflicts(root, publicDir, files)
  for (const page of allFiles(files))
    if (!files.api.includes(page)) readPageExports({ ...page, code: await readFile(page.path, 'utf8') })
  return { root, publicDir, outDir, config, files }
}

function allFiles(files: PageFiles): PageFile[] {
  const { app, document, error, notFound, serverError } = files
  return [...files.pages, ...files.api, app, document, error, notFound, serverError].filter(
    (one) => one !== undefined,
  )
}

interface Bundles {
  readonly modules: ServerModules
  readonly findings: ReadonlyMap<PageFile, PageFindings>
  readonly assets: ClientAssets
  readonly rootId: string
}

interface BundleOptions {
  staging: string
  vite: InlineConfig | undefined
  reporter: BuildReporter
}

async function bundle(project: Project, { staging, vite, reporter }: BundleOptions): Promise<Bundles> {
  const { root, config, files, publicDir } = project
  const serverFolder = join(staging, buildFolders.server)
  let importsNext = false
  let findings: ReadonlyMap<PageFile, PageFindings> = new Map()
  const rootId = () => config.rootId ?? (importsNext ? '__next' : '__page')
  const site: Site = {
    root,
    config,
    serverFolder,
    dev: false,
    files: () => files,
    dataKind: (page) => toDataKind(findings.get(page)),
    rootId,
    onNextImport: () => void (importsNext = true),
  }
  const settings = { site, publicDir, vite }
  reporter.info('Bundling for the server')
  const modules = await buildServer(settings, allFiles(files), serverFolder)
  // The kinds of pages are part of the browser's table, and only running them shows all of it.
  findings = await findFacts(files, modules, serverFolder)
  reporter.info('Bundling for browsers')
  const assets = await buildClient(settings, join(staging, buildFolders.client))
  return { modules, findings, assets, rootId: rootId() }
}

function toDataKind(found: PageFindings | undefined): DataKind {
  if (found?.data === 'getStaticProps') return 'static'
  if (found?.data === 'getServerSideProps') return 'server'
  return found?.data === 'getInitialProps' ? 'initial' : undefined
}

async function toManifest(
  { files, config }: Project,
  { modules, findings, assets, rootId }: Bundles,
  staging: string,
): Promise<BuildResult['manifest']> {
  const moduleOf = (page: PageFile): string => modules.get(page) ?? ''
  const toPage = (page: PageFile): ManifestPage => {
    const found = findings.get(page)
    return {
      route: page.route,
      file: page.file,
      kind: found?.kind ?? 'static',
      ...(found?.data && { data: found.data }),
      ...(found?.fallback !== undefined && { fallback: found.fallback }),
      module: moduleOf(page),
      assets: assets.pages.get(page) ?? { scripts: [], preloads: [], styles: [] },
    }
  }
  const served = {
    trailingSlash: config.trailingSlash,
    skipTrailingSlashRedirect: config.skipTrailingSlashRedirect,
    generateEtags: config.generateEtags,
    compress: config.compress,
  }
  const folders = [join(staging, buildFolders.client), join(staging, buildFolders.server)]
  const { app, document, notFound, serverError, error } = files
  return {
    buildId: await toBuildId(folders, [packageVersion, served, rootId]),
    rootId,
    config: served,
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

async function replaceBuild(outDir: string, staging: string): Promise<void> {
  // The manifest goes first and comes last: without it there is no build, with it the build is whole.
  const parts = [MANIFEST_FILE, ...Object.values(buildFolders)]
  for (const part of parts) await rm(join(outDir, part), { recursive: true, force: true })
  for (const part of parts.reverse())
    if (existsSync(join(staging, part))) await rename(join(staging, part), join(outDir, part))
}
