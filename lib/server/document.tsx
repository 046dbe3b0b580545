import type { ComponentType, ReactElement, ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { PAYLOAD_ELEMENT_ID } from '../protocol/payload.js'
import { reduceHead } from '../react/head-elements.js'
import { DocumentPartsContext, type DocumentParts } from '../react/document.js'
import type { PageAssets } from './page-source.js'

export interface DocumentInput {
  readonly html: string
  /** The tags that `Head` asked for; `undefined` where the page has no `Head`. */
  readonly head: readonly ReactNode[] | undefined
  readonly styles?: ReactNode
  readonly payload: string
  readonly rootId: string
  readonly assets: PageAssets
}

/** The document around a page, where the project has no `_document` of its own: put together as text. */
export function composeDocument({ html, head, payload, rootId, assets }: DocumentInput): string {
  return (
    `<!DOCTYPE html><html><head>${head ? renderToStaticMarkup(keyed(head)) : plainHead}${toTags(assets)}</head><body>` +
    `<div id="${rootId}">${html}</div>` +
    `<script id="${PAYLOAD_ELEMENT_ID}" type="application/json">${payload}</script>` +
    `${assets.scripts.map((src) => `<script type="module" src="${escapeAttribute(src)}"></script>`).join('')}</body></html>`
  )
}

/** The document as the project's `_document` renders it. */
export function renderDocument(
  Document: ComponentType<any>,
  input: DocumentInput,
  props: object,
): { html: string; missing: string[] } {
  const parts: DocumentParts = {
    html: input.html,
    head: keyed(input.head ?? reduceHead([])),
    styles: input.styles,
    payload: input.payload,
    rootId: input.rootId,
    scripts: input.assets.scripts,
    preloads: input.assets.preloads,
    stylesheets: input.assets.styles,
    inlineStyles: input.assets.inlineStyles ?? [],
    rendered: new Set(),
  }
  const html = renderToStaticMarkup(
    <DocumentPartsContext.Provider value={parts}>
      <Document {...props} />
    </DocumentPartsContext.Provider>,
  )
  return {
    html: `<!DOCTYPE html>${html}`,
    missing: ['Html', 'Head', 'Main', 'Scripts'].filter((name) => !parts.rendered.has(name)),
  }
}

function keyed(elements: readonly ReactNode[]): ReactElement {
  return <>{...elements}</>
}

/** Pages without a `Head` of their own all have the same one. */
const plainHead = renderToStaticMarkup(keyed(reduceHead([])))

const tagsOf = new WeakMap<PageAssets, string>()

/** A page's links, made once: a build's assets do not change. */
function toTags(assets: PageAssets): string {
  const known = tagsOf.get(assets)
  if (known !== undefined) return known
  const inline = (assets.inlineStyles ?? []).map(
    ({ id, css }) =>
      `<style data-vite-dev-id="${escapeAttribute(id)}">${css.replaceAll('</style', '<\\/style')}</style>`,
  )
  const styles = assets.styles.map((href) => `<link rel="stylesheet" href="${escapeAttribute(href)}"/>`)
  const preloads = assets.preloads.map(
    (href) => `<link rel="modulepreload" href="${escapeAttribute(href)}"/>`,
  )
  const tags = [...inline, ...styles, ...preloads].join('')
  tagsOf.set(assets, tags)
  return tags
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
