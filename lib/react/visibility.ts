const callbacks = new WeakMap<Element, () => void>()
let observer: IntersectionObserver | undefined

/** Calls back once, when the element is in the viewport or close to it; returns a function that gives up waiting. */
export function onceVisible(element: Element, callback: () => void): () => void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries)
        if (isIntersecting) {
          observer!.unobserve(target)
          callbacks.get(target)!()
        }
    },
    { rootMargin: '200px' },
  )
  callbacks.set(element, callback)
  observer.observe(element)
  return () => observer!.unobserve(element)
}
