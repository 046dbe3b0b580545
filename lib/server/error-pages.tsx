import type { Request, Response } from 'express'
import type { Body } from '../cache/body.js'
import { statusKey } from '../cache/key.js'
import type { LivePage } from '../cache/cached-page.js'
import type { ResponseCache } from '../cache/response-cache.js'
import { brokenInvariant } from '../errors.js'
import type { PageResponse } from '../page-response.js'
import { BASE_PATH_TOKEN } from '../protocol/base-path.js'
import type { DataBody, Query } from '../protocol/payload.js'
import { ErrorPage } from '../react/error-page.js'
import { toLayouts, toTreeFrame } from './layouts.js'
import { FOR_EVER, PRIVATE } from './lifetime.js'
import { toPageModule, type PageModule } from './page-module.js'
import type { PageRenderer, RenderInput, RenderSubject } from './page-renderer.js'
import type { PageRecord, PageSource } from './page-source.js'
import { isPrefetch } from './prefetch.js'
import type { Producer } from './produce.js'
import { withProduction } from './production.js'
import { createVisitSignal } from './visit-signal.js'

/** What an error page is to show, and for whom. */
export interface ErrorTask {
  readonly status: number
  readonly error?: unknown
  /** The path in the address bar, without the mount path. */
  readonly asPath: string
  readonly query: Query
  readonly basePath: string
  readonly req: Request
  readonly res: Response
}

export interface ErrorPages {
  /**
   * The document for a status: `pages/404`, `pages/500`, `pages/_error` or the built-in page. One that depends on no
   * request has its data once, and is rendered once unless it shows its URL. `undefined` if the page answered by itself.
   */
  documentFor(task: ErrorTask): Promise<Body | Buffer | undefined>
}

export interface ErrorPagesParts {
  readonly source: PageSource
  readonly cache: ResponseCache
  readonly producer: Producer
  readonly renderer: PageRenderer
  /** Errors may be shown with their message: development only. */
  readonly showsErrors: boolean
}

