import { collapseSlashes, encodeSegment, formatRoute, wrongParams } from '../../lib/routing/format.js'
import { parseRoute } from '../../lib/routing/pattern.js'

describe('encodeSegment', () => {
  it('leaves what RFC 3986 allows in a segment', () => {
    const allowed = "azAZ09-._~!$&'()*+,;=:@"
    expect(encodeSegment(allowed)).toBe(allowed)
  })

  it('encodes everything else as upper-case UTF-8', () => {
    expect(encodeSegment('a/b')).toBe('a%2Fb')
    expect(encodeSegment('%2f')).toBe('%252f')
    expect(encodeSegment('ä $1?#[x]\\')).toBe('%C3%A4%20$1%3F%23%5Bx%5D%5C')
    expect(encodeSegment('日本 + 语')).toBe('%E6%97%A5%E6%9C%AC%20+%20%E8%AF%AD')
    expect(encodeSegment('\0\r\n')).toBe('%00%0D%0A')
  })

  it('leaves one encoding for every character and decodes back to it', () => {
    const seen = new Map<string, number>()
    for (let code = 0; code < 0x3000; code += 1) {
      const character = String.fromCharCode(code)
      const encoded = encodeSegment(character)
      expect(decodeURIComponent(encoded)).toBe(character)
      expect(encodeSegment(decodeURIComponent(encoded))).toBe(encoded)
      expect(seen.get(encoded)).toBeUndefined()
      seen.set(encoded, code)
    }
  })

  it('refuses a lone surrogate, which has no encoding', () => {
    expect(() => encodeSegment('\ud800')).toThrow(URIError)
  })
})

describe('formatRoute', () => {
  it.each([
    ['/', {}, '/'],
    ['/about us', {}, '/about%20us'],
    ['/[name]', { name: 'post-1', another: 'v' }, '/post-1'],
    ['/[a]/x/[b]', { a: '1', b: 'ü/2' }, '/1/x/%C3%BC%2F2'],
    ['/d/[...path]', { path: ['a b', 'c/d'] }, '/d/a%20b/c%2Fd'],
    ['/d/[[...path]]', { path: ['a'] }, '/d/a'],
    ['/d/[[...path]]', {}, '/d'],
    ['/d/[[...path]]', { path: [] }, '/d'],
    ['/d/[[...path]]', { path: null }, '/d'],
    ['/d/[[...path]]', { path: false }, '/d'],
    ['/[[...path]]', { path: undefined }, '/'],
    ['/[x]', { x: '[first]' }, '/%5Bfirst%5D'],
    ['/[x]', { x: '%20' }, '/%2520'],
    ['/[constructor]', JSON.parse('{"constructor":"c"}'), '/c'],
  ])('makes a pathname of %s and %j', (route, params, pathname) => {
    const pattern = parseRoute(route)
    expect(formatRoute(pattern, params)).toBe(pathname)
    expect(wrongParams(pattern, params)).toEqual([])
  })

  it.each([
    ['/[name]', {}, ['name']],
    ['/[a]/[b]', { a: 1, b: 'x' }, ['a']],
    ['/[a]/[b]', { a: ['x'] }, ['a', 'b']],
    ['/[...p]', { p: 'a' }, ['p']],
    ['/[...p]', { p: [] }, ['p']],
    ['/[...p]', { p: ['a', 2] }, ['p']],
    ['/[...p]', {}, ['p']],
    ['/[[...p]]', { p: 'a' }, ['p']],
    ['/[name]', { name: '' }, ['name']],
    ['/[name]', { name: '.' }, ['name']],
    ['/[name]', { name: '..' }, ['name']],
    ['/[...p]', { p: ['a', '..', 'b'] }, ['p']],
    ['/[name]', { name: '\ud800' }, ['name']],
    ['/[constructor]', {}, ['constructor']],
    ['/[__proto__]', {}, ['__proto__']],
  ])('names what keeps %s from taking %j', (route, params, names) => {
    const pattern = parseRoute(route)
    expect(formatRoute(pattern, params)).toBeUndefined()
    expect(wrongParams(pattern, params)).toEqual(names)
  })
})

describe('collapseSlashes', () => {
  it.each([
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['//a', '/a'],
    ['/a//b', '/a/b'],
    ['///', '/'],
    ['/\\a', '/a'],
    ['\\a', '/a'],
    ['/\\\\a', '/a'],
    ['/a\\b', '/a/b'],
    ['//evil.example/', '/evil.example/'],
    ['/\\/evil.example', '/evil.example'],
    ['/%2F%2Fa', '/%2F%2Fa'],
  ])('makes %j %j', (given, collapsed) => {
    expect(collapseSlashes(given)).toBe(collapsed)
  })
})
