import { MalformedPathError, matchRoute, matchRoutes } from '../../lib/routing/match.js'
import { createRouteTable } from '../../lib/routing/table.js'

function tableOf(...routes: string[]) {
  return createRouteTable(routes.map((route) => ({ route, file: `pages${route}.js`, value: route })))
}

/** Route, params and canonical pathname of a match, short enough for a table. */
function find(routes: string[], pathname: string) {
  const match = matchRoute(tableOf(...routes), pathname)
  return match && [match.route, match.params, match.pathname]
}

function routesOf(routes: string[], pathname: string): string[] {
  return Array.from(matchRoutes(tableOf(...routes), pathname), (match) => match.route)
}

describe('precedence', () => {
  const posts = ['/post/[...slug]', '/post/[pid]', '/post/create']

  it('prefers static names, then parameters, then catch-alls, segment by segment [1.12]', () => {
    const all = [
      '/[[...o]]',
      '/a/[x]',
      '/a/[...r]',
      '/a/b',
      '/b/[x]/c',
      '/b/[...r]',
      '/c/[[...o]]',
      '/d/[x]',
      '/d/[[...o]]',
    ]
    expect(routesOf(all, '/a/b')).toEqual(['/a/b', '/a/[x]', '/a/[...r]', '/[[...o]]'])
    expect(routesOf(all, '/a/z')).toEqual(['/a/[x]', '/a/[...r]', '/[[...o]]'])
    expect(routesOf(all, '/b/z/c')).toEqual(['/b/[x]/c', '/b/[...r]', '/[[...o]]'])
    expect(routesOf(all, '/c')).toEqual(['/c/[[...o]]', '/[[...o]]'])
    expect(routesOf(all, '/d/z')).toEqual(['/d/[x]', '/d/[[...o]]', '/[[...o]]'])
    expect(routesOf(['/x', '/x/[...r]', '/[a]', '/[...all]'], '/x')).toEqual(['/x', '/[a]', '/[...all]'])
  })

  it('gives /post/create to its own file, /post/abc to [pid] and longer paths to the catch-all [1.13]', () => {
    expect(find(posts, '/post/create')).toEqual(['/post/create', {}, '/post/create'])
    expect(find(posts, '/post/abc')).toEqual(['/post/[pid]', { pid: 'abc' }, '/post/abc'])
    expect(find(posts, '/post/a/b')).toEqual(['/post/[...slug]', { slug: ['a', 'b'] }, '/post/a/b'])
  })

  it('prefers a static tail below a parameter [1.14]', () => {
    expect(find(['/[name]/[comment]', '/[name]/comments'], '/x/comments')?.[0]).toBe('/[name]/comments')
  })

  it('goes back from a static name that leads nowhere', () => {
    expect(find(['/a/b/c', '/[x]/b/d', '/[...all]'], '/a/b/d')).toEqual(['/[x]/b/d', { x: 'a' }, '/a/b/d'])
    expect(find(['/a/b/c', '/[x]/b/d', '/[...all]'], '/a/b/e')?.[0]).toBe('/[...all]')
  })

  it('yields the lower routes after the first, so that a page can be skipped', () => {
    expect(routesOf(posts, '/post/create')).toEqual(['/post/create', '/post/[pid]', '/post/[...slug]'])
    expect(routesOf(posts, '/other')).toEqual([])
  })
})

