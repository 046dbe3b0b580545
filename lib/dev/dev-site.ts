import type { InlineConfig } from 'vite'
import { createSiteCache } from '../cache/site-cache.js'
import { emptyStore } from '../cache/store.js'
import { missingPeer } from '../errors.js'
import type { Settings } from '../options.js'
import { createDraftKeys } from '../server/draft-token.js'
import type { RunningSite } from '../server/running-site.js'
import { matchRoute } from '../routing/match.js'
import { createSite } from '../server/site.js'
import { createDevFiles } from './dev-files.js'
import { guardSite } from './guarded-site.js'

/** Opens a project for development: pages come from sources, and nothing is kept. */
export async function openDevelopmentSite(settings: Settings, basePath: string): Promise<RunningSite> {
  const { createDevServer } = await importDevServer()
  const { root, pagesDir, publicDir, outDir, isModeChosen, onError } = settings
  const vite = settings.vite as InlineConfig | undefined
  const dev = await createDevServer({ root, pagesDir, publicDir, outDir, isModeChosen, basePath, vite })
  const { source, serveModules } = dev
  const files = createDevFiles({ root, publicDir, source, serveModules })
  const cache = createSiteCache(
    { cache: { maxBytes: 0 }, limits: { ...settings.limits, notFoundEntries: 0 } },
    { store: emptyStore, now: Date.now, failureSpacing: 0, onError },
  )
  const site = createSite({
    source,
    files,
    cache,
    config: dev.config,
    draftKeys: createDraftKeys(),
    settings,
    onError,
    now: Date.now,
    showError: async (error) => dev.renderError(error),
  })
  const guarded = guardSite(site, {
    isAllowedHost: dev.isAllowedHost,
    isOurs: async ({ pathname }) =>
      !settings.fallthrough ||
      matchRoute(source.routes, pathname) !== undefined ||
      (await files.has(pathname)),
  })
  return { site: guarded, cache, close: () => dev.close() }
}

/** Everything that needs Vite is behind this import. */
async function importDevServer(): Promise<typeof import('./dev-server.js')> {
  try {
    return await import('./dev-server.js')
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string }
    if (code === 'ERR_MODULE_NOT_FOUND' && /'vite'/.test(message ?? ''))
      throw missingPeer('vite', 'Development, which is what runs without NODE_ENV=production,')
    throw error
  }
}
