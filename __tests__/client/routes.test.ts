import { createFindPage } from '../../lib/client/routes.js'
import type { ClientPage } from '../../lib/protocol/client-site.js'
import { matchRoute } from '../../lib/routing/match.js'
import { createRouteTable } from '../../lib/routing/table.js'

const ROUTES = [
  '/blog/[...rest]',
  '/[top]',
  '/',
  '/blog/new',
  '/blog/[slug]',
  '/docs/[[...path]]',
  '/blog/[slug]/edit',
  '/a/[b]/[c]',
  '/a/b/[c]',
  '/über/[id]',
  '/[top]/[...rest]',
  '/x.y/[id]',
  '/proto/[__proto__]',
]

const PATHS = [
  '/', '/blog', '/blog/new', '/blog/new/', '/blog/x', '/blog/x/edit', '/blog/x/y/z', '/docs', '/docs/a', '/docs/a/b',
  '/a/b/c', '/a/x/c', '/a/b', '/%C3%BCber/1', '/%c3%bcber/1', '/blog/%41', '/blog/a%2Fb', '/blog/a+b@c:d',
  '/blog/%7e', '/x.y/1', '/proto/v', '/blog/%E0%A4%A', '/one/two/three',
] // prettier-ignore

const pages: ClientPage[] = ROUTES.map((route) => ({ route, data: undefined, load: () => Promise.reject() }))

describe('the browser’s matcher', () => {
  const find = createFindPage(pages)
  const table = createRouteTable(ROUTES.map((route) => ({ route, file: route, value: route })))

  it.each(PATHS)('finds for %s what the server finds', (path) => {
    let expected: ReturnType<typeof matchRoute<string>>
    try {
      expected = matchRoute(table, path)
    } catch {
      // A path that the server refuses as malformed is no page for the browser.
    }
    const match = find(path)
    expect(match && { route: match.page.route, params: match.params, pathname: match.pathname }).toEqual(
      expected && { route: expected.route, params: expected.params, pathname: expected.pathname },
    )
  })

  it('leaves API routes and error pages to the server', () => {
    const all = createFindPage(
      ['/[...all]', '/404', '/500', '/_error'].map((route) => ({ ...pages[0]!, route })),
    )
    expect(all('/api')).toBeUndefined()
    expect(all('/api/x')).toBeUndefined()
    expect(all('/apix')?.page.route).toBe('/[...all]')
    expect(all('/404')?.page.route).toBe('/[...all]')
  })

  it('takes parameters of a given route only', () => {
    expect(find('/blog/x', '/blog/[slug]')?.params).toEqual({ slug: 'x' })
    expect(find('/blog/new', '/blog/[slug]')?.params).toEqual({ slug: 'new' })
    expect(find('/a', '/blog/[slug]')).toBeUndefined()
  })
})
