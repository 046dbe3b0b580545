import { jest } from '@jest/globals'
import { BASE_PATH_TOKEN, placeBelow, ROOT_PATH_TOKEN } from '../../lib/protocol/base-path.js'
import { fillParams, formatUrl, toCanonicalPath, toHref } from '../../lib/react/href.js'

let error: ReturnType<typeof jest.spyOn>
beforeEach(() => {
  error = jest.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(() => error.mockRestore())

describe('an object URL', () => {
  it.each([
    [{ pathname: '/a', query: { u: undefined, n: null, x: Number.NaN, o: {} } }, '/a?u=&n=&x=&o='],
    [{ pathname: '/a', query: { n: 1, b: false, s: 'a b&c' } }, '/a?n=1&b=false&s=a+b%26c'],
    [{ pathname: '/a', query: { l: ['x', 2, null] } }, '/a?l=x&l=2&l='],
    [{ pathname: '/a', search: '?s=1', query: { q: 2 }, hash: 'h' }, '/a?s=1#h'],
    [{ pathname: '/a', search: 's=1', hash: '#h' }, '/a?s=1#h'],
    [{ pathname: '/a', query: 'raw=1' }, '/a?raw=1'],
    [{ query: { a: 1 } }, '?a=1'],
    [{ hash: 'x' }, '#x'],
    [{ pathname: '/a?b#c' }, '/a%3Fb%23c'],
  ])('%j is formatted as %s [9.17]', (url, text) => {
    expect(formatUrl(url)).toBe(text)
  })
})

describe('a route in place of a path', () => {
  it.each([
    [{ pathname: '/[name]', query: { name: 'post-1', another: 'v' } }, '/post-1?another=v'],
    [{ pathname: '/docs/[...path]', query: { path: ['a b', 'c/d', 'ü'] } }, '/docs/a%20b/c%2Fd/%C3%BC'],
    [{ pathname: '/[[...path]]', query: {} }, '/'],
    [{ pathname: '/[id]', query: { id: 7, x: 1 }, hash: 'h' }, '/7?x=1#h'],
    ['/[id]?id=1#h', '/1#h'],
  ])('%j takes its parameters from the query: %s [9.18]', (url, text) => {
    expect(fillParams(formatUrl(url))).toBe(text)
  })

  it('with a missing parameter is an error that names it [9.19]', () => {
    expect(() => fillParams('/[name]/[other]?name=1')).toThrow(/missing query values \(other\)/)
  })
})

describe('a path', () => {
  const slash = { basePath: '', trailingSlash: true }

  it('ends without a slash, or with one where the site is configured so; file names never do', () => {
    expect(toCanonicalPath('/a/', { basePath: '' })).toBe('/a')
    expect(toCanonicalPath('/', { basePath: '' })).toBe('/')
    expect(toCanonicalPath('/a', slash)).toBe('/a/')
    expect(toCanonicalPath('/a/', slash)).toBe('/a/')
    expect(toCanonicalPath('/a/feed.xml', slash)).toBe('/a/feed.xml')
    expect(toCanonicalPath('/', slash)).toBe('/')
  })

  it('gets the mount path, whose root has no slash of its own', () => {
    expect(toCanonicalPath('/a', { basePath: '/shop' })).toBe('/shop/a')
    expect(toCanonicalPath('/', { basePath: '/shop' })).toBe('/shop')
    expect(toCanonicalPath('/', { basePath: '/shop', trailingSlash: true })).toBe('/shop/')
  })

  it.each(['', '/shop'])(
    'that was written before the mount path %j was known comes out the same',
    (basePath) => {
      for (const path of ['/', '/a', '/a/b'])
        for (const trailingSlash of [false, true]) {
          const early = toCanonicalPath(path, {
            basePath: BASE_PATH_TOKEN,
            rootPath: ROOT_PATH_TOKEN,
            trailingSlash,
          })
          expect(placeBelow(basePath, early)).toBe(toCanonicalPath(path, { basePath, trailingSlash }))
        }
    },
  )
})

describe('the href of an anchor', () => {
  const style = { basePath: '/shop' }

  it.each([
    ['/a?b#c', '/shop/a?b#c'],
    ['?b', '?b'],
    ['#c', '#c'],
    ['b', 'b'],
    ['', ''],
    ['https://other.example/x//y', 'https://other.example/x//y'],
    ['https://', 'https://'],
    ['mailto:a@b.c', 'mailto:a@b.c'],
    ['tel:1', 'tel:1'],
    ['sms:1', 'sms:1'],
  ])('of %j is %j', (url, href) => {
    expect(toHref(url, style)).toBe(href)
    expect(error).not.toHaveBeenCalled()
  })

  it.each([
    ['//evil.example/x', '/shop/evil.example/x'],
    ['/\\evil.example', '/shop/evil.example'],
    ['\\\\evil.example', '/shop/evil.example'],
    ['/\t/evil.example', '/shop/evil.example'],
    [' //evil.example', '/shop/evil.example'],
    ['/a//b?c=//d', '/shop/a/b?c=//d'],
  ])('of %j stays on this host, with a complaint [9.23]', (url, href) => {
    expect(toHref(url, style)).toBe(href)
    expect(String(error.mock.calls[0])).toMatch(/Invalid href/)
  })

  it.each([
    'javascript:alert(1)',
    'java\nscript:alert(1)',
    '\x01JavaScript:x',
    'data:text/html,x',
    'vbscript:x',
    'blob:x',
  ])('of %j does not exist [S66]', (url) => {
    expect(toHref(url, style)).toBeUndefined()
  })
})
