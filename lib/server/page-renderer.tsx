import type { Request, Response } from 'express'
import type { ComponentType } from 'react'
import { PagesError } from '../errors.js'
import { BASE_PATH_TOKEN, fillBasePath, mayHoldToken } from '../protocol/base-path.js'
import type { PagePayload, Query } from '../protocol/payload.js'
import type { TreeFrame } from '../protocol/tree-frame.js'
import { PartsContext, type RenderedParts } from '../react/dynamic-parts.js'
import { createHeadCollector, type HeadCollector } from '../react/head.js'
import { DefaultApp, PageRoot } from '../react/page-root.js'
import { createServerRouter } from '../react/server-router.js'
import type { DocumentContext, DocumentInitialProps, Page } from '../types.js'
import { composeDocument, renderDocument, type DocumentBase } from './document.js'
import { warnOfDocument } from './document-warnings.js'
import { loadTreeProps, toPageContext, type InitialPropsInput } from './initial-props.js'
import { toComponent } from './page-module.js'
import { withParts } from './part-assets.js'
import type { PageAssets, PageFrame, PageSource } from './page-source.js'
import { toDataJson, toPayloadJson, type PayloadFields } from './payload.js'
import { createTreeRenderer } from './render.js'
import { watchUrl } from './url-watch.js'
import type { VisitSignal } from './visit-signal.js'
import type { Warnings } from './warnings.js'
import { createWeightReport } from './weight-report.js'

/** A page that is loaded and can be rendered. */
export interface RenderSubject {
  /** The route, which is also the page's name in the payload. */
  readonly route: string
  readonly frame: PageFrame
  readonly Component: Page<any>
  readonly assets: PageAssets
  /** What stands between `_app` and the page. */
  readonly treeFrame?: TreeFrame | undefined
}

export interface RenderInput {
  readonly subject: RenderSubject
  /** What the page's own data function gave. */
  readonly pageProps: Record<string, unknown>
  /** Names of those that the HTML shows and the script of the document leaves out. */
  readonly serverOnly?: readonly string[] | undefined
  readonly query: Query
  readonly asPath: string
  readonly basePath: string
  readonly isReady: boolean
  readonly isFallback: boolean
  /** The page is shown in draft mode. */
  readonly isPreview?: boolean
  /** What the payload says beside the above. */
  readonly flags: Partial<Pick<PagePayload, 'gsp' | 'gssp' | 'err'>>
  /** Only for pages produced per request. */
  readonly request: { req: Request; res: Response; visit: VisitSignal } | undefined
  readonly err?: unknown
  readonly wants: { document: boolean; data: boolean }
  /** Called when a component asks the router for something of the URL: a document for one URL is none for another. */
  readonly onUrlRead?: () => void
}

export interface RenderedPage {
  readonly document: Buffer | undefined
  readonly data: string | undefined
}

export interface PageRenderer {
  /** Renders a page with its props, or answers `undefined` if `getInitialProps` ended the response by itself. */
  render(input: RenderInput): Promise<RenderedPage | undefined>
}

export interface PageRendererParts {
  readonly source: PageSource
  /** URLs of pages end with a slash. */
  readonly trailingSlash?: boolean
  /** Warn of a `_document` that lacks a part. */
  readonly checks: boolean
  /** Props above this many bytes are warned of: once for each page, or with `checks` each time. */
  readonly largePageDataBytes: number
  /** Milliseconds after which a tree that suspends is given up. */
  readonly timeoutMs: number
  readonly warnings: Warnings
}

