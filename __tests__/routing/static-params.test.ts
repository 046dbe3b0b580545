import { generatePaths, type ParamsSource } from '../../lib/routing/static-params.js'

type Given = Record<string, unknown>

function source(
  route: string,
  generate?: (context: { params: Given }) => unknown,
  isClosed = false,
): ParamsSource {
  return { file: `pages${route}.tsx`, route, generate, isClosed }
}

const pathnames = async (route: string, ...sources: ParamsSource[]) =>
  (await generatePaths(route, sources)).map(({ pathname }) => pathname)

describe('generatePaths', () => {
  it('asks from the outside in, each once for every set of its parents', async () => {
    const asked: Given[] = []
    const paths = await generatePaths('/[a]/x/[b]/[...c]', [
      source('/', undefined),
      source('/[a]', ({ params }) => (asked.push(params), [{ a: '1' }, { a: '2' }])),
      source('/[a]/x/[b]', async ({ params }) => (asked.push(params), [{ b: `${String(params['a'])}b` }])),
      source('/[a]/x/[b]/[...c]', ({ params }) => (asked.push(params), [{ c: ['d', 'e'] }])),
    ])
    expect(asked).toEqual([{}, { a: '1' }, { a: '2' }, { a: '1', b: '1b' }, { a: '2', b: '2b' }])
    expect(paths).toEqual([
      { pathname: '/1/x/1b/d/e', params: { a: '1', b: '1b', c: ['d', 'e'] } },
      { pathname: '/2/x/2b/d/e', params: { a: '2', b: '2b', c: ['d', 'e'] } },
    ])
  })

  it('leaves out what a child lists nothing for, and keeps its siblings', async () => {
    const parents = source('/[a]', () => [{ a: '1' }, { a: '2' }])
    const child = source('/[a]/[b]', ({ params }) => (params['a'] === '1' ? [] : [{ b: 'x' }]))
    expect(await pathnames('/[a]/[b]', parents, child)).toEqual(['/2/x'])
  })

  it('keeps a set whose child lists nothing where it is whole without it', async () => {
    expect(
      await pathnames(
        '/[a]/about',
        source('/[a]', () => [{ a: '1' }]),
        source('/[a]/about', () => []),
      ),
    ).toEqual(['/1/about'])
  })

  it('lists nothing where nothing was listed, also at the root of an optional catch-all', async () => {
    expect(
      await pathnames(
        '/[[...a]]',
        source('/[[...a]]', () => []),
      ),
    ).toEqual([])
    for (const root of [{}, { a: undefined }, { a: null }, { a: false }, { a: [] }])
      expect(
        await pathnames(
          '/d/[[...a]]',
          source('/d/[[...a]]', () => [root]),
        ),
      ).toEqual(['/d'])
  })

  it('leaves a name alone that stands for an object’s prototype', async () => {
    const [path] = await generatePaths('/[__proto__]', [
      source('/[__proto__]', () => [JSON.parse('{"__proto__":"x"}')]),
    ])
    expect(path?.pathname).toBe('/x')
  })

  it.each([
    [
      'no array',
      () => ({ a: '1' }),
      /`generateStaticParams` of `pages\/\[a\]\.tsx` returned an object for \/\[a\].*`\[\{ a: '…' \}\]`/,
    ],
    ['a text among the sets', () => ['x'], /listed "x"/],
    ['a part that no URL keeps', () => [{ a: '..' }], /cannot stand in a URL: \{"a":"\.\."\}/],
    ['a number', () => [{ a: 1 }], /required parameter `a` of \/\[a\] as a string: received number/],
    ['null', () => [{ a: null }], /received null/],
  ])('refuses %s', async (_name, generate, message) => {
    await expect(generatePaths('/[a]', [source('/[a]', generate)])).rejects.toThrow(message)
  })

  it('refuses parameters of what is below', async () => {
    const layout = source('/[a]', () => [{ a: '1', b: '2', other: 5 }])
    await expect(generatePaths('/[a]/[b]', [layout])).rejects.toThrow(/`b`, which is none of \/\[a\]/)
  })

  it.each([
    [
      'who lists a set without a parameter of its own',
      '/[a]/[b]',
      false,
      /\{"a":"1"\}.*lacks the parameter `b`/,
    ],
    ['not what a layout leaves to those below', '/[a]', false, undefined],
    [
      'that a closed layout leaves no path below it',
      '/[a]',
      true,
      /lacks the parameter `b`.*`dynamicParams = false`/,
    ],
  ])('tells %s', async (_what, route, isClosed, message) => {
    const warnings: string[] = []
    const sources = [{ ...source(route, () => [{ a: '1' }]), isClosed: isClosed && route === '/[a]' }]
    expect(await generatePaths('/[a]/[b]', sources, (warning) => warnings.push(warning))).toEqual([])
    expect(warnings).toEqual(message === undefined ? [] : [expect.stringMatching(message)])
  })

  it('passes on what is thrown', async () => {
    const failure = new Error('down')
    await expect(generatePaths('/[a]', [source('/[a]', () => Promise.reject(failure))])).rejects.toBe(failure)
  })
})
