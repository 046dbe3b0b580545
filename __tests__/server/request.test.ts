import express5 from 'express'
import express4 from 'express4'
import request from 'supertest'
import { toPageRequest, type HostRequest, type PageRequest } from '../../lib/server/request.js'

function read(url: string, host: Partial<HostRequest> = {}): PageRequest | undefined {
  return toPageRequest({
    method: 'GET',
    url,
    baseUrl: '',
    originalUrl: `${host.baseUrl ?? ''}${url}`,
    ...host,
  })
}

/** Pathname and search of a request, with `data` in front where it asks for data. */
function brief(page: PageRequest | undefined): string | undefined {
  return page && `${page.representation === 'data' ? 'data ' : ''}${page.pathname}${page.search}`
}

describe('toPageRequest', () => {
  it.each([
    ['/', '/'],
    ['/about', '/about'],
    ['/about/', '/about/'],
    ['/about?a=1&b=%20', '/about?a=1&b=%20'],
    ['/about?', '/about?'],
    ['/?/_data/index.json', '/?/_data/index.json'],
    ['/isr/a?x=/_data.json', '/isr/a?x=/_data.json'],
    ['/?_data.json', '/?_data.json'],
    ['/%61dmin', '/%61dmin'],
    ['//a', '//a'],
    ['/a\\b', '/a\\b'],
    ['/about.json', '/about.json'],
    ['/x/_data/a.json', '/x/_data/a.json'],
    ['/_data/index.json', 'data /'],
    ['/_data/about.json?a=1', 'data /about?a=1'],
    ['/_data/blog/a.b.json', 'data /blog/a.b'],
    ['/_data/%61dmin.json', 'data /%61dmin'],
    ['/_data//admin.json', 'data //admin'],
    ['/_DATA/about.json', '/_DATA/about.json'],
  ])('reads %s as %s', (url, expected) => {
    expect(brief(read(url))).toBe(expected)
  })

  it.each([
    '/_data/',
    '/_data/about',
    '/_data/a/.json',
    '/_data/_data/a.json.json',
    '//_data/about.json',
    '/%5Fdata/about.json',
    '/_%64%61ta/about.json',
    '//%5fdata/x',
    '/_data/%5Fdata/a.json.json',
    '/\\_data/a.json',
    '*',
    '',
    'about',
  ])('finds nothing of ours in %j', (url) => expect(read(url)).toBeUndefined())

  it('drops a fragment, and takes the path alone of http and https targets', () => {
    expect(brief(read('/isr/a#/_data.json'))).toBe('/isr/a')
    expect(brief(read('/isr/a#?x=1'))).toBe('/isr/a')
    expect(brief(read('/isr/a?x=1#b'))).toBe('/isr/a?x=1')
    expect(brief(read('http://evil/admin?x'))).toBe('/admin?x')
    expect(brief(read('HTTPS://evil.test:8443/admin'))).toBe('/admin')
    expect(brief(read('http://[::1]/_data/admin.json'))).toBe('data /admin')
    expect(
      brief(read('http://evil/admin', { baseUrl: '/shop', originalUrl: 'http://evil/shop/admin' })),
    ).toBe('/admin')
  })

  it.each([
    'http://evil',
    'http://evil?x',
    'http:///admin',
    'http://a@evil/admin',
    'http://evil\\admin',
    "http://evil/o'neil",
    'http://evil/a\\b',
    'file://hehe?/internal/run',
    'file:///etc/passwd',
    'ftp://x/admin',
    "/o'neil#x",
    '/a\\b#x',
  ])('finds nothing of ours in the odd target %s', (url) => expect(read(url)).toBeUndefined())

  describe('below a mount', () => {
    const shop = { baseUrl: '/shop' }

    it('keeps mount and page apart', () => {
      expect(read('/a?x', shop)).toMatchObject({ basePath: '/shop', pathname: '/a', search: '?x' })
      expect(brief(read('/_data/a.json', shop))).toBe('data /a')
    })

    it('tells the bare mount from the one with a slash', () => {
      expect(read('/?x', { ...shop, originalUrl: '/shop?x' })).toMatchObject({
        pathname: '/',
        hasTrailingSlash: false,
      })
      expect(read('/', { ...shop, originalUrl: '/shop/' })).toMatchObject({
        pathname: '/',
        hasTrailingSlash: true,
      })
      expect(read('/a', shop)?.hasTrailingSlash).toBe(false)
      expect(read('/a/', shop)?.hasTrailingSlash).toBe(true)
      expect(read('/')?.hasTrailingSlash).toBe(false)
      expect(read('/_data/index.json', shop)?.hasTrailingSlash).toBe(false)
    })

    it('shows slashes that Express took away', () => {
      expect(brief(read('/admin', { ...shop, originalUrl: '/shop//admin' }))).toBe('//admin')
      expect(brief(read('/', { ...shop, originalUrl: '/shop//' }))).toBe('//')
      expect(read('/_data/admin.json', { ...shop, originalUrl: '/shop//_data/admin.json' })).toBeUndefined()
    })

    it('goes by what the app made of the URL', () => {
      expect(brief(read('/new?b', { ...shop, originalUrl: '/shop/old?a' }))).toBe('/new?b')
      expect(brief(read('/a', { originalUrl: '/b' }))).toBe('/a')
    })

    it.each([
      '/sh"op',
      "/sh'op",
      '/<b>',
      '/a&b',
      '/a//b',
      '//evil.test',
      '/..',
      '/a/.',
      '/%2e%2E',
      '/a\\b',
      'shop',
      '/sh op',
    ])('refuses the mount %s, which is not fit to be written into a page', (baseUrl) =>
      expect(read('/a', { baseUrl })).toBeUndefined(),
    )
  })

  it('reads a request of plain Node', () => {
    expect(toPageRequest({ method: 'HEAD', url: '/a?b' })).toEqual({
      method: 'HEAD',
      basePath: '',
      pathname: '/a',
      search: '?b',
      representation: 'document',
      hasTrailingSlash: false,
    })
  })

  it.each([
    ['Express 4', express4],
    ['Express 5', express5],
  ])('agrees with %s about mounts and slashes', async (_, express) => {
    const app = express()
    app.use('/shop', (req, res) => void res.json({ page: toPageRequest(req as HostRequest) ?? null }))
    const ask = async (path: string) => (await request(app).get(path)).body.page
    expect(await ask('/shop')).toMatchObject({ basePath: '/shop', pathname: '/', hasTrailingSlash: false })
    expect(await ask('/shop?x')).toMatchObject({ pathname: '/', search: '?x', hasTrailingSlash: false })
    expect(await ask('/shop/')).toMatchObject({ basePath: '/shop', pathname: '/', hasTrailingSlash: true })
    expect(await ask('/shop/a')).toMatchObject({ pathname: '/a' })
    expect(await ask('/shop//a')).toMatchObject({ pathname: '//a' })
    expect(await ask('/shop//')).toMatchObject({ pathname: '//' })
    expect(await ask('/SHOP/a')).toMatchObject({ basePath: '/SHOP', pathname: '/a' })
    expect(await ask('/shop/_data/a.json')).toMatchObject({ pathname: '/a', representation: 'data' })
  })
})
