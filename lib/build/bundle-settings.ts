import { posix } from 'node:path'
import { build, mergeConfig, type InlineConfig, type RenderBuiltAssetUrl, type Rolldown } from 'vite'
import { failedBundle, isErrorCode, PagesError } from '../errors.js'
import { BASE_PATH_TOKEN } from '../protocol/base-path.js'
import { refuseGlobalStyles } from '../vite/global-styles.js'
import { sitePlugins, type Site } from '../vite/plugin.js'
import { reactPlugins } from '../vite/react-plugin.js'

/** Folder of hashed files, in the browser bundle and in URLs. */
export const ASSETS_FOLDER = '_assets'

export interface BundleSettings {
  readonly site: Site
  readonly publicDir: string
  /** Vite configuration from the caller of the build. */
  readonly vite: InlineConfig | undefined
}

/** What the builds for server and browser have in common, as a Vite configuration with theirs on top. */
export async function bundleConfig(settings: BundleSettings, own: InlineConfig): Promise<InlineConfig> {
  const { site, publicDir, vite } = settings
  const given = [site.config.vite, vite]
  const react = await reactPlugins({ root: site.root, command: 'build', inline: given })
  const common: InlineConfig = {
    root: site.root,
    base: './',
    mode: 'production',
    logLevel: 'warn',
    clearScreen: false,
    publicDir,
    plugins: [...react, ...sitePlugins(site), refuseGlobalStyles(site)],
    build: { assetsDir: ASSETS_FOLDER, emptyOutDir: true, copyPublicDir: false, reportCompressedSize: false },
    experimental: { renderBuiltUrl: toRenderBuiltUrl(site.config.assetPrefix) },
  }
  const withGiven = given.reduce<InlineConfig>((config, more) => mergeConfig(config, more ?? {}), common)
  return mergeConfig(withGiven, own)
}

/** Runs Vite. What our own plugins threw comes out as it was; what else went wrong is told in the bundler's words. */
export async function runBundler(config: InlineConfig): Promise<Rolldown.RolldownOutput['output']> {
  try {
    const { output } = (await build(config)) as Rolldown.RolldownOutput
    return output
  } catch (error) {
    const { errors = [] } = error as { errors?: { name?: string; message: string; pluginCode?: unknown }[] }
    const own = errors.find(({ name, pluginCode }) => name === 'PagesError' && isErrorCode(pluginCode))
    if (own && isErrorCode(own.pluginCode))
      throw new PagesError(own.pluginCode, own.message, { cause: error })
    if (errors.length > 0) throw failedBundle(error as Error)
    throw error
  }
}

/**
 * URLs of assets in code. The mount path is not known at build time: the server writes a token that is filled in later,
 * the browser reckons from the place of the module, to the same path. A prefix is the same for both.
 */
function toRenderBuiltUrl(assetPrefix: string | undefined): RenderBuiltAssetUrl {
  return (filename, { hostId, hostType, ssr }) => {
    const path = new URL(`http://x/${filename}`).pathname
    if (ssr) return (assetPrefix ?? BASE_PATH_TOKEN) + path
    // Style sheets and modules that modules load are Vite's own business.
    if (hostType !== 'js' || /\.(?:css|js)$/.test(filename)) return { relative: true }
    if (assetPrefix !== undefined) return assetPrefix + path
    const relative = posix.relative(posix.dirname(hostId), filename)
    return { runtime: `new URL(${JSON.stringify(relative)}, import.meta.url).pathname` }
  }
}
