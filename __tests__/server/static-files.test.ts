import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import request from 'supertest'
import { serve, stopServers } from '../support/serve.js'
import { createStaticFiles, type StaticFiles } from '../../lib/server/static-files.js'

const immutable = 'public, max-age=31536000, immutable'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pagepress-files-'))
})
afterAll(() => rm(directory, { recursive: true }))
afterEach(stopServers)

async function write(files: Record<string, string | Buffer>, folder = 'public'): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
  return join(directory, folder)
}

/** A server of nothing but these files. */
function serverOf(files: StaticFiles): http.Server {
  return http.createServer((req, res) => files.serve(req, res, (req.url ?? '').split('?')[0] ?? ''))
}

describe('serving files', () => {
  let files: StaticFiles
  let server: http.Server
  beforeAll(async () => {
    await write({ 'outside.txt': 'SECRET' }, '.')
    const folder = await write({
      'hello.txt': 'hello',
      'style.css': 'body{}',
      'a/b/app.js': 'export {}',
      'picture.png': Buffer.from([0x89, 0x50]),
      'hello world.txt': 'space',
      'a+b.txt': 'plus',
      '100%.txt': 'percent',
      '日本.txt': 'japan',
      'logo@2x.png': 'at',
      '[slug].js': 'brackets',
      'back\\slash.txt': 'backslash',
      '.env': 'SECRET',
      '.git/config': 'SECRET',
      'a/.hidden.txt': 'SECRET',
      '.well-known/security.txt': 'contact',
      'index.html': '<p>',
      'hello.txt.gz': 'not an encoding of it',
    })
    files = await createStaticFiles({ directory: folder, cacheControl: 'public, max-age=0' })
    await write({ 'later.txt': 'SECRET' })
    server = serverOf(files)
  })

  it('is for one visitor where a cookie goes with it, whenever that is set', async () => {
    const early = http.createServer((req, res) => {
      res.setHeader('Set-Cookie', 'sid=ann')
      files.serve(req, res, req.url ?? '')
    })
    const late = http.createServer((req, res) => {
      const { writeHead } = res
      // As sessions do it.
      res.writeHead = (...given: unknown[]) => {
        res.setHeader('Set-Cookie', 'sid=ann')
        return Reflect.apply(writeHead, res, given) as typeof res
      }
      files.serve(req, res, req.url ?? '')
    })

    for (const one of [early, late]) {
      const file = await request(one).get('/hello.txt').expect(200, 'hello')
      const missing = await request(one).get('/nowhere.txt').expect(404)
      expect(file.headers).toMatchObject({
        'set-cookie': ['sid=ann'],
        'cache-control': 'private, max-age=0',
      })
      expect(missing.headers).toMatchObject({ 'set-cookie': ['sid=ann'], 'cache-control': 'no-store' })
    }
  })

  it('sends a file with its type, length and lifetime', async () => {
    const response = await request(server).get('/hello.txt').expect(200, 'hello')
    expect(response.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '5',
      'cache-control': 'public, max-age=0',
      'x-content-type-options': 'nosniff',
      etag: expect.any(String),
      'last-modified': expect.any(String),
    })
    expect((await request(server).get('/a/b/app.js')).headers['content-type']).toBe(
      'text/javascript; charset=utf-8',
    )
    expect((await request(server).get('/style.css')).headers['content-type']).toBe('text/css; charset=utf-8')
    expect((await request(server).get('/picture.png')).headers['content-type']).toBe('image/png')
  })

  it('answers HEAD with the same headers and no body', async () => {
    const get = await request(server).get('/hello.txt')
    const head = await request(server).head('/hello.txt').expect(200)
    expect(head.text ?? '').toBe('')
    expect({ ...head.headers, date: '' }).toEqual({ ...get.headers, date: '' })
  })

  it('answers other methods with 405', async () => {
    for (const method of ['post', 'put', 'patch', 'delete'] as const) {
      const response = await request(server)[method]('/hello.txt').expect(405)
      expect(response.headers).toMatchObject({ allow: 'GET, HEAD', 'cache-control': 'no-store' })
      await request(server)[method]('/none.txt').expect(404)
    }
  })

  it.each([
    ['/hello%20world.txt', 'space'],
    ['/a+b.txt', 'plus'],
    ['/a%2Bb.txt', 'plus'],
    ['/a%2bb.txt', 'plus'],
    ['/100%25.txt', 'percent'],
    ['/%E6%97%A5%E6%9C%AC.txt', 'japan'],
    ['/%e6%97%a5%e6%9c%ac.txt', 'japan'],
    ['/logo@2x.png', 'at'],
    ['/logo%402x.png', 'at'],
    ['/%5Bslug%5D.js', 'brackets'],
    ['/[slug].js', 'brackets'],
    ['/.well-known/security.txt', 'contact'],
    ['/hello.txt.gz', 'not an encoding of it'],
  ])('finds the file of %s', async (path, content) => {
    expect(files.has(path)).toBe(true)
    const { status, body } = await (await serve(server)).ask(path)
    expect([status, body]).toEqual([200, content])
  })

  it.each([
    '/',
    '',
    '/none.txt',
    '/a',
    '/a/',
    '/a/b/',
    '/HELLO.txt',
    '/hello.txt/',
    '/%68ello.txt',
    '/hello%2Etxt',
    '/index',
    '/.env',
    '/%2Eenv',
    '/.git/config',
    '/a/.hidden.txt',
    '/later.txt',
    '/outside.txt',
    '/../outside.txt',
    '/..%2foutside.txt',
    '/..%2Foutside.txt',
    '/%2e%2e/outside.txt',
    '/%2e%2e%2foutside.txt',
    '/a/../../outside.txt',
    '/a/..%2f..%2foutside.txt',
    '/..%5Coutside.txt',
    '/..\\outside.txt',
    '//hello.txt',
    '/a//b/app.js',
    '/a%2Fb%2Fapp.js',
    '/hello.txt%00',
    '/%',
    '/%ff',
    '/back%5cslash.txt/..',
    '/__proto__',
    '/constructor',
  ])('has no file at %j', async (path) => {
    expect(files.has(path)).toBe(false)
    const { status, body } = await (await serve(server)).ask(path === '' ? '*' : path)
    expect([status, body]).toEqual([404, 'Not Found'])
  })
})

