import { jest } from '@jest/globals'
import { PagesError } from '../../lib/errors.js'
import { createRouteTable, type RouteInput } from '../../lib/routing/table.js'

function tableOf(...routes: string[]) {
  return createRouteTable(routes.map((route) => ({ route, file: `pages${route}.js`, value: route })))
}

function errorOf(...routes: string[]): PagesError {
  try {
    tableOf(...routes)
  } catch (error) {
    if (error instanceof PagesError) return error
    throw error
  }
  throw new Error(`No conflict in ${routes.join(' ')}`)
}

describe('createRouteTable', () => {
  it('lists its entries in the order given', () => {
    const table = tableOf('/b', '/a', '/[x]')
    expect(table.size).toBe(3)
    expect(table.entries.map((entry) => entry.value)).toEqual(['/b', '/a', '/[x]'])
  })

  it('allows what the router can tell apart', () => {
    expect(() =>
      tableOf(
        '/',
        '/[...all]',
        '/post/create',
        '/post/[id]',
        '/post/[...slug]',
        '/[a]/x',
        '/[a]',
        '/x/[b]',
        '/docs/[[...d]]',
      ),
    ).not.toThrow()
  })

  it.each([[['/', '/[[...slug]]']], [['/nested', '/nested/[[...slug]]']], [['/[id]', '/[id]/[[...slug]]']]])(
    'refuses a page beside the optional catch-all below it: %j [1.25]',
    (routes) => {
      for (const order of [routes, [...routes].reverse()]) {
        const error = errorOf(...order)
        expect(error.code).toBe('PAGES_ROUTE_CONFLICT')
        expect(error.message).toContain('same specificity')
        for (const route of routes) {
          expect(error.message).toContain(`(${route})`)
          expect(error.message).toContain(`\`pages${route}.js\``)
        }
      }
    },
  )

  it('refuses a required and an optional catch-all at one level [1.26]', () => {
    for (const routes of [
      ['/d/[...a]', '/d/[[...a]]'],
      ['/d/[[...a]]', '/d/[...a]'],
    ]) {
      const error = errorOf(...routes)
      expect(error.message).toContain('cannot use both a required and an optional catch-all')
      expect(error.message).toContain('pages/d/[...a].js')
      expect(error.message).toContain('pages/d/[[...a]].js')
    }
  })

  it('refuses two names for one dynamic place [1.27]', () => {
    const error = errorOf('/[a]', '/[b]/x')
    expect(error.code).toBe('PAGES_ROUTE_CONFLICT')
    expect(error.message).toMatch(/different slug names for the same dynamic path, `a` and `b`/)
    expect(error.message).toContain('pages/[a].js')
    expect(error.message).toContain('pages/[b]/x.js')
    expect(errorOf('/[...a]', '/[...b]').message).toContain('different slug names')
    expect(errorOf('/x/[p]/y/[a]', '/x/[p]/y/[b]').message).toContain('different slug names')
  })

  it('refuses a parameter name that occurs twice in one path [1.28]', () => {
    for (const route of ['/[a]/[a]', '/[a]/b/[...a]']) {
      const error = errorOf(route)
      expect(error.code).toBe('PAGES_ROUTE_NAME')
      expect(error.message).toContain('occurs twice in the same slug path')
      expect(error.message).toContain(`pages${route}.js`)
    }
  })

  it('refuses names in one path that differ by punctuation alone [1.29]', () => {
    const error = errorOf('/[helloworld]/[hello-world]')
    expect(error.message).toMatch(/`helloworld` and `hello-world` differ only by non-word symbols/)
    expect(() => tableOf('/[ä]/[ö]')).not.toThrow()
  })

  it('refuses anything after a catch-all [1.30]', () => {
    expect(errorOf('/[...a]/b').message).toContain('must be the last part of the route')
    expect(errorOf('/[[...a]]/[b]').message).toContain('must be the last part of the route')
  })

  it('refuses optional parameters, extra brackets and stray periods [1.31]', () => {
    expect(errorOf('/[[a]]').message).toContain('optional parameters such as `[[a]]` are not supported')
    for (const route of ['/[[[a]]]', '/[[[...a]]]', '/[[...a]', '/[...[a]]', '/[]a]']) {
      expect(errorOf(route).message).toMatch(/extra brackets|more than one parameter/)
    }
    expect(errorOf('/[[[a]]]').message).toContain('extra brackets')
    expect(errorOf('/[.a]').message).toContain('erroneous periods')
    expect(errorOf('/[..a]').message).toContain('erroneous periods')
    expect(errorOf('/[....a]').message).toContain('erroneous periods')
  })

  it('refuses what cannot stand in a URL or has no name', () => {
    for (const route of ['/a//b', '/./a', '/a/..', '/[]', '/[...]', '/[[...]]', '/[a]-[b]']) {
      expect(errorOf(route).code).toBe('PAGES_ROUTE_NAME')
    }
  })

  describe('with two files for one route', () => {
    const inputs: RouteInput<string>[] = [
      { route: '/a', file: 'pages/a/index.js', value: 'first' },
      { route: '/a', file: 'pages/a.js', value: 'second' },
    ]

    it('throws, naming both', () => {
      expect(() => createRouteTable(inputs)).toThrow(/pages\/a\/index\.js.*pages\/a\.js/)
    })

    it('keeps the first and tells the caller', () => {
      const onDuplicate = jest.fn()
      const table = createRouteTable(inputs, { onDuplicate })
      expect(table.entries.map((entry) => entry.value)).toEqual(['first'])
      expect(onDuplicate.mock.calls).toEqual([[inputs[0], inputs[1]]])
    })
  })
})
