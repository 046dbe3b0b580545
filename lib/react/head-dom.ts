import type { ReactElement, ReactNode } from 'react'
import { HEAD_MARKER, reduceHead } from './head-elements.js'

interface HeadEntries {
  readonly entries: Map<string, ReactNode>
}

const ATTRIBUTE_NAMES: Record<string, string> = {
  acceptCharset: 'accept-charset',
  className: 'class',
  htmlFor: 'for',
  httpEquiv: 'http-equiv',
}

/** The state of the one document there is. */
let shown: HeadEntries | undefined
let first: HeadEntries | undefined
let owned = new Set<Element>()
let isScheduled = false

function toNode({ type, props }: ReactElement<Record<string, any>, string>): Element {
  const node = document.createElement(type)
  for (const name in props) {
    const value: unknown = props[name]
    if (name === 'children') node.textContent = String(value)
    else if (name === 'dangerouslySetInnerHTML') node.innerHTML = (value as { __html: string }).__html
    else if (value === true || typeof value === 'string' || typeof value === 'number')
      node.setAttribute(ATTRIBUTE_NAMES[name] ?? name, value === true ? '' : String(value))
  }
  return node
}

/** A connected element hides its nonce from scripts: compare as if it were shown. */
function isSame(old: Element, fresh: Element): boolean {
  const { nonce } = old as HTMLElement
  if (!nonce || nonce !== (fresh as HTMLElement).nonce) return old.isEqualNode(fresh)
  const hidden = fresh.cloneNode(true) as Element
  hidden.setAttribute('nonce', old.getAttribute('nonce') ?? '')
  return old.isEqualNode(hidden)
}

function updateHead(): void {
  isScheduled = false
  const old = [...document.head.querySelectorAll(`[${HEAD_MARKER}]`)]
  const previous = owned
  owned = new Set()
  for (const fresh of reduceHead(shown!.entries.values()).map(toNode)) {
    const index = old.findIndex((node) => isSame(node, fresh))
    const node = index < 0 ? document.head.appendChild(fresh) : old.splice(index, 1)[0]!
    owned.add(node)
  }
  // On the first page, a tag nobody owned yet may belong to a part of the page that hydrates later.
  for (const node of old) if (shown !== first || previous.has(node)) node.remove()
}

/**
 * Brings the document's head in line once the current commit is through. A page that has been replaced has no say:
 * only registering (`shows`) makes a head the shown one.
 */
export function scheduleHeadUpdate(head: HeadEntries, shows: boolean): void {
  if (shows) shown = head
  first ??= head
  if (isScheduled || shown !== head) return
  isScheduled = true
  queueMicrotask(updateHead)
}