describe('conditional and partial requests', () => {
  let server: http.Server
  beforeAll(async () => {
    const folder = await write({ 'x.HASH.js': '0123456789' }, 'assets')
    server = serverOf(
      await createStaticFiles({ directory: folder, prefix: '/_assets', cacheControl: immutable }),
    )
  })
  const get = (headers: Record<string, string>) => request(server).get('/_assets/x.HASH.js').set(headers)

  it('answers 304 to the ETag and to the date that it gave', async () => {
    const { headers } = await get({}).expect(200)
    expect(headers['cache-control']).toBe(immutable)
    await get({ 'If-None-Match': headers['etag'] ?? '' }).expect(304)
    await get({ 'If-Modified-Since': headers['last-modified'] ?? '' }).expect(304)
    await get({ 'If-None-Match': '"other"' }).expect(200)
  })

  it('sends the range that is asked for', async () => {
    const { headers, text } = await get({ Range: 'bytes=2-4' }).buffer(true).expect(206)
    expect(text).toBe('234')
    expect(headers['content-range']).toBe('bytes 2-4/10')
    await get({ Range: 'garbage' }).expect(200)
  })

  it('answers an old If-Unmodified-Since with 412 and ignores what is no date', async () => {
    await get({ 'If-Unmodified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT' }).expect(412)
    await get({ 'If-Unmodified-Since': 'nextweek' }).expect(200)
    await get({ 'If-Unmodified-Since': 'Fri, 01 Jan 2100 00:00:00 GMT' }).expect(200)
  })

  it.each([
    [412, { 'If-Match': '"xxx"' }],
    [412, { 'If-Unmodified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT' }],
    [416, { Range: 'bytes=9999-' }],
  ])('lets nobody keep a %i for %j', async (status, headers) => {
    const response = await get(headers).expect(status)
    expect(response.headers['cache-control']).toBe('no-store')
    for (const name of ['etag', 'last-modified', 'content-encoding'])
      expect(response.headers[name]).toBeUndefined()
    if (status === 416) expect(response.headers['content-range']).toBe('bytes */10')
  })

  it('answers for a missing file in plain text that nobody keeps', async () => {
    const response = await request(server).get('/_assets/old.HASH.js').expect(404, 'Not Found')
    expect(response.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    })
    await request(server).get('/x.HASH.js').expect(404)
  })

  it('answers 404 for a file that is gone by now', async () => {
    const folder = await write({ 'gone.js': 'x' }, 'gone')
    const gone = serverOf(await createStaticFiles({ directory: folder, cacheControl: immutable }))
    await rm(join(folder, 'gone.js'))
    const response = await request(gone).get('/gone.js').expect(404)
    expect(response.headers['cache-control']).toBe('no-store')
  })
})

