import type { RouteTable } from '../routing/table.js'

/** How a page is served. */
export type PageKind = 'static' | 'server' | 'api' | 'handler'

/** What a static dynamic page does for a path that was not built: `getStaticPaths`' own word. */
export type Fallback = boolean | 'blocking'

/** A page file and its place in the URL space. */
export interface PageRecord {
  /** E.g. `/blog/[slug]`. */
  readonly route: string
  /** The file relative to the project's root, for messages: `pages/blog/[slug].tsx`. */
  readonly file: string
}

/** The function that gives a page its props; `generateStaticParams` where they are its parameters and nothing else. */
export type PageData = 'getStaticProps' | 'getServerSideProps' | 'getInitialProps' | 'generateStaticParams'

/** What is known of a page before it is loaded, so that a cache hit loads nothing. */
export interface PageFacts {
  readonly kind: PageKind
  readonly data: PageData | undefined
  /** Only for dynamic routes that list their paths, with `getStaticPaths` or `generateStaticParams`. */
  readonly fallback: Fallback | undefined
  /** The page has middlewares of its own, which stand in front of it even when it is kept in the cache. */
  readonly hasMiddleware?: true
  /** The search parameters that make pages of their own. */
  readonly query?: readonly string[]
  /** Seconds that what `getServerSideProps` leads to is kept for, for visitors who are anybody. */
  readonly microcache?: number
  /** A route handler whose `GET` is run once for everybody. */
  readonly isStatic?: boolean
}

export type ModuleNamespace = Readonly<Record<string, unknown>>

/** The modules that wrap every page, as they were evaluated; `undefined` where the project has none. */
export interface PageFrame {
  readonly app: ModuleNamespace | undefined
  readonly document: ModuleNamespace | undefined
}

export interface LoadedPage extends PageFrame {
  readonly page: ModuleNamespace
  /** The `_layout` files above the page, outermost first. */
  readonly layouts?: readonly LoadedLayout[]
}

/** A `_layout` file and its evaluated module. */
export interface LoadedLayout {
  /** The place of its folder, e.g. `/shop/[category]`. */
  readonly route: string
  readonly file: string
  readonly module: ModuleNamespace
}

/** What a page's document links to. Every URL begins with `BASE_PATH_TOKEN`, or with the asset prefix. */
export interface PageAssets {
  /** Module scripts, in order. */
  readonly scripts: readonly string[]
  /** Modules that the scripts will import, to be fetched at once. */
  readonly preloads: readonly string[]
  /** Style sheets of `_app`, which show on all pages. */
  readonly globalStyles?: readonly string[]
  /** Style sheets of the page, which show while it does. */
  readonly styles: readonly string[]
  /** Style sheets of the parts that were rendered. */
  readonly partStyles?: readonly string[]
  /** Parts of the site that are imported later, by name. */
  readonly parts?: ReadonlyMap<string, PartAssets>
  /** Names of those that this page may show. */
  readonly later?: readonly string[]
  /** `false` for a page that gets no scripts, and no data either. */
  readonly hydrates?: false
  /** Development only: the page is hidden until its styles are there. */
  readonly guards?: true
  /** Development only: CSS of modules that Vite has not extracted into files, by module id. */
  readonly inlineStyles?: readonly { readonly id: string; readonly css: string }[]
}

/** What a part of a page needs that is imported later. */
export type PartAssets = Pick<PageAssets, 'preloads' | 'styles'>

/** The pages that have no URL of their own: `undefined` where the project has none. */
export interface SpecialPages {
  readonly notFound: PageRecord | undefined
  readonly serverError: PageRecord | undefined
  readonly error: PageRecord | undefined
}

/** Where page modules come from: a build folder, Vite's module runner, or a test's table. */
export interface PageSource {
  readonly buildId: string
  /** Id of the element that holds the page. */
  readonly rootId: string
  /** Where browsers load assets from, if not from the site itself. */
  readonly assetPrefix?: string
  /** The routes as they are now; development replaces the table when page files come and go. */
  readonly routes: RouteTable<PageRecord>
  readonly special: SpecialPages
  describe(record: PageRecord): PageFacts | Promise<PageFacts>
  /** The page's modules. What is the same object is the same page: what was made of it can be used again. */
  load(record: PageRecord): LoadedPage | Promise<LoadedPage>
  /** The frame alone, for the built-in error page. */
  loadFrame(): Promise<PageFrame>
  /** What the page's document links to; without a page, what every document links to: the entry and `_app`'s own. */
  assets(record: PageRecord | undefined): PageAssets | Promise<PageAssets>
  /** Whether this page lists the canonical pathname among its paths. Asked only where `fallback` is `false` or `true`. */
  lists(record: PageRecord, pathname: string): boolean | Promise<boolean>
  /** Whether a page with middlewares of its own may answer for this pathname; nothing is loaded to tell. */
  isGuarded(pathname: string): boolean
}
