/** Scrolls to the element that a hash names, or to the top when it names none. */
export function scrollToHash(hash: string): void {
  let name = hash.slice(1)
  try {
    name = decodeURIComponent(name)
  } catch {
    // No UTF-8: taken as it stands.
  }
  if (name === '' || name === 'top') scrollTo({ top: 0, left: 0, behavior: 'instant' })
  else (document.getElementById(name) ?? document.getElementsByName(name)[0])?.scrollIntoView()
}