describe('parameters', () => {
  it('requires a segment for [...x] and none for [[...x]], whose parameter is then absent [1.17]', () => {
    expect(find(['/docs/[...x]'], '/docs')).toBeUndefined()
    expect(find(['/docs/[[...x]]'], '/docs')).toEqual(['/docs/[[...x]]', {}, '/docs'])
    expect(find(['/[[...x]]'], '/')).toEqual(['/[[...x]]', {}, '/'])
    expect(find(['/[...x]'], '/')).toBeUndefined()
    expect(find(['/[x]'], '/')).toBeUndefined()
  })

  it('gives a catch-all an array, also for one segment [1.18]', () => {
    expect(find(['/docs/[...x]'], '/docs/a')).toEqual(['/docs/[...x]', { x: ['a'] }, '/docs/a'])
    expect(find(['/docs/[[...x]]'], '/docs/a')).toEqual(['/docs/[[...x]]', { x: ['a'] }, '/docs/a'])
  })

  it('decodes %2F into the value and never splits at it [1.19]', () => {
    expect(find(['/c/[...x]'], '/c/test1/te%2Fst2')?.[1]).toEqual({ x: ['test1', 'te/st2'] })
    expect(find(['/c/[...x]'], '/c/test1%2F/test2')?.[1]).toEqual({ x: ['test1/', 'test2'] })
    expect(find(['/c/[x]'], '/c/a%2Fb')?.[1]).toEqual({ x: 'a/b' })
  })

  it('decodes values once and takes `:42` as one [1.20]', () => {
    expect(find(['/post/[x]'], '/post/hello%20world')?.[1]).toEqual({ x: 'hello world' })
    expect(find(['/post/[x]'], '/post/:42')?.[1]).toEqual({ x: ':42' })
    expect(find(['/post/[x]'], '/post/%2541')?.[1]).toEqual({ x: '%41' })
    expect(find(['/post/[x]'], '/post/a+b')?.[1]).toEqual({ x: 'a+b' })
  })

  it('keeps the exact name of a parameter [1.08]', () => {
    const long = 'a'.repeat(60)
    for (const name of ['123', 'hello-world', long, 'ünï cödé']) {
      expect(find([`/[${name}]`], '/v')?.[1]).toEqual({ [name]: 'v' })
    }
  })

  it('survives names and values that objects inherit', () => {
    for (const name of [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      'then',
      '__defineGetter__',
    ]) {
      const params = matchRoute(tableOf(`/[${name}]`), '/v')?.params ?? {}
      expect(Object.entries(params)).toEqual([[name, 'v']])
      expect(Object.getPrototypeOf(params)).toBe(Object.prototype)
      expect(find(['/[x]', '/a/[...y]'], `/${name}`)?.[1]).toEqual({ x: name })
      expect(find(['/[x]', '/a/[...y]'], `/a/${name}/b`)?.[1]).toEqual({ y: [name, 'b'] })
      expect(find(['/a', '/b/c'], `/${name}`)).toBeUndefined()
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('what never matches', () => {
  it.each([
    '',
    'a',
    '//',
    '///',
    '//a',
    '/a//',
    '/a//b',
    '/.',
    '/..',
    '/./a',
    '/a/.',
    '/a/..',
    '/a/../b',
    '/%2e',
    '/%2E%2e/a',
    '/a/.%2e',
    '/a/%2e/',
    '/a\\b',
    '/\\a',
    '\\a',
  ])('%j', (pathname) => {
    expect(find(['/', '/a', '/a/b', '/[x]', '/[x]/[y]', '/[...all]'], pathname)).toBeUndefined()
  })

  it('a static name in another case or with escapes', () => {
    for (const pathname of [
      '/NaV/aBoUt',
      '/nav/About',
      '/%6eav/about',
      '/nav%2Fabout',
      '/nav/about%20',
      '/nav/about;a=1',
    ]) {
      expect(find(['/nav/about'], pathname)).toBeUndefined()
    }
    expect(find(['/über uns'], '/%C3%BCber%20uns')?.[2]).toBe('/%C3%BCber%20uns')
    expect(find(['/über uns'], '/%c3%bcber%20uns')).toBeUndefined()
  })

  it('dots that are more than a dot segment do match', () => {
    for (const name of ['...', '.a', 'a.', '..a', '%2e%2e%2e', '.well-known']) {
      expect(find(['/[x]'], `/${name}`)?.[1]).toEqual({ x: decodeURIComponent(name) })
    }
  })

  it('the root of a folder whose only page is its index under another name', () => {
    expect(find(['/'], '/index')).toBeUndefined()
    expect(find(['/about'], '/about/index')).toBeUndefined()
    expect(find(['/nested-index/index'], '/nested-index/index')?.[0]).toBe('/nested-index/index')
    expect(find(['/nested-index/index'], '/nested-index/index/index')).toBeUndefined()
  })
})

describe('the canonical pathname', () => {
  it.each([
    ['/isr/a', '/isr/a'],
    ['/isr/a/', '/isr/a'],
    ['/isr/%61', '/isr/a'],
    ['/isr/%c3%a9', '/isr/%C3%A9'],
    ['/isr/é', '/isr/%C3%A9'],
    ['/isr/a%2fb', '/isr/a%2Fb'],
    ['/isr/%24%26%2B', '/isr/$&+'],
    ["/isr/(a)!*'~", "/isr/(a)!*'~"],
    ['/isr/a b', '/isr/a%20b'],
    ['/isr/%00', '/isr/%00'],
    ['/isr/%5Ca', '/isr/%5Ca'],
    ['/isr/%2561', '/isr/%2561'],
    ['/isr/[a]', '/isr/%5Ba%5D'],
  ])('of %s is %s', (given, canonical) => {
    const table = tableOf('/isr/[slug]')
    const match = matchRoute(table, given)
    expect(match?.pathname).toBe(canonical)
    // Asking for the canonical form changes nothing more.
    expect(matchRoute(table, canonical)).toEqual(match)
  })

  it('tolerates one slash at the end, of static and dynamic pages and of none else [1.24]', () => {
    expect(find(['/a', '/'], '/a/')?.[2]).toBe('/a')
    expect(find(['/[...x]'], '/a/b/')).toEqual(['/[...x]', { x: ['a', 'b'] }, '/a/b'])
    expect(find(['/[[...x]]'], '/')?.[2]).toBe('/')
    expect(find(['/a/[[...x]]'], '/a/')).toEqual(['/a/[[...x]]', {}, '/a'])
  })

  it('differs for values that differ', () => {
    const table = tableOf('/[...x]')
    const paths = [
      '/a/b/c',
      '/a/b%2Fc',
      '/a%2Fb/c',
      '/a%252Fb/c',
      '/a,b/c',
      '/a%7Cb/c',
      '/a/b%00/c',
      '/e%CC%81',
      '/%C3%A9',
    ]
    expect(new Set(paths.map((path) => matchRoute(table, path)?.pathname)).size).toBe(paths.length)
  })
})

describe('malformed paths', () => {
  const malformed = [
    '/%',
    '/%ff',
    '/%c0%af',
    '/%E2%82',
    '/%u0041',
    '/blog/%',
    '/blog/%DE~%C7%1fY',
    '/blog/%ED%A0%80',
    '/a%/b',
    '/\ud800',
  ]

  it.each(malformed)('%j is reported where a parameter would take it', (pathname) => {
    const table = tableOf('/[...all]')
    expect(() => matchRoute(table, pathname)).toThrow(MalformedPathError)
    expect(() => [...matchRoutes(table, pathname)]).toThrow(MalformedPathError)
    expect(new MalformedPathError().status).toBe(400)
  })

  it.each(malformed)('%j is no match where no parameter stands', (pathname) => {
    expect(find(['/', '/blog', '/blog/a'], pathname)).toBeUndefined()
  })
})
