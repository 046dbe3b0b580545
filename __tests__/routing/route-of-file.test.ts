import { toRoute } from '../../lib/routing/route-of-file.js'

const defaults = ['tsx', 'ts', 'jsx', 'js']

describe('toRoute', () => {
  it.each([
    ['index.tsx', '/'],
    ['index.js', '/'],
    ['about.tsx', '/about'],
    ['a/index.tsx', '/a'],
    ['a.js', '/a'],
    ['blog/[slug].tsx', '/blog/[slug]'],
    ['docs/[...path]/index.ts', '/docs/[...path]'],
    ['nested-index/index/index.js', '/nested-index/index'],
    ['index/index.tsx', '/index'],
    ['index/user.tsx', '/index/user'],
    ['myindex.tsx', '/myindex'],
    ['_app.tsx', '/_app'],
    ['404.tsx', '/404'],
    ['api/hello.ts', '/api/hello'],
    ['api-docs/x.js', '/api-docs/x'],
    ['.well-known/security.ts', '/.well-known/security'],
    ['a.b.tsx', '/a.b'],
  ])('gives %s the route %s', (file, route) => {
    expect(toRoute(file, defaults)).toBe(route)
  })

  it('sees no page in declarations, other extensions and hidden files', () => {
    for (const file of [
      'foo.d.ts',
      'a/foo.d.tsx',
      'foo.css',
      'foo',
      'README.md',
      '.eslintrc.js',
      'a/.tsx',
      'foots',
    ]) {
      expect([file, toRoute(file, defaults)]).toEqual([file, undefined])
    }
  })

  it('takes tsx, ts, jsx and js by default and only the given extensions otherwise [1.04]', () => {
    for (const extension of defaults) expect(toRoute(`x.${extension}`, defaults)).toBe('/x')
    expect(toRoute('foo.d.ts', defaults)).toBeUndefined()
    expect(toRoute('x.page.tsx', ['page.tsx'])).toBe('/x')
    expect(toRoute('x.tsx', ['page.tsx'])).toBeUndefined()
    expect(toRoute('index.page.tsx', ['page.tsx'])).toBe('/')
  })

  it('strips the longest extension that fits', () => {
    expect(toRoute('x.page.tsx', ['tsx', 'page.tsx'])).toBe('/x')
    expect(toRoute('x.page.tsx', ['page.tsx', 'tsx'])).toBe('/x')
  })
})
