import type { IncomingMessage, ServerResponse } from 'node:http'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createServer, mergeConfig, type InlineConfig, type Plugin, type ViteDevServer } from 'vite'
import { OWN_EXTERNAL } from '../vite/own-imports.js'
import { refuseGlobalStyles } from '../vite/global-styles.js'
import { ownFile } from '../vite/own-package.js'
import { browserFiles, type PageFile } from '../vite/page-files.js'
import { sitePlugins, type Site } from '../vite/plugin.js'
import { reactPlugins } from '../vite/react-plugin.js'
import { hotUpdates } from './hot-updates.js'
import type { HmrUpgrades } from './upgrades.js'

export interface ViteServerOptions {
  site: Site
  plugins: readonly Plugin[]
  publicDir: string
  outDir: string
  /** URL path of everything that Vite answers. */
  base: string
  /** Path of the HMR socket below `base`. */
  hmrPath: string
  upgrades: HmrUpgrades
  /** Vite configuration from the options of `pages()`. */
  vite: InlineConfig | undefined
}

/** Starts Vite without a port: the host's server brings it requests and upgrades. */
export async function createViteServer(options: ViteServerOptions): Promise<ViteDevServer> {
  const { site, publicDir, outDir, base, hmrPath, upgrades } = options
  const { root } = site
  const given = [site.config.vite, options.vite]
  const react = await reactPlugins({ root, command: 'serve', inline: given })
  // Sites of one project in one process, at different mount paths, must not share a cache.
  const cacheName =
    base === '/_assets/' ? 'vite' : `vite-${createHash('sha256').update(base).digest('hex').slice(0, 8)}`
  const common: InlineConfig = {
    root,
    mode: 'development',
    clearScreen: false,
    publicDir,
    cacheDir: join(outDir, 'dev', cacheName),
    plugins: [
      ...react,
      ...sitePlugins(site),
      refuseGlobalStyles(site),
      hotUpdates(() => site.files()),
      ...options.plugins,
    ],
  }
  const withGiven = given.reduce<InlineConfig>((config, more) => mergeConfig(config, more ?? {}), common)
  const vite = await createServer(
    mergeConfig(withGiven, {
      base,
      appType: 'custom',
      server: {
        middlewareMode: true,
        ws: { server: upgrades.server as never, path: hmrPath },
        watch: { ignored: [`${outDir}/**`] },
      },
    } satisfies InlineConfig),
  )
  takeOwnModulesFromNode(vite)
  for (const { file } of filesToWarmUp(site)) void vite.environments.client.warmupRequest(`/${file}`)
  return vite
}

const MOST_WARMED_UP = 20

/** From these Vite learns which packages browsers need. What it learns later costs a reload of the page. */
function filesToWarmUp(site: Site): PageFile[] {
  const { app } = site.files()
  const files = browserFiles(site.files()).filter((file) => file !== app)
  return [...(app ? [app] : []), ...files].slice(0, MOST_WARMED_UP)
}

/** The module runner gets our entries as the host has them: two instances of a React context would not meet. */
function takeOwnModulesFromNode({ environments: { ssr } }: ViteDevServer): void {
  const fetchModule = ssr.fetchModule.bind(ssr)
  ssr.fetchModule = async (id, importer, options) => {
    const start = id.indexOf(OWN_EXTERNAL)
    const file = start < 0 ? undefined : ownFile(id.slice(start + OWN_EXTERNAL.length))
    return file === undefined
      ? fetchModule(id, importer, options)
      : { externalize: pathToFileURL(file).href, type: 'module' }
  }
}

export interface PassedRequest {
  req: IncomingMessage
  res: ServerResponse
  /** The mount path, which Express has taken off the URL. */
  basePath: string
}

/** Lets Vite answer a request; `next` hears of it if Vite has nothing to say. */
export function passToVite(
  vite: ViteDevServer,
  { req, res, basePath }: PassedRequest,
  next: () => void,
): void {
  const { url = '/' } = req
  req.url = basePath + url
  vite.middlewares(req, res, (error: unknown) => {
    req.url = url
    if (error === undefined || error === null) return next()
    // Browsers have already been told through the HMR socket, and show it.
    res.statusCode = 500
    res.setHeader('Content-Type', 'text/plain; charset=utf-8')
    res.end(error instanceof Error ? error.message : 'A module could not be transformed.')
  })
}
