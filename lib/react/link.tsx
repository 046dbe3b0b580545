import { Children, cloneElement, forwardRef, useContext, useEffect, useRef } from 'react'
import type { AnchorHTMLAttributes, MouseEvent, ReactElement, Ref, SyntheticEvent } from 'react'
import { fillParams, formatUrl, toHref } from './href.js'
import { RouterContext, type UrlLike } from './router-context.js'
import { onceVisible } from './visibility.js'

export interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> {
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
  /** `false` waits for hover, touch or focus instead of the viewport. Nothing is prefetched in development. @default true */
  prefetch?: boolean | null
  locale?: string | false
  /** Lend the link's behaviour to the only child instead of rendering an anchor. */
  legacyBehavior?: boolean
  /** With `legacyBehavior`: give `href` to a child that is no anchor. */
  passHref?: boolean
  /** Called before a navigation in place; `preventDefault()` cancels it. */
  onNavigate?(event: { preventDefault(): void }): void
}

type Handler<E> = ((event: E) => void) | undefined

function isBrowsersOwn(event: MouseEvent<Element>): boolean {
  const anchor = event.currentTarget
  const target = anchor.getAttribute('target')
  return (
    event.defaultPrevented ||
    event.button > 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey ||
    (target !== null && target !== '' && target !== '_self') ||
    anchor.hasAttribute('download')
  )
}

function checkProps({ href, legacyBehavior, children, ...props }: LinkProps): void {
  if (typeof href !== 'string' && (typeof href !== 'object' || href === null))
    throw new Error(`<Link> expects a string or object as \`href\`, but got ${String(href)}.`)
  for (const name of ['replace', 'scroll', 'shallow', 'prefetch', 'passHref'] as const)
    if (props[name] !== undefined && props[name] !== null && typeof props[name] !== 'boolean')
      throw new Error(`<Link> expects a boolean as \`${name}\`, but got ${JSON.stringify(props[name])}.`)
  if (!legacyBehavior && (children as ReactElement | undefined)?.type === 'a')
    throw new Error('Invalid <Link> with <a> child: remove the <a>, or add `legacyBehavior` to the <Link>.')
  if (legacyBehavior && Children.count(children) !== 1)
    throw new Error(
      `<Link legacyBehavior> needs exactly one child, but has ${Children.count(children) ? 'multiple children' : 'none'}.`,
    )
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

function setRef<T>(ref: Ref<T> | undefined, value: T | null): void {
  if (typeof ref === 'function') ref(value)
  else if (ref) ref.current = value
}

/** The ref of an element, which React 18 keeps beside the props and React 19 among them. */
function refOf(element: ReactElement<{ ref?: Ref<Element> }>): Ref<Element> | undefined {
  return (
    element.props.ref ?? (Object.getOwnPropertyDescriptor(element, 'ref')?.value as Ref<Element> | undefined)
  )
}

/**
 * A link to another page of the site, followed without loading a document. It is a plain anchor without JavaScript, for
 * other sites, and for clicks that ask for another tab or a download.
 */
export const Link = forwardRef<HTMLAnchorElement, LinkProps>(function Link(props, ref) {
  if (process.env.NODE_ENV !== 'production') checkProps(props)
  const {
    href: to,
    as,
    replace,
    scroll,
    shallow,
    prefetch,
    locale,
    legacyBehavior,
    passHref,
    onNavigate,
    children,
    ...rest
  } = props
  const router = useContext(RouterContext)
  const target = shownUrl(to)
  const shown = as === undefined ? target : shownUrl(as)
  const href = router && locale !== false ? toHref(shown, router) : shown
  const child = legacyBehavior
    ? ((typeof children === 'object' ? children : <a>{children}</a>) as ReactElement<Record<string, any>>)
    : undefined
  const given: Record<string, any> = child?.props ?? rest
  const prefetchNow = () => void router?.prefetch(target, shown)

  const element = useRef<Element>(null)
  useEffect(
    () => (prefetch !== false && element.current ? onceVisible(element.current, prefetchNow) : undefined),
    [target, shown, prefetch],
  )

  const after =
    <E extends SyntheticEvent>(handler: Handler<E>, also: (event: E) => void) =>
    (event: E) => {
      handler?.(event)
      also(event)
    }

  function navigate(event: MouseEvent<Element>): void {
    if (!router || href === undefined || isBrowsersOwn(event)) return
    const isElsewhere = new URL(href, location.href).origin !== location.origin
    if (isElsewhere) return
    event.preventDefault()
    let isCancelled = false
    onNavigate?.({ preventDefault: () => (isCancelled = true) })
    if (!isCancelled) void router[replace ? 'replace' : 'push'](to, as, { scroll, shallow, locale })
  }

  const link = {
    ref(node: Element | null) {
      element.current = node
      setRef(ref as Ref<Element>, node)
      if (child) setRef(refOf(child), node)
    },
    onClick: after(given['onClick'], navigate),
    onMouseEnter: after(given['onMouseEnter'], prefetchNow),
    onTouchStart: after(given['onTouchStart'], prefetchNow),
    onFocus: after(given['onFocus'], prefetchNow),
    ...(!child || passHref || (child.type === 'a' && !('href' in given)) ? { href } : undefined),
  }
  if (child) return cloneElement(child, link)
  return (
    <a {...rest} {...(link as object)}>
      {children}
    </a>
  )
})
