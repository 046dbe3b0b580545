import { HEAD_MARKER, keepLast, type HeadElement } from '../react/head-reduce.js'
import { headUpdates } from './head-updates.js'

const ATTRIBUTES: Record<string, string> = { className: 'class', httpEquiv: 'http-equiv' }

function toNode({ type, props }: HeadElement): HTMLElement {
  const node = document.createElement(type)
  for (const name in props) {
    const value = props[name]
    if (name === 'children') node.textContent = [value].flat().join('')
    else if (name === 'dangerouslySetInnerHTML') node.textContent = (value as { __html: string }).__html
    else if (value === true || typeof value === 'string' || typeof value === 'number')
      node.setAttribute(ATTRIBUTES[name] ?? name, value === true ? '' : String(value))
  }
  node.setAttribute(HEAD_MARKER, '')
  const { nonce } = node
  if (nonce) {
    // A tag that is in the document hides its nonce from its attribute: hide it here too, to find them equal.
    node.setAttribute('nonce', '')
    node.nonce = nonce
  }
  return node
}

/**
 * Keeps the document's head in line with the `Head` tags of the page that is shown. Tags that stay the same keep their
 * nodes.
 */
export function startHeadUpdates(): void {
  const first = headUpdates.shown
  let owned = new Set<Element>()
  let isScheduled = false

  function update(): void {
    isScheduled = false
    const { shown } = headUpdates
    if (!shown) return
    const old = [...document.head.querySelectorAll(`[${HEAD_MARKER}]`)]
    const previous = owned
    owned = new Set(
      keepLast(shown.entries.values()).map((element) => {
        const fresh = toNode(element)
        const index = old.findIndex((node) => node.isEqualNode(fresh))
        return index < 0 ? document.head.appendChild(fresh) : old.splice(index, 1)[0]!
      }),
    )
    // On the first page, a tag nobody owned yet may belong to a part of the page that hydrates later.
    for (const node of old) if (shown !== first || previous.has(node)) node.remove()
  }

  headUpdates.update = () => {
    // Once for all changes of a commit.
    if (!isScheduled) queueMicrotask(update)
    isScheduled = true
  }
  update()
}
