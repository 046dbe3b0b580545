import type { ReactElement, ReactNode } from 'react'

type HeadProps = Record<string, unknown> & {
  children?: ReactNode
  dangerouslySetInnerHTML?: { __html: string }
}
/** What is read of a React element; the tags that every page has are no more than this. */
export type HeadElement = Pick<ReactElement<HeadProps, string>, 'type' | 'props' | 'key'>

/** Marks the tags that belong to pages, so that the browser knows which ones it may replace. */
export const HEAD_MARKER = 'data-head'

const EVERYWHERE: HeadElement[] = [
  { type: 'meta', props: { charSet: 'utf-8' }, key: null },
  { type: 'meta', props: { name: 'viewport', content: 'width=device-width' }, key: null },
]

function warn(message: string): void {
  console.warn(`Head: ${message}`)
}

function warnAboutMisuse({ type, props }: HeadElement): void {
  if (type === 'script' && !String(props['type']).includes('json'))
    warn('a <script> is better placed with the Script component, which keeps it from running twice.')
  if (type === 'link' && props['rel'] === 'stylesheet')
    warn('import a stylesheet in the page, or link it in _document, so that it never arrives late.')
}

function isTag({ type }: HeadElement): boolean {
  const isOne = typeof type === 'string' && type !== 'html' && type !== 'body'
  if (process.env.NODE_ENV !== 'production' && !isOne) {
    const name = typeof type === 'function' ? (type as { name: string }).name : String(type)
    warn(`only tags of a document's head can stand in it, and \`${name}\` is none: it is left out.`)
  }
  return isOne
}

function flatten(node: unknown, into: HeadElement[]): HeadElement[] {
  if (Array.isArray(node)) for (const child of node) flatten(child, into)
  else if (typeof node === 'object' && node !== null && 'type' in node) {
    const element = node as HeadElement
    // A fragment's type is a symbol.
    if (typeof element.type === 'symbol') flatten(element.props.children, into)
    else if (isTag(element)) into.push(element)
  }
  return into
}

/** The names under which a tag replaces earlier ones. */
function identities({ type, key, props }: HeadElement): string[] {
  const names = key === null ? [] : [`=${key}`]
  if (type === 'title' || type === 'base') names.push(type)
  if (type === 'meta')
    for (const name of ['charSet', 'httpEquiv', 'itemProp', 'name'])
      if (props[name] !== undefined && (name !== 'name' || key === null))
        // There is one charset, whatever it is.
        names.push(name + (name === 'charSet' ? '' : String(props[name])))
  return names
}

/** The tags that remain of all `Head` children: of several that say the same thing the last. */
export function keepLast(nodes: Iterable<ReactNode>): HeadElement[] {
  const taken = new Set<string>()
  return flatten([...nodes], [...EVERYWHERE])
    .reverse()
    .filter((element) => {
      if (process.env.NODE_ENV !== 'production') warnAboutMisuse(element)
      const names = identities(element)
      const isLast = !names.some((name) => taken.has(name))
      for (const name of names) taken.add(name)
      return isLast
    })
    .reverse()
}
