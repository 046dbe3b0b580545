import { forwardRef, useContext, useEffect, useRef } from 'react'
import type { AnchorHTMLAttributes, MouseEvent, ReactElement, Ref, SyntheticEvent } from 'react'
import { fillParams, formatUrl, toHref } from './href.js'
import { RouterContext, type UrlLike } from './router-context.js'
import { onceVisible } from './visibility.js'

interface LinkOptions {
  /** Where the link leads. A path is below the mount path; a route may take its parameters from `query`. */
  href: UrlLike
  /** The URL to show instead of `href`. */
  as?: UrlLike
  /** Replace the history entry instead of adding one. @default false */
  replace?: boolean
  /** Scroll to the top, or to the hash, afterwards. @default true */
  scroll?: boolean
  /** Change the URL without fetching data, on the same page only. @default false */
  shallow?: boolean
  /** `false` shows the page without asking for its data. @default true */
  data?: boolean
  /** `false` waits for hover, touch or focus instead of the viewport. Nothing is prefetched in development. @default true */
  prefetch?: boolean | null
  locale?: string | false
  /** Show the change as a view transition, where the browser has them. @default false */
  viewTransition?: boolean
  /** Called before a navigation in place; `preventDefault()` cancels it. */
  onNavigate?(event: { preventDefault(): void }): void
}

export interface LinkProps
  extends LinkOptions, Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof LinkOptions> {}

/** What the element of a link gets. The handlers call those that its author gave it. */
export interface LinkElementProps {
  ref(element: Element | null): void
  href: string | undefined
  onClick(event: MouseEvent<Element>): void
  onMouseEnter(event: SyntheticEvent): void
  onTouchStart(event: SyntheticEvent): void
  onFocus(event: SyntheticEvent): void
}

function isBrowsersOwn(event: MouseEvent<Element>): boolean {
  const anchor = event.currentTarget as HTMLAnchorElement
  const target = anchor.getAttribute('target')
  return (
    event.defaultPrevented ||
    event.button > 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey ||
    (!!target && target !== '_self') ||
    anchor.hasAttribute('download') ||
    // What is no anchor of HTML has no origin: the router knows what is elsewhere.
    (anchor.origin ?? origin) !== origin
  )
}

let hasHinted = false

/** Throws for props that no type checker has looked at. */
export function checkLinkProps({ href, ...props }: LinkProps & { passHref?: boolean }): void {
  if (typeof href !== 'string' && (typeof href !== 'object' || href === null))
    throw new Error(`<Link> expects a string or object as \`href\`, but got ${String(href)}.`)
  for (const name of ['replace', 'scroll', 'shallow', 'data', 'prefetch', 'passHref'] as const)
    if (props[name] !== undefined && props[name] !== null && typeof props[name] !== 'boolean')
      throw new Error(`<Link> expects a boolean as \`${name}\`, but got ${JSON.stringify(props[name])}.`)
  if (props.prefetch && !hasHinted) {
    hasHinted = true
    console.warn(
      '<Link prefetch>: links prefetch by themselves, in production. `prefetch={false}` turns it off.',
    )
  }
}

/** The URL that the link shows; a route with missing parameters stays a route. */
function shownUrl(url: UrlLike): string {
  const href = formatUrl(url ?? '')
  try {
    return fillParams(href)
  } catch {
    return href
  }
}

/** Sets a ref of either kind. */
export function setRef<T>(ref: Ref<T> | undefined, value: T | null): void {
  if (typeof ref === 'function') ref(value)
  else if (ref) ref.current = value
}

/**
 * What makes an element follow a link in place, and prefetch what it leads to. `given` is what the author gave the element,
 * where that is another one than the link's own; its own anchor gets the rest of the props as well.
 */
export function useLink(props: LinkProps, ref: Ref<any>, given?: Record<string, any>): LinkElementProps {
  const {
    href: to,
    as,
    replace,
    scroll,
    shallow,
    data,
    prefetch,
    locale,
    viewTransition,
    onNavigate,
    ...rest
  } = props
  const options = { scroll, shallow, data, viewTransition }
  const own: Record<string, any> = given ?? rest
  const router = useContext(RouterContext)
  const target = shownUrl(to)
  const shown = as === undefined ? target : shownUrl(as)
  const href = router && locale !== false ? toHref(shown, router) : shown
  const element = useRef<Element>(null)
  const prefetchNow = () => void router?.prefetch(target, shown, options)
  useEffect(
    () => (prefetch !== false && element.current ? onceVisible(element.current, prefetchNow) : undefined),
    [target, shown, prefetch],
  )

  function navigate(event: MouseEvent<Element>): void {
    if (!router || href === undefined || isBrowsersOwn(event)) return
    event.preventDefault()
    let isCancelled = false
    onNavigate?.({ preventDefault: () => (isCancelled = true) })
    if (!isCancelled) void router[replace ? 'replace' : 'push'](to, as, options)
  }
  const after =
    <E,>(name: string, also: (event: E) => void) =>
    (event: E) => {
      own[name]?.(event)
      also(event)
    }

  return {
    ...(!given && rest),
    ref(node) {
      element.current = node
      setRef(ref, node)
    },
    href,
    onClick: after('onClick', navigate),
    onMouseEnter: after('onMouseEnter', prefetchNow),
    onTouchStart: after('onTouchStart', prefetchNow),
    onFocus: after('onFocus', prefetchNow),
  }
}

/**
 * A link to another page of the site, followed without loading a document. It is a plain anchor without JavaScript, for
 * other sites, and for clicks that ask for another tab or a download.
 */
export const Link = forwardRef<HTMLAnchorElement, LinkProps>(function Link(props, ref) {
  if (process.env.NODE_ENV !== 'production') {
    checkLinkProps(props)
    if ((props.children as ReactElement | undefined)?.type === 'a')
      throw new Error('Invalid <Link> with <a> child: remove the <a>.')
  }
  return <a {...useLink(props, ref)} />
})
