import { Children, cloneElement, forwardRef } from 'react'
import type { ReactElement, Ref } from 'react'
import { checkLinkProps, Link, setRef, useLink, type LinkProps as OwnLinkProps } from '../react/link.js'

export interface LinkProps extends OwnLinkProps {
  /** Lend the link's behaviour to the only child instead of rendering an anchor. */
  legacyBehavior?: boolean
  /** With `legacyBehavior`: give `href` to a child that is no anchor. */
  passHref?: boolean
}

type Child = ReactElement<Record<string, any> & { ref?: Ref<Element> }>

function checkChildren({ children, ...props }: LinkProps): void {
  checkLinkProps(props)
  const count = Children.count(children)
  if (count !== 1)
    throw new Error(
      `<Link legacyBehavior> needs exactly one child, but has ${count ? 'multiple children' : 'none'}.`,
    )
}

/** The ref of an element, which React 18 keeps beside the props and React 19 among them. */
function refOf(element: Child): Ref<Element> | undefined {
  return (
    element.props.ref ?? (Object.getOwnPropertyDescriptor(element, 'ref')?.value as Ref<Element> | undefined)
  )
}

const LegacyLink = forwardRef<Element, LinkProps>(function LegacyLink(props, ref) {
  if (process.env.NODE_ENV !== 'production') checkChildren(props)
  const { children, passHref } = props
  const child = (typeof children === 'object' ? children : <a>{children}</a>) as Child
  const setBoth = (node: Element | null) => {
    setRef(ref, node)
    setRef(refOf(child), node)
  }
  const { href, ...link } = useLink(props, setBoth, child.props)
  const needsHref = passHref || (child.type === 'a' && !('href' in child.props))
  return cloneElement(child, needsHref ? { ...link, href } : link)
})

/** `Link` with the ways it had before it rendered its own anchor. */
const NextLink = forwardRef<HTMLAnchorElement, LinkProps>(function NextLink(
  { legacyBehavior, passHref, ...props },
  ref,
) {
  return legacyBehavior ? (
    <LegacyLink {...props} {...(passHref === undefined ? {} : { passHref })} ref={ref} />
  ) : (
    <Link {...props} ref={ref} />
  )
})

export default NextLink
