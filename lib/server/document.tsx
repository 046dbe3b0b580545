import type { ComponentType, ReactElement, ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { fillBasePath } from '../protocol/base-path.js'
import { PAYLOAD_ELEMENT_ID } from '../protocol/payload.js'
import { GLOBAL_SHEET, PAGE_SHEET, SHEETS_END } from '../protocol/sheet-marks.js'
import { reduceHead } from '../react/head-elements.js'
import { DocumentPartsContext, type DocumentParts } from '../react/document-parts.js'
import { StyleGuard } from '../react/style-guard.js'
import type { DocumentFaults } from './document-warnings.js'
import type { PageAssets } from './page-source.js'

/** What a document holds beside the page. */
export interface DocumentBase {
  readonly payload: string
  readonly rootId: string
  readonly assets: PageAssets
  readonly basePath: string
}

export interface DocumentInput extends DocumentBase {
  readonly html: string
  /** The tags that `Head` asked for; `undefined` where the page has no `Head`. */
  readonly head: readonly ReactNode[] | undefined
  readonly styles?: ReactNode
}

/** The document around a page, where the project has no `_document` of its own: put together as text. */
export function composeDocument(
  html: string,
  head: DocumentInput['head'],
  { payload, rootId, assets, basePath }: DocumentBase,
): string {
  const tags = tagsFor(assets, basePath)
  return (
    `<!DOCTYPE html><html><head>${head ? renderToStaticMarkup(keyed(head)) : plainHead}${tags.links}</head><body>` +
    `<div id="${rootId}">${html}</div>` +
    `${toDataScript(payload, assets)}${tags.scripts}</body></html>`
  )
}

/** Nobody reads the data of a page that is not to be hydrated. */
function toDataScript(payload: string, { hydrates }: PageAssets): string {
  return hydrates === false
    ? ''
    : `<script id="${PAYLOAD_ELEMENT_ID}" type="application/json">${payload}</script>`
}

/** The document as the project's `_document` renders it. */
export function renderDocument(
  Document: ComponentType<any>,
  input: DocumentInput,
  props: object,
): { html: string } & DocumentFaults {
  const withBase = (path: string) => fillBasePath(path, input.basePath)
  const parts: DocumentParts = {
    html: input.html,
    head: keyed(input.head ?? reduceHead([])),
    styles: input.styles,
    payload: input.assets.hydrates === false ? undefined : input.payload,
    rootId: input.rootId,
    scripts: input.assets.scripts.map(withBase),
    preloads: input.assets.preloads.map(withBase),
    globalStyles: (input.assets.globalStyles ?? []).map(withBase),
    pageStyles: input.assets.styles.map(withBase),
    partStyles: (input.assets.partStyles ?? []).map(withBase),
    guards: input.assets.guards === true,
    inlineStyles: (input.assets.inlineStyles ?? []).map(({ id, css }) => ({ id, css: toInert(css) })),
    rendered: new Set(),
    misplaced: new Set(),
  }
  const html = renderToStaticMarkup(
    <DocumentPartsContext.Provider value={parts}>
      <Document {...props} />
    </DocumentPartsContext.Provider>,
  )
  return {
    html: `<!DOCTYPE html>${html}`,
    missing: ['Html', 'Head', 'Main', 'Scripts'].filter((name) => !parts.rendered.has(name)),
    misplaced: [...parts.misplaced],
  }
}

const GUARD = renderToStaticMarkup(<StyleGuard />)

function keyed(elements: readonly ReactNode[]): ReactElement {
  return <>{...elements}</>
}

/** Pages without a `Head` of their own all have the same one. */
const plainHead = renderToStaticMarkup(keyed(reduceHead([])))

interface Tags {
  readonly links: string
  readonly scripts: string
}

const tagsOf = new WeakMap<PageAssets, Map<string, Tags>>()
/** Mount paths whose tags are remembered; one with a parameter in it has as many as visitors like. */
const LARGEST_MEMORY = 100

/** A page's links and scripts, made once: a build's assets do not change. */
function tagsFor(assets: PageAssets, basePath: string): Tags {
  let known = tagsOf.get(assets)
  if (known === undefined || known.size > LARGEST_MEMORY) tagsOf.set(assets, (known = new Map()))
  let tags = known.get(basePath)
  if (tags === undefined) known.set(basePath, (tags = toTags(assets, basePath)))
  return tags
}

function toTags(assets: PageAssets, basePath: string): Tags {
  const { scripts, preloads, globalStyles = [], styles, partStyles = [], inlineStyles = [], guards } = assets
  const url = (path: string) => escapeAttribute(fillBasePath(path, basePath))
  const sheet = (mark: string) => (path: string) =>
    `<link rel="preload" href="${url(path)}" as="style"/><link rel="stylesheet" href="${url(path)}"${mark}/>`
  const links = [
    ...(guards ? [GUARD] : []),
    ...inlineStyles.map(
      ({ id, css }) => `<style data-vite-dev-id="${escapeAttribute(id)}">${toInert(css)}</style>`,
    ),
    ...globalStyles.map(sheet(` ${GLOBAL_SHEET}=""`)),
    ...styles.map(sheet(` ${PAGE_SHEET}=""`)),
    `<noscript ${SHEETS_END}=""></noscript>`,
    ...partStyles.map(sheet('')),
    ...preloads.map((href) => `<link rel="modulepreload" href="${url(href)}"/>`),
  ]
  return {
    links: links.join(''),
    scripts: scripts.map((src) => `<script type="module" src="${url(src)}"></script>`).join(''),
  }
}

/** CSS that cannot end its style element. */
function toInert(css: string): string {
  return css.replace(/<\/(?=style)/gi, '<\\/')
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
