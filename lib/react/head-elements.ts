import { createElement } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { HEAD_MARKER, keepLast, type HeadElement } from './head-reduce.js'

/**
 * The text in a tag. JSON in a script element must not be able to end it, and is not HTML text: `<` becomes its JSON
 * escape.
 */
function toContent({
  type,
  props,
}: HeadElement): Pick<HeadElement['props'], 'children' | 'dangerouslySetInnerHTML'> {
  const { children, dangerouslySetInnerHTML } = props
  const text = Array.isArray(children) ? children.join('') : children
  const html = dangerouslySetInnerHTML?.__html ?? text
  if (type === 'script' && String(props['type']).includes('json') && typeof html === 'string')
    return { dangerouslySetInnerHTML: { __html: html.replaceAll('<', '\\u003c') } }
  return dangerouslySetInnerHTML ? { dangerouslySetInnerHTML } : { children: text }
}

function toMarked(element: HeadElement, key: number): ReactElement {
  const { children: _, dangerouslySetInnerHTML: __, ...attributes } = element.props
  return createElement(element.type, { ...attributes, ...toContent(element), [HEAD_MARKER]: '', key })
}

/** The tags that the server writes for all `Head` children of a page: charset first, then in the page's order. */
export function reduceHead(nodes: Iterable<ReactNode>): ReactElement[] {
  return keepLast(nodes)
    .sort((a, b) => Number('charSet' in b.props) - Number('charSet' in a.props))
    .map(toMarked)
}
