import { cloneElement, createElement, Fragment, isValidElement } from 'react'
import type { ReactElement, ReactNode } from 'react'

type HeadProps = Record<string, unknown> & {
  children?: ReactNode
  dangerouslySetInnerHTML?: { __html: string }
}
type HeadElement = ReactElement<HeadProps, string>

/** Marks the tags that belong to pages, so that the browser knows which ones it may replace. */
export const HEAD_MARKER = 'data-head'

/** Tags of which the last one wins when they say the same thing about the document. */
const SINGLE_META = ['charSet', 'name', 'httpEquiv', 'itemProp']

function warn(message: string): void {
  if (process.env.NODE_ENV !== 'production') console.warn(`Head: ${message}`)
}

function warnAboutMisuse({ type, props }: HeadElement): void {
  if (type === 'script' && !String(props['type']).includes('json'))
    warn('a <script> is better placed with the Script component, which keeps it from running twice.')
  if (type === 'link' && props['rel'] === 'stylesheet')
    warn('import a stylesheet in the page, or link it in _document, so that it never arrives late.')
}

function flatten(node: ReactNode, into: HeadElement[]): HeadElement[] {
  if (Array.isArray(node)) for (const child of node as ReactNode[]) flatten(child, into)
  else if (isValidElement<HeadProps>(node)) {
    if (node.type === Fragment) flatten(node.props.children, into)
    else if (typeof node.type !== 'string' || node.type === 'html' || node.type === 'body')
      warn(
        `only tags of a document's head can stand in it, and \`${nameOf(node.type)}\` is none: it is left out.`,
      )
    else into.push(node as HeadElement)
  }
  return into
}

function nameOf(type: unknown): string {
  return typeof type === 'function' ? type.name : String(type)
}

/** The names under which a tag replaces earlier ones. */
function identities({ type, key, props }: HeadElement): string[] {
  const names = key === null ? [] : [`key ${key}`]
  if (type === 'title' || type === 'base') names.push(type)
  if (type === 'meta')
    for (const attribute of SINGLE_META)
      if (props[attribute] !== undefined && !(attribute === 'name' && key !== null))
        names.push(attribute === 'charSet' ? attribute : `${attribute} ${String(props[attribute])}`)
  return names
}

/** JSON in a script element must not be able to end it, and is not HTML text: `<` becomes its JSON escape. */
function toInertJson(element: HeadElement): HeadElement {
  const { type, props } = element
  const json = props.dangerouslySetInnerHTML?.__html ?? props.children
  if (type !== 'script' || !String(props['type']).includes('json') || typeof json !== 'string') return element
  const __html = json.replace(/</g, '\\u003c')
  return cloneElement(element, { dangerouslySetInnerHTML: { __html } }) as HeadElement
}

function toMarked(element: HeadElement, index: number): HeadElement {
  const inert = toInertJson(element)
  const { children, dangerouslySetInnerHTML, ...attributes } = inert.props
  const text = Array.isArray(children) ? children.join('') : children
  return createElement(
    inert.type,
    {
      ...attributes,
      ...(dangerouslySetInnerHTML === undefined ? {} : { dangerouslySetInnerHTML }),
      [HEAD_MARKER]: '',
      key: index,
    },
    ...(text === undefined || dangerouslySetInnerHTML !== undefined ? [] : [text]),
  ) as HeadElement
}

/**
 * The tags that remain of all `Head` children, in document order: charset first, and of several tags that say the
 * same thing the last.
 */
export function reduceHead(nodes: Iterable<ReactNode>): HeadElement[] {
  const elements = flatten(
    [...nodes],
    [
      createElement('meta', { charSet: 'utf-8' }) as HeadElement,
      createElement('meta', { name: 'viewport', content: 'width=device-width' }) as HeadElement,
    ],
  )
  const taken = new Set<string>()
  const kept: HeadElement[] = []
  for (const element of elements.reverse()) {
    if (process.env.NODE_ENV !== 'production') warnAboutMisuse(element)
    const names = identities(element)
    if (!names.some((name) => taken.has(name))) kept.unshift(element)
    for (const name of names) taken.add(name)
  }
  kept.sort((a, b) => Number('charSet' in b.props) - Number('charSet' in a.props))
  return kept.map(toMarked)
}
