import { loadStaticPaths } from '../../lib/build/static-paths.js'
import type { GetStaticPaths } from '../../lib/types.js'

const record = (route: string) => ({ route, file: `pages${route}.tsx` })
const load = (route: string, result: unknown) =>
  loadStaticPaths((() => result) as GetStaticPaths, record(route))

async function pathnames(route: string, paths: unknown[]): Promise<string[]> {
  return (await load(route, { paths, fallback: false })).paths.map(({ pathname }) => pathname)
}

function messageOf(route: string, result: unknown): Promise<string> {
  return load(route, result).then(
    () => 'no error',
    (error: Error) => error.message,
  )
}

describe('what getStaticPaths is given', () => {
  it('is no locales, in an object of its own each time [4.01]', async () => {
    const contexts: object[] = []
    const getStaticPaths: GetStaticPaths = (context) => {
      contexts.push(context)
      context.locales?.push('changed')
      return { paths: [], fallback: false }
    }
    await loadStaticPaths(getStaticPaths, record('/[a]'))
    await loadStaticPaths(getStaticPaths, record('/[a]'))
    expect(contexts).toEqual([{ locales: ['changed'] }, { locales: ['changed'] }])
    expect(contexts[0]).not.toBe(contexts[1])
  })
})

describe('what getStaticPaths may not return', () => {
  it.each<[string, unknown, RegExp]>([
    [
      'nothing [4.02]',
      undefined,
      /Invalid value returned from getStaticPaths in \/blog\/\[slug\]: undefined.*\{ paths: \[\], fallback/,
    ],
    ['an array [4.02]', [], /Invalid value .*an array/],
    ['text [4.02]', 'x', /Invalid value .*"x"/],
    ['more keys [4.03]', { paths: [], fallback: true, foo: 1, bar: 2 }, /Extra keys returned .*foo, bar/],
    [
      'no fallback [4.04]',
      { paths: [] },
      /The `fallback` key must be returned from getStaticPaths in \/blog\/\[slug\].*undefined/,
    ],
    ['another fallback [4.04]', { paths: [], fallback: 'yes' }, /`fallback` key must be returned.*"yes"/],
    [
      'no paths [4.05]',
      { fallback: false },
      /Invalid `paths` value .*undefined.*array of strings or of objects/,
    ],
    ['paths that are no array [4.05]', { paths: {}, fallback: false }, /Invalid `paths` value .*an object/],
    [
      'a path of another page [4.06]',
      { paths: ['/other/x'], fallback: false },
      /`\/other\/x` .*does not match the page `\/blog\/\[slug\]`/,
    ],
    [
      'a path with a broken escape [4.06]',
      { paths: ['/blog/%E0'], fallback: false },
      /does not match the page/,
    ],
    [
      'keys beside params [4.07]',
      { paths: [{ slug: 'a', foo: 1 }], fallback: false },
      /Additional keys were returned .*slug, foo.*under `params`/,
    ],
    [
      'a number as parameter [4.08]',
      { paths: [{ params: { slug: 5 } }], fallback: false },
      /required parameter \(slug\) was not provided as a string .*received number/,
    ],
    [
      'no parameter [4.08]',
      { paths: [{ params: {} }], fallback: false },
      /required parameter \(slug\) was not provided as a string .*received undefined/,
    ],
    [
      'an inherited parameter [4.08]',
      { paths: [{ params: Object.create({ slug: 'a' }) }], fallback: false },
      /required parameter \(slug\)/,
    ],
    [
      'a locale [4.10]',
      { paths: [{ params: { slug: 'a' }, locale: 'fr' }], fallback: false },
      /Invalid locale returned .*"fr"/,
    ],
    [
      'a number as path [4.12]',
      { paths: [1], fallback: false },
      /required parameter \(slug\) was not provided as a string/,
    ],
    [
      'an empty parameter',
      { paths: [{ params: { slug: '' } }], fallback: false },
      /`slug` .*cannot stand in a URL: ""/,
    ],
    [
      'a dot as parameter',
      { paths: [{ params: { slug: '..' } }], fallback: false },
      /cannot stand in a URL: "\.\."/,
    ],
  ])('%s', async (_name, result, message) => {
    const text = await messageOf('/blog/[slug]', result)
    expect(text).toMatch(message)
    expect(text).toContain('pages/blog/[slug].tsx')
  })

  it('null among the paths is a TypeError [4.12]', async () => {
    await expect(load('/blog/[slug]', { paths: [null], fallback: false })).rejects.toThrow(TypeError)
  })

  it('text for a catch-all, which takes an array of texts [4.08]', async () => {
    const paths = (slug: unknown) => ({ paths: [{ params: { slug } }], fallback: false })
    expect(await messageOf('/[...slug]', paths('a'))).toMatch(
      /\(slug\) was not provided as an array .*received string/,
    )
    expect(await messageOf('/[...slug]', paths(['a', 1]))).toMatch(
      /\(slug\[1\]\) was not provided as a string .*number/,
    )
    expect(await messageOf('/[...slug]', paths([]))).toMatch(/cannot stand in a URL/)
    expect(await messageOf('/[[...slug]]', { paths: [{ params: {} }], fallback: false })).toMatch(
      /\(slug\) .*an array/,
    )
  })
})

describe('what getStaticPaths returns', () => {
  it('keeps each of the three fallbacks, with no paths at all', async () => {
    for (const fallback of [true, false, 'blocking'])
      expect(await load('/[a]', { paths: [], fallback })).toEqual({ paths: [], fallback })
  })

  it('names the root of an optional catch-all by whatever stands for nothing [4.09]', async () => {
    for (const slug of [undefined, null, false, []])
      expect(await load('/docs/[[...slug]]', { paths: [{ params: { slug } }], fallback: false })).toEqual({
        paths: [{ pathname: '/docs', params: {} }],
        fallback: false,
      })
  })

  it('takes text as a URL path that is encoded already, with or without a slash at its end [4.13]', async () => {
    expect(await load('/b/[x]', { paths: ['/b/a%20b/', '/b/caf%c3%a9'], fallback: false })).toMatchObject({
      paths: [
        { pathname: '/b/a%20b', params: { x: 'a b' } },
        { pathname: '/b/caf%C3%A9', params: { x: 'café' } },
      ],
    })
  })

  it('takes parameters as they are, and encodes them [4.13]', async () => {
    expect(await pathnames('/b/[...x]', [{ params: { x: ['a b', '%2F', 'c/d'] } }])).toEqual([
      '/b/a%20b/%252F/c%2Fd',
    ])
  })

  it.each([
    '/my-post/',
    '+my-post+',
    '?my-post?',
    '&my-post&',
    '商業日語',
    '%2Fmy-post%2F',
    'a%b',
    '[first]',
    ' my post ',
  ])('gives the page back the value %j, given as parameter or as encoded path', async (value) => {
    const raw = await load('/b/[x]', { paths: [{ params: { x: value } }], fallback: false })
    expect(raw.paths[0]?.params).toEqual({ x: value })
    const encoded = await load('/b/[x]', { paths: [`/b/${encodeURIComponent(value)}`], fallback: false })
    expect(encoded).toEqual(raw)
  })

  it('keeps values apart that differ in case, and names that objects inherit', async () => {
    const values = ['Blog', 'blog', '__proto__', 'constructor', 'toString', 'hasOwnProperty']
    expect(
      await pathnames(
        '/[x]',
        values.map((x) => ({ params: { x } })),
      ),
    ).toEqual(values.map((x) => `/${x}`))
  })

  it('lists a path once that was returned twice, in whatever form [4.17]', async () => {
    expect(await pathnames('/b/[x]', ['/b/a', '/b/a/', { params: { x: 'a' } }, '/b/%61'])).toEqual(['/b/a'])
  })
})
