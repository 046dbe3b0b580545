import type { InlineConfig } from 'vite'
import { createSiteCache } from '../cache/site-cache.js'
import { emptyStore } from '../cache/store.js'
import { missingPeer } from '../errors.js'
import type { Settings } from '../options.js'
import { ASSETS_PREFIX } from '../protocol/data-url.js'
import type { FileServer } from '../server/handler.js'
import type { RunningSite } from '../server/running-site.js'
import { createSite } from '../server/site.js'
import { createStaticFiles } from '../server/static-files.js'

/** Opens a project for development: pages come from sources, and nothing is kept. */
export async function openDevelopmentSite(settings: Settings, basePath: string): Promise<RunningSite> {
  const { createDevServer } = await importDevServer()
  const { root, pagesDir, publicDir, outDir, onError } = settings
  const vite = settings.vite as InlineConfig | undefined
  const dev = await createDevServer({ root, pagesDir, publicDir, outDir, basePath, vite })
  const publicFiles = await createStaticFiles({ directory: publicDir, cacheControl: 'no-cache' })
  const files: FileServer = {
    serve({ request, req, res }, next) {
      const { pathname } = request
      if (pathname.startsWith(ASSETS_PREFIX)) return dev.serveModules(req, res, next)
      if (request.representation === 'document' && publicFiles.has(pathname))
        return publicFiles.serve(req, res, pathname)
      next()
    },
  }
  const cache = createSiteCache(
    { cache: { maxBytes: 0 }, limits: { ...settings.limits, notFoundEntries: 0 } },
    { store: emptyStore, now: Date.now, onError },
  )
  const site = createSite({
    source: dev.source,
    files,
    cache,
    config: dev.config,
    settings,
    onError,
    now: Date.now,
    showError: async (error) => dev.renderError(error),
  })
  return { site, cache, close: () => dev.close() }
}

/** Everything that needs Vite is behind this import. */
async function importDevServer(): Promise<typeof import('./dev-server.js')> {
  try {
    return await import('./dev-server.js')
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string }
    if (code === 'ERR_MODULE_NOT_FOUND' && /'vite'/.test(message ?? ''))
      throw missingPeer('vite', 'Development (and `pagepress build`)')
    throw error
  }
}
