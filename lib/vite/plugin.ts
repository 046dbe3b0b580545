import type { Plugin } from 'vite'
import type { ResolvedConfig } from '../config.js'
import type { ClientExports, DataKind } from '../protocol/client-site.js'
import { baseConfig, publicEnv } from './base-config.js'
import { commonJsPackages } from './commonjs.js'
import { errorStyle } from './error-style.js'
import { newestExports } from './newest-exports.js'
import { ownImports } from './own-imports.js'
import type { PageFile, PageFiles } from './page-files.js'
import { preloadHelper } from './preload-helper.js'
import { reactCache } from './react-cache.js'
import { jsxInJs, refuseServerModules, stripServerExports } from './server-code.js'
import { useCache } from './use-cache.js'
import { virtualModules } from './virtual-modules.js'

/** What the plugins ask of a project. Functions, because development changes the answers. */
export interface Site {
  readonly root: string
  readonly config: ResolvedConfig
  /** Folder of the server bundle; `undefined` in development. */
  readonly serverFolder: string | undefined
  readonly dev: boolean
  files(): PageFiles
  dataKind(page: PageFile): DataKind | Promise<DataKind>
  /** Whether a page's parameters are its props. */
  takesParams(page: PageFile): boolean | Promise<boolean>
  /** What a page exports for the router in the browser. */
  clientExports(page: PageFile): Promise<ClientExports | undefined>
  rootId(): string
  onNextImport(): void
}

/** Our Vite plugins, in the order they apply. */
export function sitePlugins(site: Site): Plugin[] {
  return [
    baseConfig(site),
    virtualModules({
      files: () => site.files(),
      dataKind: (page) => site.dataKind(page),
      takesParams: (page) => site.takesParams(page),
      clientExports: (page) => site.clientExports(page),
      rootId: () => site.rootId(),
      trailingSlash: () => site.config.trailingSlash,
      dev: site.dev,
    }),
    ownImports(site),
    errorStyle(),
    commonJsPackages(),
    refuseServerModules(site),
    jsxInJs(),
    preloadHelper(),
    stripServerExports(site),
    newestExports(site),
    useCache(site),
    reactCache(),
    publicEnv(site),
  ]
}
