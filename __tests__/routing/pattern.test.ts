import { parseRoute } from '../../lib/routing/pattern.js'

describe('parseRoute', () => {
  it.each([
    ['/', []],
    [
      '/a/b',
      [
        { kind: 'static', text: 'a' },
        { kind: 'static', text: 'b' },
      ],
    ],
    ['/[slug]', [{ kind: 'dynamic', name: 'slug' }]],
    [
      '/d/[...path]',
      [
        { kind: 'static', text: 'd' },
        { kind: 'catch-all', name: 'path' },
      ],
    ],
    ['/[[...path]]', [{ kind: 'optional-catch-all', name: 'path' }]],
    [
      '/[a]/[b]',
      [
        { kind: 'dynamic', name: 'a' },
        { kind: 'dynamic', name: 'b' },
      ],
    ],
  ])('takes %s apart', (route, segments) => {
    const pattern = parseRoute(route)
    expect(pattern.segments).toEqual(segments)
    expect(pattern.isDynamic).toBe(route.includes('['))
  })

  it('counts brackets only where they wrap the whole segment [1.07]', () => {
    expect(parseRoute('/$city').segments).toEqual([{ kind: 'static', text: '$city' }])
    expect(parseRoute('/re[view]').segments).toEqual([{ kind: 'static', text: 're%5Bview%5D' }])
    expect(parseRoute('/[re]view').segments).toEqual([{ kind: 'static', text: '%5Bre%5Dview' }])
    expect(parseRoute('/[city').isDynamic).toBe(false)
  })

  it('lets a parameter have any name', () => {
    const long = 'a'.repeat(60)
    for (const name of ['123', 'hello-world', long, 'ünï', '__proto__', 'with space', 'a.b']) {
      expect(parseRoute(`/[${name}]`).segments).toEqual([{ kind: 'dynamic', name }])
      expect(parseRoute(`/[...${name}]`).segments).toEqual([{ kind: 'catch-all', name }])
      expect(parseRoute(`/[[...${name}]]`).segments).toEqual([{ kind: 'optional-catch-all', name }])
    }
  })

  it('encodes static names as they stand in a URL', () => {
    expect(parseRoute('/über uns/100%/a+b').segments).toEqual([
      { kind: 'static', text: '%C3%BCber%20uns' },
      { kind: 'static', text: '100%25' },
      { kind: 'static', text: 'a+b' },
    ])
  })
})