describe('precompressed files', () => {
  const script = 'export const text = "text";'.repeat(50)
  let server: http.Server
  beforeAll(async () => {
    const folder = await write(
      {
        'app.js': script,
        'app.js.br': brotliCompressSync(script),
        'app.js.gz': gzipSync(script),
        'only.css': 'a{}',
        'only.css.gz': gzipSync('a{}'),
        'plain.js': 'plain',
        'archive.gz': 'of its own',
      },
      'compressed',
    )
    server = serverOf(
      await createStaticFiles({ directory: folder, cacheControl: immutable, precompressed: true }),
    )
  })
  const get = (path: string, coding: string) => request(server).get(path).set('Accept-Encoding', coding)

  it('sends the encoding that the client likes best', async () => {
    const brotli = await get('/app.js', 'gzip, deflate, br').expect(200)
    expect(brotli.headers).toMatchObject({
      'content-encoding': 'br',
      'content-type': 'text/javascript; charset=utf-8',
      vary: 'Accept-Encoding',
      'cache-control': immutable,
    })
    const gzip = await get('/app.js', 'gzip').expect(200)
    expect(gzip.headers['content-encoding']).toBe('gzip')
    expect(gzip.text).toBe(script)
    expect((await get('/only.css', 'gzip')).headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': 'text/css; charset=utf-8',
    })
  })

  it('sends the file itself to others, and says that it depends', async () => {
    const identity = await get('/app.js', 'identity').expect(200)
    expect(identity.headers['content-encoding']).toBeUndefined()
    expect(identity.headers['vary']).toBe('Accept-Encoding')
    expect(identity.text).toBe(script)
    expect((await get('/app.js', 'br;q=0, gzip;q=0')).headers['content-encoding']).toBeUndefined()
    expect((await get('/plain.js', 'br')).headers['vary']).toBeUndefined()
  })

  it('gives every encoding its own ETag', async () => {
    const tags = await Promise.all(
      ['br', 'gzip', 'identity'].map(async (coding) => (await get('/app.js', coding)).headers['etag']),
    )
    expect(new Set(tags).size).toBe(3)
  })

  it('takes ranges of the file as it is', async () => {
    const part = await get('/app.js', 'br').set('Range', 'bytes=0-5').buffer(true).expect(206)
    expect(part.headers['content-encoding']).toBeUndefined()
    expect(part.text).toBe('export')
  })

  it('serves no encoding under a URL of its own', async () => {
    await get('/app.js.br', 'br').expect(404)
    await get('/app.js.gz', 'br').expect(404)
    await get('/archive.gz', 'br').expect(200)
  })

  it('keeps what others have said that the response depends on', async () => {
    const folder = await write({ 'v.js': script, 'v.js.br': brotliCompressSync(script) }, 'vary')
    const files = await createStaticFiles({ directory: folder, cacheControl: immutable, precompressed: true })
    for (const [before, after] of [
      ['Origin', 'Origin, Accept-Encoding'],
      ['origin, accept-encoding', 'origin, accept-encoding'],
    ] as const) {
      const varied = http.createServer((req, res) => files.serve(req, res.setHeader('Vary', before), '/v.js'))
      expect((await request(varied).get('/v.js')).headers['vary']).toBe(after)
    }
  })
})

describe('the directory', () => {
  it('may be missing', async () => {
    const files = await createStaticFiles({ directory: join(directory, 'none'), cacheControl: immutable })
    expect(files.has('/hello.txt')).toBe(false)
  })

  it('may hold links to files and folders, even in circles', async () => {
    const folder = await write({ 'real/a.txt': 'a' }, 'links')
    await symlink(join(folder, 'real'), join(folder, 'folder'))
    await symlink(join(folder, 'real/a.txt'), join(folder, 'file.txt'))
    await symlink(folder, join(folder, 'real/up'))
    await symlink(join(folder, 'nowhere'), join(folder, 'broken'))
    const files = await createStaticFiles({ directory: folder, cacheControl: immutable })
    expect(
      ['/real/a.txt', '/folder/a.txt', '/file.txt', '/broken', '/real/up/real/a.txt'].map(files.has),
    ).toEqual([true, true, true, false, false])
    await request(serverOf(files)).get('/folder/a.txt').expect(200, 'a')
  })
})
