import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { join, relative } from 'node:path'
import { createLogger, createServerModuleRunner, type InlineConfig } from 'vite'
import type { ResolvedConfig } from '../config.js'
import { MANIFEST_FILE } from '../server/build-manifest.js'
import type { PageSource } from '../server/page-source.js'
import { writeEnvTypes } from '../build/env-types.js'
import { loadConfig } from '../vite/load-config.js'
import { createPageTexts } from '../vite/page-texts.js'
import { isHandlerFile } from '../vite/handler-files.js'
import { browserFiles } from '../vite/page-files.js'
import type { Site } from '../vite/plugin.js'
import { assertNothingReserved } from '../vite/public-files.js'
import { createHostCheck, type HostCheck } from './allowed-hosts.js'
import { createDevModules } from './dev-modules.js'
import { isModulePackage } from '../vite/commonjs.js'
import { PageEvaluator } from './evaluator.js'
import { createDevSource } from './dev-source.js'
import { renderErrorPage } from './error-page.js'
import { refuse } from './guarded-site.js'
import { isServedFile } from './module-files.js'
import { isForeignScript, opensEditor, toEditorUrl } from './module-requests.js'
import { readPageSet, type PageSet } from './page-set.js'
import { watchPages } from './page-watch.js'
import { createToldPages } from './told-pages.js'
import { mayConnect } from './socket-requests.js'
import { createHmrUpgrades } from './upgrades.js'
import { createViteServer, passToVite } from './vite-server.js'

export interface DevServerOptions {
  root: string
  /** Absolute; looked for when not given. */
  pagesDir?: string | undefined
  /** Absolute. */
  publicDir: string
  /** Absolute; holds Vite's cache. */
  outDir: string
  /** Whether anybody has asked for development. */
  isModeChosen: boolean
  /** The mount path, `''` or e.g. `/shop`. */
  basePath: string
  /** Vite configuration from the options of `pages()`. */
  vite?: InlineConfig | undefined
}

export interface DevServer {
  readonly source: PageSource
  readonly config: ResolvedConfig
  /** Whether `server.allowedHosts` of the Vite configuration takes a host. */
  readonly isAllowedHost: HostCheck
  /** Answers requests below `/_assets/` of the mount path; the first brings the server for the HMR socket. */
  serveModules(req: IncomingMessage, res: ServerResponse, next: () => void): void
  /** A document that shows an error and loads anew after an edit. */
  renderError(error: unknown): string
  close(): Promise<void>
}

const HMR_PATH = '@hmr'

/** Starts Vite inside the host's process: no port of its own, and no listener before a request brings the host's server. */
export async function createDevServer(options: DevServerOptions): Promise<DevServer> {
  const { root, basePath, publicDir, outDir } = options
  const logger = createLogger('info', { prefix: '[pagepress]' })
  const warn = (message: string) => logger.warn(message, { timestamp: true })
  const config = await loadConfig({ root, command: 'serve', onWarning: warn })
  assertNothingReserved(root, publicDir)
  if (!options.isModeChosen) tellOfBuild(options, warn)
  await writeEnvTypes(root)

  const findOptions = { root, pagesDir: options.pagesDir, extensions: config.pageExtensions }
  let pages = await readPageSet(findOptions, warn)
  let importsNext = await mentionsNext(pages)
  const texts = createPageTexts(() => pages.files)
  const told = createToldPages(texts, () => pages.files)
  const site: Site = {
    root,
    config,
    serverFolder: undefined,
    dev: true,
    files: () => pages.files,
    ...told.texts,
    rootId: () => config.rootId ?? (importsNext ? '__next' : '__page'),
    onNextImport: () => void (importsNext = true),
  }

  const base = `${basePath}/_assets/`
  const upgrades = createHmrUpgrades(base + HMR_PATH, (req) =>
    mayConnect(req, { isAllowedHost, token: vite.config.webSocketToken }),
  )
  const devModules = createDevModules(() => site.rootId())
  const vite = await createViteServer({
    site,
    plugins: [devModules.plugin],
    publicDir,
    outDir,
    base,
    hmrPath: HMR_PATH,
    upgrades,
    vite: options.vite,
  })
  const isAllowedHost = createHostCheck(vite.config.server.allowedHosts ?? [])
  const runner = createServerModuleRunner(vite.environments.ssr, {
    hmr: false,
    evaluator: new PageEvaluator(isModulePackage(root)),
  })
  const stopWatching = watchPages(vite, {
    pagesDir: pages.files.pagesDir,
    extensions: config.pageExtensions,
    changesRole: async (path) =>
      (await isHandlerFile(path)) !== isHandler(pages, path) || (await told.isOutdated()),
    async onChange() {
      pages = await readPageSet(findOptions, warn)
      devModules.renewPages(vite)
    },
  })

  return {
    source: createDevSource({ vite, runner, pages: () => pages, site: { ...site, ...texts } }),
    config,
    isAllowedHost,
    serveModules(req, res, next) {
      const { server } = req.socket as { server?: Server }
      if (server) upgrades.listenOn(server)
      if (isForeignScript(req.headers)) return refuse(res, 'Scripts of this site are not for other sites.\n')
      if (!isServedFile(req.url ?? '', vite.config, outDir))
        return refuse(res, 'Not a file that development serves: see `server.fs` of the Vite configuration.\n')
      if (!opensEditor(req)) return passToVite(vite, { req, res, basePath }, next)
      void toEditorUrl(req, root).then((url) => {
        if (url === undefined) return refuse(res, 'Only files of the project can be opened.\n')
        req.url = url
        passToVite(vite, { req, res, basePath }, next)
      })
    },
    renderError: (error) => renderErrorPage(error, { root, basePath, changes: devModules.changes() }),
    async close() {
      stopWatching()
      upgrades.close()
      await runner.close()
      await vite.close()
    },
  }
}

/** A server on which nobody has set `NODE_ENV` would show everybody the sources of its pages. */
function tellOfBuild({ root, outDir }: DevServerOptions, warn: (message: string) => void): void {
  if (existsSync(join(outDir, MANIFEST_FILE)))
    warn(
      `Pages are served from their sources, for development, although \`${relative(root, outDir)}\` holds a build. Set NODE_ENV=production to serve the build, or NODE_ENV=development if this is what you want.`,
    )
}

function isHandler({ files }: PageSet, path: string): boolean {
  return files.handlers.some((handler) => handler.path === path)
}

/** Whether a page imports `next/*`. What only components show is noticed when they are loaded. */
async function mentionsNext({ files }: PageSet): Promise<boolean> {
  const texts = await Promise.all(browserFiles(files).map((page) => readFile(page.path, 'utf8')))
  return texts.some((text) => /(?:from|import)\s*\(?\s*['"]next\//.test(text))
}