export function createPageRenderer({
  source,
  checks,
  trailingSlash = false,
  largePageDataBytes,
  timeoutMs,
  warnings,
}: PageRendererParts): PageRenderer {
  const trees = createTreeRenderer(timeoutMs)
  const reportWeight = createWeightReport({ checks, largePageDataBytes, warnings })

  async function render(input: RenderInput): Promise<RenderedPage | undefined> {
    const { subject, basePath, wants, request } = input
    const { Component, frame, route } = subject
    const App = toApp(frame.app)
    const router = createServerRouter({
      route,
      pathname: route,
      query: input.query,
      asPath: input.asPath,
      basePath,
      trailingSlash,
      isFallback: input.isFallback,
      isReady: input.isReady,
      isPreview: input.isPreview === true,
    })
    const seen = input.onUrlRead === undefined ? router : watchUrl(router, input.onUrlRead)
    const { query, err } = input
    const initial: InitialPropsInput = { App, Component, appFile: APP_FILE, router, query, request, err }
    const hasInitialProps = App.getInitialProps !== undefined || Component.getInitialProps !== undefined
    const props = hasInitialProps
      ? withPageProps(await loadTreeProps(initial), input.pageProps)
      : { pageProps: { ...input.pageProps } }
    if (request?.res.headersSent) return undefined

    const toJson = (tree: PagePayload['props']) => fillBasePath(toDataJson(tree), basePath)
    const hydrates = subject.assets.hydrates !== false
    const serverOnly = hydrates ? input.serverOnly : undefined
    const data = serverOnly === undefined || wants.data ? toJson(props) : undefined
    const carried =
      serverOnly === undefined ? data! : wants.document ? toJson(without(props, serverOnly)) : ''
    if (hydrates) reportWeight(carried, { route, asPath: input.asPath })
    if (!wants.document) return { document: undefined, data: input.isPreview ? markPreview(data!) : data }

    const head = createHeadCollector()
    const rendered: RenderedParts = new Set()
    const beginAgain = () => {
      head.reset()
      rendered.clear()
    }
    const renderTree = <T extends string | Buffer>(
      Tree: TreeParts,
      finish: (html: string) => T,
    ): Promise<T> => {
      const root = (
        <PageRoot
          App={Tree.App}
          Component={Tree.Component}
          frame={subject.treeFrame}
          props={props}
          router={seen}
          head={head}
        />
      )
      const hasParts = subject.assets.later !== undefined
      return trees.render(
        hasParts ? <PartsContext.Provider value={rendered}>{root}</PartsContext.Provider> : root,
        { route, beginAgain, signal: request && (() => request.visit.signal), finish },
      )
    }
    const payload = toPayloadJson(carried, toPayloadFields(input, App))
    const toBase = (): DocumentBase => {
      return { payload, rootId: source.rootId, assets: withParts(subject.assets, rendered), basePath }
    }

    if (frame.document === undefined) {
      const finish = (html: string) =>
        placeAssets(Buffer.from(composeDocument(html, headOf(head), toBase())), basePath)
      return { document: await renderTree({ App, Component }, finish), data }
    }
    const context = toDocumentContext({
      initial,
      App,
      Component,
      head,
      renderTree: (Tree) => renderTree(Tree, (html) => fillBasePath(html, basePath)),
    })
    const document = await renderCustomDocument(frame.document['default'], context, toBase)
    return document === undefined ? undefined : { document: Buffer.from(document), data }
  }

  async function renderCustomDocument(
    value: unknown,
    context: DocumentContext,
    toBase: () => DocumentBase,
  ): Promise<string | undefined> {
    const Document = toComponent(value, DOCUMENT_FILE) as ComponentType<any> & {
      getInitialProps?(context: DocumentContext): Promise<DocumentInitialProps>
    }
    const getInitialProps = Document.getInitialProps ?? context.defaultGetInitialProps
    const props: unknown = await getInitialProps.call(Document, context)
    if (context.res?.headersSent) return undefined
    if (typeof props !== 'object' || props === null || typeof (props as { html?: unknown }).html !== 'string')
      throw new PagesError(
        'PAGES_DOCUMENT',
        `\`Document.getInitialProps()\` of \`${DOCUMENT_FILE}\` should resolve to an object with an \`html\` string. Return what \`Document.getInitialProps(context)\` resolved to, with your additions.`,
      )
    const { html, head, styles } = props as DocumentInitialProps
    const { html: text, ...found } = renderDocument(
      Document,
      { ...toBase(), html, head, styles: styles as never },
      props,
    )
    if (checks) warnOfDocument(found)
    return text
  }

  function toPayloadFields(input: RenderInput, App: InitialPropsInput['App']): PayloadFields {
    const { subject, query, isFallback, basePath, flags, isPreview, request } = input
    const fields: PayloadFields = { page: subject.route, query, buildId: source.buildId, isFallback }
    if (basePath !== '') fields.basePath = basePath
    if (source.assetPrefix !== undefined) fields.assetPrefix = source.assetPrefix
    Object.assign(fields, flags)
    if (isPreview === true) fields.isPreview = true
    if (input.serverOnly !== undefined) fields.isPartial = true
    if (subject.Component.getInitialProps) fields.gip = true
    if (App.getInitialProps) fields.appGip = true
    if (request === undefined && !(flags.gsp ?? flags.gssp)) {
      fields.autoExport = true
      fields.nextExport = true
    }
    return fields
  }

  return { render }
}

