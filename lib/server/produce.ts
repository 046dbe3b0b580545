import { isDynamicRoute } from '../routing/pattern.js'
import type { Request, Response } from 'express'
import type { PageResponse, Representation, SharedLifetime } from '../page-response.js'
import { statusPageWithoutProps } from '../errors.js'
import { BASE_PATH_TOKEN } from '../protocol/base-path.js'
import type { Query } from '../protocol/payload.js'
import type {
  GetServerSidePropsContext,
  KeyParts,
  PageIncomingMessage,
  Params,
  PreviewFields,
} from '../types.js'
import { loadServerProps, loadStaticProps, type DataResult } from './data.js'
import { isHandlerModule } from './handler-methods.js'
import { toHandlerModule } from './handler-module.js'
import { assetsOf } from './hydration.js'
import { toLayouts, toTreeFrame } from './layouts.js'
import { PRIVATE, toStaticLifetime } from './lifetime.js'
import { isStatusPage, toPageModule, type PageModule } from './page-module.js'
import type { PageRenderer, RenderSubject } from './page-renderer.js'
import type { LoadedPage, PageRecord, PageSource } from './page-source.js'
import { toVisibleUrl, type PageRequest } from './request.js'
import { withProduction, type ValueCache } from './production.js'
import { takesParams } from './route-facts.js'
import { produceHandler } from './static-handler.js'
import type { Variant } from './variants.js'
import type { VisitSignal } from './visit-signal.js'
import type { Warnings } from './warnings.js'

/** A static page to be produced. There is no request in it: nothing of one may show in the page. */
export interface StaticTask {
  readonly record: PageRecord
  readonly params: Params
  /** The canonical pathname; the route itself for a page that is the same for all its paths. */
  readonly pathname: string
  readonly reason: 'build' | 'stale' | 'on-demand'
  /** What the page is told of its visitors. */
  readonly variant?: Pick<Variant, 'parts' | 'query'>
  /** The shell of a `fallback: true` page, without data. */
  readonly isShell?: boolean
  /** Only for a visitor in draft mode, whose page nobody else gets: for whom it is, and what is asked for. */
  readonly draft?: {
    readonly fields: Required<PreviewFields>
    readonly request: Pick<PageRequest, 'basePath' | 'representation'>
  }
}

/** A page to be produced for one request. */
export interface ServerTask {
  readonly record: PageRecord
  readonly params: Params
  /** What is asked for: the path as requested, without the mount path, and in which representation. */
  readonly request: Pick<PageRequest, 'pathname' | 'search' | 'basePath'> & {
    /** `undefined` for both. */
    readonly representation: Representation | undefined
  }
  /** Search parameters and route parameters; the latter win. */
  readonly query: Query
  readonly req: Request
  readonly res: Response
  /** For a visitor in draft mode. */
  readonly draft?: Required<PreviewFields> | undefined
  /** Tells when nobody waits any more. */
  readonly visit: VisitSignal
  /** The named parts of the request's key, for a page that may be kept. */
  readonly key?: KeyParts | undefined
  /** How long the page is kept, where it is made for everybody: of a request and a response that are nobody's. */
  readonly lifetime?: SharedLifetime
}

export interface Producer {
  /** Loads, gets data, renders: one static page, both representations, for a visitor, a refresh, or a build. */
  produceStatic(task: StaticTask): Promise<PageResponse>
  /** Loads, gets data, renders: one page for one request, in the representation it asks for. */
  produceForRequest(task: ServerTask): Promise<PageResponse>
}

export interface ProducerParts {
  readonly source: PageSource
  readonly renderer: PageRenderer
  /** Look for props that JSON cannot carry: in development and while building. */
  readonly checks: boolean
  /** URLs of pages end with a slash. */
  readonly trailingSlash: boolean
  readonly warnings: Warnings
  /** Where what cached functions return is kept. */
  readonly values: ValueCache
}

/** What is made of a page's modules, once for as long as they are the same. */
interface PreparedPage {
  readonly page: PageModule
  readonly subject: RenderSubject
  readonly getsParams: boolean
}

