import { defineConfig, resolveConfig } from '../lib/config.js'

const resolve = (config: unknown, file = 'pagepress.config.ts') => resolveConfig(config, file)

describe('the configuration', () => {
  it('has a default for every key', () => {
    expect(resolveConfig({}, undefined)).toMatchObject({
      trailingSlash: false,
      skipTrailingSlashRedirect: false,
      pageExtensions: ['tsx', 'ts', 'jsx', 'js'],
      generateEtags: true,
      compress: true,
      rootId: undefined,
      env: {},
    })
    expect(resolve(undefined)).toMatchObject({ trailingSlash: false })
  })

  it.each([
    ['https://cdn.example.com/', 'https://cdn.example.com'],
    ['http://cdn.example.com:8080/a/b', 'http://cdn.example.com:8080/a/b'],
    ['//cdn.example.com', '//cdn.example.com'],
    ['/static/', '/static'],
    ['/', undefined],
    ['', undefined],
  ])('takes the asset prefix %p as %p', (assetPrefix, expected) => {
    expect(resolve({ assetPrefix }).assetPrefix).toBe(expected)
  })

  it('passes through defineConfig unchanged', () => {
    const config = { trailingSlash: true }
    expect(defineConfig(config)).toBe(config)
  })

  it.each<[string, object, RegExp]>([
    ['an empty list of extensions', { pageExtensions: [] }, /pageExtensions.*empty array/],
    ['an extension that is a number', { pageExtensions: ['js', 123] }, /123, of type number/],
    ['extensions that are no list', { pageExtensions: 'tsx' }, /`pageExtensions` is "tsx"/],
    [
      'a word for a boolean',
      { trailingSlash: 'yes' },
      /`trailingSlash` is "yes", but it must be `true` or `false`/,
    ],
    ['an id that is none', { rootId: 'a b' }, /`rootId` is "a b"/],
    ['a prefix that is no URL', { assetPrefix: 'cdn.example.com' }, /`assetPrefix` is "cdn\.example\.com"/],
    ['a prefix of another kind', { assetPrefix: 'ftp://cdn.example.com' }, /the URL of an origin.*or a path/],
    [
      'a prefix with a query',
      { assetPrefix: 'https://cdn.example.com/?x' },
      /`assetPrefix` is .*, but it must/,
    ],
    ['a prefix that ends a string', { assetPrefix: '/a"b' }, /`assetPrefix` is .*, but it must be/],
    ['a prefix that is a number', { assetPrefix: 5 }, /`assetPrefix` is 5/],
    ['env that is text', { env: 'A=1' }, /`env` is "A=1"/],
    ['env with a number', { env: { A: 1 } }, /`env\.A` is 1, but it must be a string/],
    ['env that sets NODE_ENV', { env: { NODE_ENV: 'test' } }, /`env\.NODE_ENV` cannot be set/],
    ['a list for vite', { vite: [] }, /`vite` is an array/],
    ['an unknown key', { trailingslash: true }, /there is no key `trailingslash`.*`trailingSlash`/],
  ])('refuses %s, naming key and file', (_name, config, message) => {
    expect(() => resolve(config)).toThrow(message)
    expect(() => resolve(config)).toThrow(/`pagepress\.config\.ts`/)
  })

  it('takes undefined extensions for the usual ones', () => {
    expect(resolve({ pageExtensions: undefined }).pageExtensions).toEqual(['tsx', 'ts', 'jsx', 'js'])
    expect(resolve({ pageExtensions: ['.mdx', 'page.tsx'] }).pageExtensions).toEqual(['mdx', 'page.tsx'])
  })

  it.each(['redirects', 'rewrites', 'headers', 'i18n', 'output', 'basePath'])(
    'refuses `%s` instead of leaving it out in silence',
    (key) => {
      expect(() => resolve({ [key]: '/x' }, 'next.config.js')).toThrow(
        new RegExp(`\`next\\.config\\.js\`: the key \`${key}\` is not supported`),
      )
    },
  )

  it('says where to mount instead of a base path, unless it is the empty one', () => {
    expect(() => resolve({ basePath: '/shop' })).toThrow(/app\.use\('\/shop', pages\(\)\)/)
    expect(() => resolve({ basePath: '' })).not.toThrow()
  })

  it('warns of keys of a next.config that mean nothing here', () => {
    const warnings: string[] = []
    resolveConfig({ reactStrictMode: true }, 'next.config.mjs', (message) => warnings.push(message))
    expect(warnings).toEqual([
      expect.stringMatching(/`next\.config\.mjs`: the key `reactStrictMode` is unknown/),
    ])
  })

  it('refuses a configuration that is no object', () => {
    expect(() => resolve('x')).toThrow(/default export must be an object, but it is "x"/)
  })
})
