/** Scrolls to the element that a hash names, and takes the focus there, or to the top when it names none. */
export function scrollToHash(hash: string): void {
  let name = hash.slice(1)
  try {
    name = decodeURIComponent(name)
  } catch {
    // No UTF-8: taken as it stands.
  }
  if (name === '' || name === 'top') return scrollTo({ top: 0, left: 0, behavior: 'instant' })
  const target = document.getElementById(name) ?? document.getElementsByName(name)[0]
  if (!target) return
  target.scrollIntoView()
  takeFocus(target)
}

/**
 * Puts the focus at the beginning of the new page, when what had it is gone: the next tab key goes to its first link and
 * not to somewhere in the middle.
 */
export function moveFocus(rootId: string): void {
  const { activeElement } = document
  if (!activeElement || activeElement === document.body) takeFocus(document.getElementById(rootId)!)
}

function takeFocus(element: HTMLElement): void {
  const isFocusable = element.tabIndex >= 0 || element.hasAttribute('tabindex')
  if (!isFocusable) {
    element.tabIndex = -1
    // No outline: nothing can be done with it.
    element.style.outline = 'none'
    const restore = () => {
      element.removeAttribute('tabindex')
      element.style.outline = ''
    }
    element.addEventListener('blur', restore, { once: true })
  }
  element.focus({ preventScroll: true })
}
