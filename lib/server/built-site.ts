import { join } from 'node:path'
import { createFileStore } from '../cache/file-store.js'
import { removeOldCaches } from '../cache/old-caches.js'
import { openStore } from '../cache/open-store.js'
import { createPackReader } from '../cache/pack.js'
import { createSeededStore } from '../cache/seeded-store.js'
import { createSiteCache } from '../cache/site-cache.js'
import type { Settings } from '../options.js'
import { ASSETS_PREFIX } from '../protocol/data-url.js'
import { createBuiltSource, type BuiltSource } from './built-source.js'
import type { FileServer } from './handler.js'
import type { RunningSite } from './running-site.js'
import { createSite } from './site.js'
import { createStaticFiles, type StaticFiles } from './static-files.js'

/** Opens a build folder for serving. Throws when there is none, or one that cannot be used. */
export async function openBuiltSite(settings: Settings, now: () => number): Promise<RunningSite> {
  const { outDir, onError } = settings
  const source = createBuiltSource({ outDir, isPrerendered: (pathname) => pack.has(pathname) })
  const { buildId } = source
  const pack = createPackReader(source.prerenderedDir, buildId)
  const context = { buildId, now, onError: (error: unknown) => onError(error, { phase: 'store' }) }
  const kept = await openStore(settings, context, (given) =>
    createFileStore({
      ...given,
      directory: join(outDir, 'cache', buildId),
      marksFile: join(outDir, 'cache', 'marks.log'),
      maxBytes: settings.limits.diskBytes,
    }),
  )
  const store = createSeededStore(kept, pack)
  // Behind the start, which does not grow with what has been kept.
  void removeOldCaches(join(outDir, 'cache'), buildId)
  const cache = createSiteCache(settings, {
    store,
    now,
    elapsed: () => performance.now(),
    outages: () => kept.outages ?? 0,
    onError,
  })
  const files = await createFiles(source, settings.fallthrough)
  const site = createSite({
    source,
    files,
    cache,
    config: source.config,
    draftKeys: source.draftKeys,
    settings,
    onError,
    now,
  })
  return {
    site,
    cache,
    async close() {
      await cache.close()
      await pack.close()
    },
  }
}

async function createFiles(
  { clientDir, publicDir, assetPrefix = '' }: BuiltSource,
  fallthrough: boolean,
): Promise<FileServer> {
  const isPath = /^\/(?!\/)/.test(assetPrefix)
  const assets = await createStaticFiles({
    directory: clientDir,
    cacheControl: 'public, max-age=31536000, immutable',
    precompressed: true,
    anyOrigin: assetPrefix !== '' && !isPath,
  })
  const publicFiles = await createStaticFiles({ directory: publicDir, cacheControl: 'public, max-age=0' })
  return toFileServer({ assets, publicFiles, assetPath: isPath ? assetPrefix : '' }, fallthrough)
}

interface SiteFiles {
  readonly assets: StaticFiles
  readonly publicFiles: StaticFiles
  /** Where the assets are as well, on the app's own origin. */
  readonly assetPath: string
}

function toFileServer({ assets, publicFiles, assetPath }: SiteFiles, fallthrough: boolean): FileServer {
  const otherPrefix = assetPath + ASSETS_PREFIX
  return {
    serve({ request, req, res }, next) {
      const { pathname } = request
      if (request.representation === 'data') return next()
      if (pathname.startsWith(ASSETS_PREFIX)) return assets.serve(req, res, pathname)
      if (assetPath !== '' && (request.basePath + pathname).startsWith(otherPrefix))
        return assets.serve(req, res, (request.basePath + pathname).slice(assetPath.length))
      const isWrite = request.method !== 'GET' && request.method !== 'HEAD'
      if (!publicFiles.has(pathname) || (isWrite && fallthrough)) return next()
      publicFiles.serve(req, res, pathname)
    },
  }
}
