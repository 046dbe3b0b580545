import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { MANIFEST_FORMAT, readManifest } from '../../lib/server/build-manifest.js'
import { createBuiltSource } from '../../lib/server/built-source.js'
import { createDraftKeys } from '../../lib/server/draft-token.js'

let outDir: string

beforeEach(async () => {
  outDir = await mkdtemp(join(tmpdir(), 'build-'))
})

afterEach(() => rm(outDir, { recursive: true, force: true }))

async function write(file: string, content: unknown): Promise<void> {
  await mkdir(dirname(join(outDir, file)), { recursive: true })
  await writeFile(join(outDir, file), typeof content === 'string' ? content : JSON.stringify(content))
}

const assets = { scripts: ['/_assets/site.js'], preloads: ['/_assets/a.js'], styles: ['/_assets/a.css'] }
const page = (route: string, more: object = {}) => ({
  route,
  file: `pages${route}.tsx`,
  kind: 'static',
  module: 'page.mjs',
  assets,
  ...more,
})

/** A whole manifest: what a build writes, but for what a test changes. */
async function writeBuild(changes: object = {}): Promise<void> {
  await write('manifest.json', {
    format: MANIFEST_FORMAT,
    buildId: 'build1',
    rootId: '__page',
    config: { trailingSlash: false, skipTrailingSlashRedirect: false, generateEtags: true, compress: true },
    serverDir: 'server',
    draftKeys: createDraftKeys(),
    globalStyles: ['/_assets/app.css'],
    parts: { 'components/part.tsx': { preloads: ['/_assets/part.js'], styles: ['/_assets/part.css'] } },
    frame: { scripts: ['/_assets/site.js'], preloads: [], styles: [] },
    pages: [page('/a'), page('/b/[id]', { data: 'getStaticProps', fallback: 'blocking' })],
    special: { app: 'app.mjs', notFound: page('/404') },
    ...changes,
  })
  await write(
    'server/page.mjs',
    'globalThis.evaluated = (globalThis.evaluated ?? 0) + 1\nexport default () => null\n',
  )
  await write('server/app.mjs', 'export default () => null\n')
}

const open = () => createBuiltSource({ outDir, isPrerendered: (pathname) => pathname === '/b/1' })

function codeOf(attempt: () => unknown): unknown {
  try {
    attempt()
  } catch (error) {
    return (error as { code?: unknown }).code
  }
  return 'no error'
}

describe('reading a build', () => {
  it('says that there is none, where it looked, and what to do', () => {
    expect(codeOf(() => readManifest(outDir))).toBe('PAGES_BUILD_MISSING')
    expect(() => readManifest(outDir)).toThrow(new RegExp(`${outDir}.*pagepress build`))
  })

  it.each<[string, unknown]>([
    ['cut off', '{"format":1,"bui'],
    ['empty', ''],
    ['no object', 'null'],
    ['of another version', { format: MANIFEST_FORMAT + 1, buildId: 'x', pages: [] }],
    ['without pages', { format: MANIFEST_FORMAT, buildId: 'x' }],
  ])('refuses a manifest that is %s, and says to build again', async (_name, content) => {
    await write('manifest.json', content)
    expect(codeOf(open)).toBe('PAGES_BUILD_UNUSABLE')
    expect(open).toThrow(/Run `pagepress build` again/)
  })

  it('refuses two pages that the router could not tell apart', async () => {
    await writeBuild({ pages: [page('/[a]'), page('/[b]/x')] })
    expect(codeOf(open)).toBe('PAGES_ROUTE_CONFLICT')
  })
})

describe('a built source', () => {
  it('knows its pages without loading one', async () => {
    await writeBuild()
    const source = open()
    const [a, b] = source.routes.entries.map((entry) => entry.value)
    expect(source).toMatchObject({ buildId: 'build1', rootId: '__page', clientDir: join(outDir, 'client') })
    expect(source.describe(a!)).toEqual({ kind: 'static', data: undefined, fallback: undefined })
    expect(source.describe(b!)).toEqual({ kind: 'static', data: 'getStaticProps', fallback: 'blocking' })
    expect(source.special.notFound).toEqual({ route: '/404', file: 'pages/404.tsx' })
    expect(source.special.error).toBeUndefined()
    expect((globalThis as { evaluated?: number }).evaluated).toBeUndefined()
  })

  it('loads a page once, with what wraps it', async () => {
    await writeBuild()
    const source = open()
    const record = source.routes.entries[0]!.value
    const [first, second] = await Promise.all([source.load(record), source.load(record)])
    expect(first).toEqual({
      page: expect.anything(),
      app: expect.anything(),
      document: undefined,
      layouts: [],
    })
    expect(second).toBe(first)
    expect(await source.load(record)).toBe(first)
    expect((globalThis as { evaluated?: number }).evaluated).toBe(1)
  })

  it('begins every asset with the token that the mount path replaces', async () => {
    await writeBuild()
    const source = open()
    const record = source.routes.entries[0]!.value
    expect(source.assets(record)).toEqual({
      scripts: ['/__pagepress_base__/_assets/site.js'],
      preloads: ['/__pagepress_base__/_assets/a.js'],
      styles: ['/__pagepress_base__/_assets/a.css'],
      globalStyles: ['/__pagepress_base__/_assets/app.css'],
      parts: new Map([
        [
          'components/part.tsx',
          {
            preloads: ['/__pagepress_base__/_assets/part.js'],
            styles: ['/__pagepress_base__/_assets/part.css'],
          },
        ],
      ]),
    })
    expect(source.assets(undefined)).toMatchObject({
      scripts: ['/__pagepress_base__/_assets/site.js'],
      styles: [],
    })
  })

  it('lists the paths that were prerendered', async () => {
    await writeBuild()
    const source = open()
    const record = source.routes.entries[1]!.value
    expect(source.lists(record, '/b/1')).toBe(true)
    expect(source.lists(record, '/b/2')).toBe(false)
  })

  it('says to build again when a module of the build is gone, and passes on what a module itself throws', async () => {
    await writeBuild({ pages: [page('/a', { module: 'gone.mjs' }), page('/b', { module: 'broken.mjs' })] })
    await write('server/broken.mjs', "throw new Error('my own trouble')\n")
    const source = open()
    const [gone, broken] = source.routes.entries.map((entry) => entry.value)
    await expect(source.load(broken!)).rejects.toThrow('my own trouble')
    await expect(source.load(gone!)).rejects.toThrow()
  })
})