/** What `getInitialProps` gave, and in its `pageProps` what the page's own data function did. */
function withPageProps(
  treeProps: { pageProps: Record<string, unknown>; [name: string]: unknown },
  pageProps: Record<string, unknown>,
) {
  return { ...treeProps, pageProps: { ...treeProps.pageProps, ...pageProps } }
}

/** The props without those that the document has in its HTML, whoever gave them. */
function without(props: PagePayload['props'], names: readonly string[]): PagePayload['props'] {
  const kept = Object.entries(props.pageProps).filter(([name]) => !names.includes(name))
  return { ...props, pageProps: Object.fromEntries(kept) }
}

/** Tells the browser, which has asked for nothing but data, that it is in draft mode. */
function markPreview(data: string): string {
  return `{"isPreview":true,${data.slice(1)}`
}

function toApp(module: PageFrame['app']): InitialPropsInput['App'] {
  if (module === undefined) return DefaultApp
  const App: ComponentType<any> = toComponent(module['default'], APP_FILE)
  return App as InitialPropsInput['App']
}

const APP_FILE = 'pages/_app'
const DOCUMENT_FILE = 'pages/_document'

/** Pages that show an image of theirs name it by a URL that was made without knowing the mount path. */
function placeAssets(document: Buffer, basePath: string): Buffer {
  const hasPlaces = basePath !== BASE_PATH_TOKEN && mayHoldToken(document)
  return hasPlaces ? Buffer.from(fillBasePath(document.toString(), basePath)) : document
}

function headOf(head: HeadCollector) {
  return head.entries.size === 0 ? undefined : head.elements()
}

/** The two components that a document may wrap before the tree is rendered. */
interface TreeParts {
  readonly App: ComponentType<any>
  readonly Component: ComponentType<any>
}

interface DocumentContextInput {
  readonly initial: InitialPropsInput
  readonly App: ComponentType<any>
  readonly Component: ComponentType<any>
  readonly head: HeadCollector
  readonly renderTree: (Tree: TreeParts) => Promise<string>
}

function toDocumentContext({
  initial,
  App,
  Component,
  head,
  renderTree,
}: DocumentContextInput): DocumentContext {
  const context: DocumentContext = {
    ...toPageContext(initial),
    async renderPage(options = {}) {
      const { enhanceApp, enhanceComponent } =
        typeof options === 'function' ? { enhanceApp: undefined, enhanceComponent: options } : options
      const html = await renderTree({
        App: enhanceApp?.(App) ?? App,
        Component: enhanceComponent?.(Component) ?? Component,
      })
      return { html, head: head.elements() }
    },
    defaultGetInitialProps: async (documentContext) => documentContext.renderPage(),
  }
  return context
}
