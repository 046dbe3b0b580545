import { createRef, type ReactNode } from 'react'
import { jest } from '@jest/globals'
import { renderToStaticMarkup } from 'react-dom/server'
import { useRouter as useCompatRouter } from '../../lib/next/compat/router.js'
import NextLink from '../../lib/next/link.js'
import { Link } from '../../lib/react/link.js'
import { RouterContext } from '../../lib/react/router-context.js'
import { createServerRouter } from '../../lib/react/server-router.js'
import { useRouter, withRouter, Router } from '../../lib/react/index.js'
import type { Page } from '../../lib/types.js'

function render(tree: ReactNode, { basePath = '', trailingSlash = false } = {}): string {
  const router = createServerRouter({
    route: '/',
    pathname: '/',
    query: {},
    asPath: '/',
    basePath,
    trailingSlash,
    isFallback: false,
    isReady: true,
    isPreview: false,
  })
  return renderToStaticMarkup(<RouterContext.Provider value={router}>{tree}</RouterContext.Provider>)
}

let error: ReturnType<typeof jest.spyOn>
beforeEach(() => {
  error = jest.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(() => error.mockRestore())

describe('Link', () => {
  it('renders an anchor with the mount path and the site’s slash, and passes attributes on', () => {
    expect(
      render(
        <Link href="/a?b#c" className="x" id="i" aria-label="l" data-n="1" ref={createRef()}>
          text
        </Link>,
        { basePath: '/shop', trailingSlash: true },
      ),
    ).toBe('<a class="x" id="i" aria-label="l" data-n="1" href="/shop/a/?b#c">text</a>')
    expect(render(<Link href="/">text</Link>, { basePath: '/shop' })).toBe('<a href="/shop">text</a>')
  })

  it('outside of a page is a plain anchor', () => {
    expect(renderToStaticMarkup(<Link href="/a">a</Link>)).toBe('<a href="/a">a</a>')
  })

  it.each([undefined, null, 7])('with %p as href is an error that says so [10.02]', (href) => {
    expect(() => render(<Link href={href as never}>a</Link>)).toThrow(
      `expects a string or object as \`href\`, but got ${String(href)}`,
    )
  })

  it.each(['replace', 'scroll', 'shallow', 'data', 'prefetch', 'passHref'])(
    'with text as `%s` is an error that names it [10.02]',
    (name) => {
      expect(() => render(<Link href="/a" {...{ [name]: 'yes' }} />)).toThrow(
        `expects a boolean as \`${name}\`, but got "yes"`,
      )
    },
  )

  it('formats objects, and shows `as` instead of `href` [10.03]', () => {
    const url = { pathname: '/p/[id]', query: { id: 'a b', n: 1, l: ['x', 'y'], u: undefined }, hash: 'h' }
    expect(render(<Link href={url}>a</Link>)).toBe('<a href="/p/a%20b?n=1&amp;l=x&amp;l=y&amp;u=#h">a</a>')
    expect(
      render(
        <Link href="/p/[id]?id=1" as="/shown">
          a
        </Link>,
      ),
    ).toBe('<a href="/shown">a</a>')
    expect(render(<Link href={{ pathname: '/p/[id]' }}>a</Link>)).toBe('<a href="/p/[id]">a</a>')
  })

  it.each(['https://other.example/x', 'mailto:a@b.c', 'tel:1', 'sms:1', 'https://', '#x', '?x', ''])(
    'leaves %j as it is, below a mount path too',
    (href) => {
      expect(render(<Link href={href}>a</Link>, { basePath: '/shop' })).toBe(`<a href="${href}">a</a>`)
    },
  )

  it('uses the href verbatim with `locale={false}`', () => {
    expect(
      render(
        <Link href="/a/" locale={false}>
          a
        </Link>,
        { basePath: '/shop' },
      ),
    ).toBe('<a href="/a/">a</a>')
  })

  it.each([
    'javascript:alert(1)',
    'java\nscript:alert(1)',
    '\x01javascript:x',
    'data:text/html,x',
    'vbscript:x',
    'blob:x',
  ])('has no href for %j [S66]', (href) => {
    expect(render(<Link href={href}>a</Link>)).toBe('<a>a</a>')
  })

  it.each([Link, NextLink])('keeps what is its own from the anchor', (Own) => {
    const own = { as: '/b', replace: true, scroll: false, shallow: true, data: false, prefetch: false }
    expect(
      render(
        <Own href="/a" {...own} locale={false} viewTransition onNavigate={() => {}} title="t">
          a
        </Own>,
      ),
    ).toBe('<a title="t" href="/b">a</a>')
  })

  it('around an anchor is an error [10.13]', () => {
    expect(() =>
      render(
        <Link href="/a">
          <a>a</a>
        </Link>,
      ),
    ).toThrow('Invalid <Link> with <a> child')
  })
})

describe('Link of next/link with legacyBehavior', () => {
  const legacy = (children?: ReactNode, more: object = {}) =>
    render(
      <NextLink href="/a" legacyBehavior {...more}>
        {children}
      </NextLink>,
    )

  it('lends itself to its only child, and makes an anchor for text [10.14]', () => {
    expect(legacy(<a className="x">a</a>)).toBe('<a class="x" href="/a">a</a>')
    expect(legacy('text')).toBe('<a href="/a">text</a>')
  })

  it('forces the href on a component only with `passHref` [10.14]', () => {
    const Own = ({ href }: { href?: string }) => <b>{href ?? 'none'}</b>
    expect(legacy(<Own />)).toBe('<b>none</b>')
    expect(legacy(<Own />, { passHref: true })).toBe('<b>/a</b>')
  })

  it('needs exactly one child: none and several are different errors [10.14]', () => {
    expect(() => legacy()).toThrow('needs exactly one child, but has none')
    expect(() => legacy([<a key="1" />, <a key="2" />])).toThrow(
      'needs exactly one child, but has multiple children',
    )
  })
})

describe('the router on the server', () => {
  it('can be read, and refuses to navigate [9.03]', () => {
    for (const method of [
      'push',
      'replace',
      'reload',
      'back',
      'forward',
      'prefetch',
      'beforePopState',
    ] as const) {
      const Navigating = () => {
        const router = useRouter()
        ;(router[method] as (url: string) => void)('/x')
        return null
      }
      expect(() => render(<Navigating />)).toThrow(/No router instance/)
    }
    const Reading = () => useRouter().asPath
    expect(render(<Reading />)).toBe('/')
  })

  it('is missing outside of a page, and says so; the compat hook gives null [9.03]', () => {
    const Reading = () => useRouter().asPath
    expect(() => renderToStaticMarkup(<Reading />)).toThrow(/router was not mounted/)
    const Careful = () => useCompatRouter()?.asPath ?? 'none'
    expect(renderToStaticMarkup(<Careful />)).toBe('none')
    expect(render(<Careful />)).toBe('/')
  })

  it('as a singleton refuses everything but listening', () => {
    expect(() => Router.push('/x')).toThrow(/No router instance.*`Router.push`/)
    expect(() => Router.asPath).toThrow(/No router instance/)
    expect(() => Router.events.on('routeChangeStart', () => {})).not.toThrow()
    const never = jest.fn()
    Router.ready(never)
    expect(never).not.toHaveBeenCalled()
    expect(Router.router).toBeNull()
  })

  it('comes as a prop by withRouter, which keeps getInitialProps [9.04][20.12]', () => {
    const Inner: Page<any> = ({ router, n }) => `${router.asPath} ${n}`
    Inner.displayName = 'Inner'
    const getInitialProps = () => ({})
    Inner.getInitialProps = getInitialProps
    const Outer = withRouter(Inner) as Page<{ n: number }, any>
    expect(render(<Outer n={3} />)).toBe('/ 3')
    expect(Outer.getInitialProps).toBe(getInitialProps)
    expect(Outer.displayName).toBe('withRouter(Inner)')
  })
})
