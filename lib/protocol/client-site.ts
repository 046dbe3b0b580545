import type { ComponentType } from 'react'
import type { PagePayload } from './payload.js'
import type { TreeFrame } from './tree-frame.js'

/** Where a page's props come from; `undefined` for a page without a data function. */
export type DataKind = 'static' | 'server' | 'initial' | undefined

/** A module of the `pages` folder as the browser sees it: its server-only exports are gone. */
export interface ClientModule {
  default: ComponentType<Record<string, unknown>>
  [name: string]: unknown
}

/** What a page exports for the router in the browser. */
export interface ClientExports {
  /** The page's file, for messages. */
  file: string
  /** It exports `getClientProps`; otherwise it is `shouldRefetch` alone. */
  hasProps: boolean
}

/** One page in the browser's table. */
export interface ClientPage {
  /** The route, e.g. `/blog/[slug]`; also `/404`, `/500` and `/_error` where the project has them. */
  route: string
  data: DataKind
  client?: ClientExports
  /** Imports the page's chunk, its CSS included. */
  load(): Promise<ClientModule>
  /** Its layouts, once they are loaded. */
  frame?: TreeFrame
}

/** A layout in the generated entry: the place of its folder, and how to get its code. */
export interface ClientLayout {
  route: string
  load(): Promise<ClientModule>
}

/** What the generated browser entry hands to `start` of `pagepress/client`. */
export interface ClientSite {
  pages: readonly ClientPage[]
  /** The project's `_app` module, when it has one. */
  app: ClientModule | undefined
  /** Page URLs end with a slash (`trailingSlash` of the configuration file). */
  trailingSlash: boolean
  /** Id of the element that holds the page, `__page` or `__next`. */
  rootId: string
  /** Called before the first page is rendered. */
  prepare?(payload: PagePayload): void
  /** Development: no prefetching, and a missing build id is no reason to reload. */
  dev: boolean
}
