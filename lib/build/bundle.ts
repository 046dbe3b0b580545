import { join } from 'node:path'
import type { InlineConfig } from 'vite'
import type { DataKind } from '../protocol/client-site.js'
import { buildFolders } from '../server/build-manifest.js'
import type { PageFile } from '../vite/page-files.js'
import { createPageTexts } from '../vite/page-texts.js'
import type { Site } from '../vite/plugin.js'
import { buildClient, type ClientAssets } from './client-bundle.js'
import { allFiles, type Project } from './project.js'
import type { BuildReporter } from './reporter.js'
import { buildServer, type ServerModules } from './server-bundle.js'
import { findFacts, type PageFindings } from './site-facts.js'

/** Both bundles of a project, and what was learned on the way. */
export interface Bundles {
  readonly modules: ServerModules
  readonly findings: ReadonlyMap<PageFile, PageFindings>
  readonly assets: ClientAssets
  readonly rootId: string
}

export interface BundleOptions {
  /** The folder that is to become the build. */
  folder: string
  /** Where in it the modules for the server go. */
  serverDir: string
  vite: InlineConfig | undefined
  reporter: BuildReporter
}

/** Bundles for the server, runs the pages to learn their kinds, and bundles for browsers with what was learned. */
export async function bundle(
  { root, config, files, publicDir }: Project,
  { folder, serverDir, vite, reporter }: BundleOptions,
): Promise<Bundles> {
  const serverFolder = join(folder, serverDir)
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
    takesParams: (page) => findings.get(page)?.data === 'generateStaticParams',
    clientExports: createPageTexts(() => files).clientExports,
    rootId,
    onNextImport: () => void (importsNext = true),
  }
  const settings = { site, publicDir, vite }
  reporter.info('Bundling for the server')
  const modules = await buildServer(settings, allFiles(files), serverFolder)
  // The kinds of pages are part of the browser's table, and only running them shows all of it.
  findings = await findFacts(files, { modules, serverDir: serverFolder, reporter })
  reporter.info('Bundling for browsers')
  const assets = await buildClient(settings, join(folder, buildFolders.client))
  return { modules, findings, assets, rootId: rootId() }
}

function toDataKind(found: PageFindings | undefined): DataKind {
  if (found?.data === 'getStaticProps') return 'static'
  if (found?.data === 'getServerSideProps') return 'server'
  // Where nothing but parameters are the props, data says whether the page is there.
  if (found?.data === 'generateStaticParams') return found.kind === 'server' ? 'server' : 'static'
  return found?.data === 'getInitialProps' ? 'initial' : undefined
}