export function createErrorPages({
  source,
  cache,
  producer,
  renderer,
  showsErrors,
}: ErrorPagesParts): ErrorPages {
  /** Pages that ask for nothing of the URL they are shown at. */
  const sameForAll = new WeakSet<LivePage>()

  async function documentFor(task: ErrorTask): Promise<Body | Buffer | undefined> {
    const record = recordFor(task.status)
    if (await dependsOnRequest(record)) return documentOf(await renderForRequest(record, task))
    const key = statusKey(task.status)
    const { page } = await cache.serve(
      { key, basePath: task.basePath, isUrgent: true },
      () => produceOnce(record, task.status),
      { isPrefetch: isPrefetch(task.req) },
    )
    if (page.type !== 'page') throw brokenInvariant(`The page for status ${task.status} led to ${page.type}.`)
    return (await renderForUrl(record, task, page)) ?? page.document
  }

  /** What a page of everybody's data shows at this URL; `undefined` if it asks for none. */
  async function renderForUrl(
    record: PageRecord | undefined,
    { asPath, query, basePath }: ErrorTask,
    page: LivePage,
  ): Promise<Buffer | undefined> {
    if (sameForAll.has(page)) return undefined
    const { module, subject } = await load(record)
    const [path = '', search] = asPath.split(/(?=\?)/s, 2)
    // As the browser reckons: a search without a name says nothing, and is filled in later.
    const hasQuery = Object.keys(query).length > 0
    let isRead = false
    const rendered = await renderer.render({
      subject,
      pageProps: propsOf(page),
      serverOnly: page.serverOnly,
      query,
      asPath: hasQuery ? asPath : path,
      basePath,
      isReady: hasQuery || search === undefined,
      isFallback: false,
      flags: module?.getStaticProps ? { gsp: true } : {},
      request: undefined,
      wants: { document: true, data: false },
      onUrlRead: () => void (isRead = true),
    })
    if (!isRead) sameForAll.add(page)
    return isRead ? rendered?.document : undefined
  }

  function recordFor(status: number): PageRecord | undefined {
    const { notFound, serverError, error } = source.special
    return (status === 404 ? notFound : status === 500 ? serverError : undefined) ?? error
  }

  async function dependsOnRequest(record: PageRecord | undefined): Promise<boolean> {
    if (record !== undefined) return (await source.describe(record)).kind === 'server'
    const { app } = await source.loadFrame()
    return (app?.['default'] as { getInitialProps?: unknown } | undefined)?.getInitialProps !== undefined
  }

  async function produceOnce(record: PageRecord | undefined, status: number): Promise<PageResponse> {
    if (record !== undefined && record !== source.special.error)
      return producer.produceStatic({ record, params: {}, pathname: record.route, reason: 'stale' })
    const { subject } = await load(record)
    const rendered = await renderer.render({
      subject,
      pageProps: { statusCode: status },
      query: {},
      asPath: ERROR_ROUTE,
      basePath: BASE_PATH_TOKEN,
      isReady: true,
      isFallback: false,
      flags: {},
      request: undefined,
      wants: { document: true, data: true },
    })
    return { type: 'page', status, document: rendered!.document, data: rendered!.data, lifetime: FOR_EVER }
  }

  async function renderForRequest(record: PageRecord | undefined, task: ErrorTask): Promise<PageResponse> {
    const { status, error, asPath, query, basePath, req, res } = task
    res.statusCode = status
    const { module, subject } = await load(record)
    if (record !== undefined && module?.getServerSideProps)
      return producer.produceForRequest({
        record,
        params: {},
        request: { pathname: asPath, search: '', basePath, representation: 'document' },
        query,
        req,
        res,
        visit: createVisitSignal(res),
      })
    const input: RenderInput = {
      subject,
      pageProps: module?.Component.getInitialProps ? {} : { statusCode: status },
      query,
      asPath,
      basePath,
      isReady: true,
      isFallback: false,
      flags: { err: toVisibleError(status, error) },
      err: error,
      request: { req, res, visit: createVisitSignal(res) },
      wants: { document: true, data: false },
    }
    const rendered = await withProduction({ values: cache }, () => renderer.render(input))
    if (rendered === undefined) return { type: 'ended' }
    return {
      type: 'page',
      status,
      document: rendered.document,
      data: undefined,
      lifetime: PRIVATE,
    }
  }

  async function load(
    record: PageRecord | undefined,
  ): Promise<{ subject: RenderSubject; module: PageModule | undefined }> {
    const assets = await source.assets(record)
    if (record === undefined) {
      const frame = await source.loadFrame()
      return {
        subject: { route: ERROR_ROUTE, frame, assets, Component: BuiltInErrorPage },
        module: undefined,
      }
    }
    const frame = await source.load(record)
    const module = toPageModule(frame.page, record)
    const treeFrame = toTreeFrame(toLayouts(frame.layouts), false)
    const { Component } = module
    return { subject: { route: record.route, frame, assets, Component, treeFrame }, module }
  }

  /** Production tells the visitor nothing of what went wrong inside. */
  function toVisibleError(status: number, error: unknown) {
    if (!showsErrors || !(error instanceof Error))
      return { name: 'Error', message: `${status}`, statusCode: status }
    return {
      name: error.name,
      message: error.message,
      statusCode: status,
      ...(error.stack !== undefined && { stack: error.stack }),
    }
  }

  return { documentFor }
}

const ERROR_ROUTE = '/_error'

/** Without `getInitialProps`: the status is known here, and asking for it would make the page depend on the request. */
function BuiltInErrorPage({ statusCode }: { statusCode: number }) {
  return <ErrorPage statusCode={statusCode} />
}

function propsOf({ data }: LivePage): Record<string, unknown> {
  if (data.bytes.length === 0) return {}
  return (JSON.parse(data.bytes.toString()) as DataBody & { pageProps: Record<string, unknown> }).pageProps
}

function documentOf(response: PageResponse): Buffer | undefined {
  return response.type === 'page' && Buffer.isBuffer(response.document) ? response.document : undefined
}