/** The one way a page comes to be, whoever asks for it and at whatever time of day. */
export function createProducer(parts: ProducerParts): Producer {
  const { source, renderer, checks, trailingSlash, warnings, values } = parts

  const prepared = new WeakMap<LoadedPage, PreparedPage>()

  async function prepare(record: PageRecord, loaded: LoadedPage): Promise<PreparedPage> {
    const found = source.assets(record)
    const linked = found instanceof Promise ? await found : found
    const assets = assetsOf(loaded.page, linked, record.file)
    const page = toPageModule(loaded.page, record)
    const layouts = toLayouts(loaded.layouts)
    const getsParams = takesParams(page, layouts)
    const treeFrame = toTreeFrame(layouts, getsParams)
    const { Component } = page
    const subject: RenderSubject = { route: record.route, frame: loaded, Component, assets, treeFrame }
    const ready = { page, subject, getsParams }
    prepared.set(loaded, ready)
    return ready
  }

  async function produceStatic(loaded: LoadedPage, task: StaticTask): Promise<PageResponse> {
    const { record, params, pathname } = task
    if (isHandlerModule(loaded.page)) {
      const handler = toHandlerModule(loaded.page, record)
      return produceHandler({ handler, file: record.file, pathname, params })
    }
    const { page, subject, getsParams } = prepared.get(loaded) ?? (await prepare(record, loaded))
    const isDynamic = isDynamicRoute(record.route)
    const isForPath = (page.getStaticProps !== undefined || getsParams) && task.isShell !== true
    const data: DataResult =
      page.getStaticProps && isForPath
        ? await loadStaticProps(
            page,
            {
              ...(isDynamic && { params }),
              revalidateReason: task.reason,
              ...(task.variant?.parts && { key: task.variant.parts }),
              ...(task.variant?.query && { query: task.variant.query }),
              ...task.draft?.fields,
            },
            { file: record.file, url: pathname, checksProps: checks, warnings },
          )
        : {
            type: 'props',
            props: {},
            serverOnly: undefined,
            lifetime: toStaticLifetime(page.config.revalidate),
          }
    if (data.type !== 'props') {
      if (isStatusPage(record.route)) throw statusPageWithoutProps(record.file, data.type)
      return data
    }

    const knowsPath = isForPath || !isDynamic
    const rendered = await renderer.render({
      subject,
      pageProps: data.props,
      serverOnly: data.serverOnly,
      query: isForPath ? params : {},
      asPath: knowsPath ? toVisiblePath(pathname, trailingSlash) : record.route,
      basePath: task.draft?.request.basePath ?? BASE_PATH_TOKEN,
      isReady: knowsPath,
      isFallback: task.isShell === true,
      isPreview: task.draft !== undefined,
      flags: page.getStaticProps || getsParams ? { gsp: true } : {},
      request: undefined,
      wants: toWants(task.draft?.request.representation),
    })
    // A page without a data function has no data to ask for; one whose paths are listed tells whether it is there.
    const dataBody = page.getStaticProps || getsParams ? rendered!.data : ''
    return {
      type: 'page',
      status: 200,
      document: rendered!.document,
      data: dataBody,
      serverOnly: data.serverOnly,
      lifetime: data.lifetime,
    }
  }

  async function produceForRequest(loaded: LoadedPage, task: ServerTask): Promise<PageResponse> {
    const { record, query, req, res } = task
    const { pathname, search, basePath, representation } = task.request
    const { page, subject } = prepared.get(loaded) ?? (await prepare(record, loaded))
    const visible = toVisibleUrl(req, task.request)
    const isForced = page.config.dynamic === 'force-dynamic'
    const isForAll = task.lifetime !== undefined
    let pageProps: Record<string, unknown> = {}
    let serverOnly: readonly string[] | undefined
    if (page.getServerSideProps) {
      const caller = { file: record.file, url: pathname + search, checksProps: checks, warnings }
      const data = await loadServerProps(page, toServerContext(task), caller)
      // Answered by the function itself, or there is nobody left to answer.
      if (data === undefined || res.destroyed) return { type: 'ended' }
      if (data.type !== 'props') return isForAll ? { ...data, lifetime: task.lifetime } : data
      ;({ props: pageProps, serverOnly } = data)
    }
    const rendered = await renderer.render({
      subject,
      pageProps,
      serverOnly,
      query,
      // Browsers fill in what the address bar says besides, as for every page that is made for all.
      asPath: isForAll ? toVisiblePath(pathname, trailingSlash) : visible.path + visible.search,
      basePath,
      isReady: true,
      isFallback: false,
      flags: isForAll ? { gsp: true } : page.getServerSideProps || isForced ? { gssp: true } : {},
      isPreview: task.draft !== undefined && page.getServerSideProps !== undefined,
      request: { req, res, visit: task.visit },
      wants: toWants(representation),
    })
    if (rendered === undefined) return { type: 'ended' }
    return {
      type: 'page',
      // A page may set a status of its own and still be this page.
      status: res.statusCode,
      document: rendered.document,
      data: rendered.data,
      serverOnly,
      lifetime: task.lifetime ?? PRIVATE,
    }
  }

  return {
    async produceStatic(task) {
      const loaded = await source.load(task.record)
      // Who works on a draft wants to see it, and nobody else does.
      const about = { values: task.draft === undefined ? values : undefined, isKept: true }
      return withProduction(about, async (production) =>
        withTags(await produceStatic(loaded, task), production?.tags),
      )
    },
    async produceForRequest(task) {
      const loaded = await source.load(task.record)
      const about = { values: task.draft === undefined ? values : undefined }
      if (task.lifetime === undefined) return withProduction(about, () => produceForRequest(loaded, task))
      return withProduction({ ...about, isKept: true }, async (production) =>
        withTags(await produceForRequest(loaded, task), production?.tags),
      )
    },
  }
}

