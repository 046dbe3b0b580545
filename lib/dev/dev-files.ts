import type { IncomingMessage, ServerResponse } from 'node:http'
import { join, relative } from 'node:path'
import { conflictingPublicFiles } from '../errors.js'
import { ASSETS_PREFIX } from '../protocol/data-url.js'
import type { FileServer } from '../server/handler.js'
import type { PageSource } from '../server/page-source.js'
import { createStaticFiles, type StaticFiles } from '../server/static-files.js'

export interface DevFilesParts {
  readonly root: string
  readonly publicDir: string
  /** Its routes tell which public files stand in a page's way. */
  readonly source: PageSource
  /** Vite's modules, below the assets' prefix. */
  readonly serveModules: (req: IncomingMessage, res: ServerResponse, next: () => void) => void
}

/** Milliseconds that what was found in the public folder is believed. */
const BELIEVED_MS = 300

export interface DevFiles extends FileServer {
  /** Whether a path is Vite's, or a public file's. */
  has(pathname: string): Promise<boolean>
}

/** Serves Vite's modules, and public files that come and go while the app runs. */
export function createDevFiles({ root, publicDir, source, serveModules }: DevFilesParts): DevFiles {
  let files: Promise<StaticFiles> | undefined
  let readAt = 0

  function currentFiles(): Promise<StaticFiles> {
    if (files === undefined || Date.now() - readAt > BELIEVED_MS) {
      files = createStaticFiles({ directory: publicDir, cacheControl: 'no-cache' })
      readAt = Date.now()
    }
    return files
  }

  /** A build refuses all such files at once. Here it is told when one of them is asked for. */
  function assertNoPage(pathname: string): void {
    const page = source.routes.exact.get(pathname)
    if (page === undefined) return
    const file = relative(root, join(publicDir, decodeURIComponent(pathname))).replaceAll('\\', '/')
    throw conflictingPublicFiles([{ path: pathname, file, with: `\`${page.value.file}\`` }])
  }

  return {
    has: async (pathname) => pathname.startsWith(ASSETS_PREFIX) || (await currentFiles()).has(pathname),
    serve({ request, req, res }, next) {
      const { pathname } = request
      if (pathname.startsWith(ASSETS_PREFIX)) return serveModules(req, res, next)
      if (request.representation === 'data') return next()
      currentFiles()
        .then((known) => {
          if (!known.has(pathname)) return next()
          assertNoPage(pathname)
          known.serve(req, res, pathname)
        })
        .catch(next)
    },
  }
}