const visitOfContext = Symbol('pagepress.visit')

/** One for all requests: a getter of its own would give every context a shape of its own, and be slow. */
const signal: PropertyDescriptor & ThisType<{ [visitOfContext]: VisitSignal }> = {
  configurable: true,
  // An author who passes a copy of the context on passes the signal on.
  enumerable: true,
  get() {
    return this[visitOfContext].signal
  },
}

/** What outdates the results of functions that a page was made of outdates the page. */
function withTags(response: PageResponse, tags: ReadonlySet<string> | undefined): PageResponse {
  if (tags === undefined || tags.size === 0) return response
  if (response.type === 'ended' || response.lifetime === 'private') return response
  const { lifetime } = response
  return { ...response, lifetime: { ...lifetime, tags: [...new Set([...(lifetime.tags ?? []), ...tags])] } }
}

function toServerContext({
  record,
  params,
  request,
  query,
  req,
  res,
  draft,
  visit,
  key,
}: ServerTask): GetServerSidePropsContext {
  const context = {
    req: req as PageIncomingMessage,
    res,
    query,
    // A search that the app has added on the way is in the query alone.
    resolvedUrl: request.pathname + toVisibleUrl(req, request).search,
    [visitOfContext]: visit,
  } as unknown as GetServerSidePropsContext
  if (isDynamicRoute(record.route)) context.params = params
  if (draft !== undefined) Object.assign(context, draft)
  if (key !== undefined) context.key = key
  return Object.defineProperty(context, 'signal', signal)
}

/** A static page that is kept is produced in both representations. */
function toWants(representation: Representation | undefined): { document: boolean; data: boolean } {
  return { document: representation !== 'data', data: representation !== 'document' }
}

/** A pathname as the address bar shows it. Names with a dot in the last segment look like files and get no slash. */
export function toVisiblePath(pathname: string, trailingSlash: boolean): string {
  const isFileLike = pathname.includes('.', pathname.lastIndexOf('/'))
  return trailingSlash && pathname !== '/' && !isFileLike ? `${pathname}/` : pathname
}
