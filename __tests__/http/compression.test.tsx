import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import compression from 'compression'
import http from 'node:http'
import type { GetServerSidePropsContext } from 'pagepress'
import { createTestApp, type TestAppOptions } from 'pagepress/testing'
import { expressVersions } from '../support/express.js'
import { failOnConsole } from '../support/console.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const long = 'compress me '.repeat(500)
const Long = ({ children = '' }: { children?: string }) => (
  <p>
    {long}
    {children}
  </p>
)
const pages = {
  '/': { default: Long },
  '/server': {
    default: Long,
    getServerSideProps: ({ res }: GetServerSidePropsContext) => {
      res.setHeader('Vary', 'Cookie')
      return { props: {} }
    },
  },
  '/short': { default: () => <p>short</p> },
}

interface Raw {
  status: number
  headers: http.IncomingHttpHeaders
  bytes: Buffer
}

/** Bytes as they came, whatever their coding. */
async function get(app: http.RequestListener, path: string, acceptEncoding?: string): Promise<Raw> {
  const { port } = await serve(app)
  return new Promise((resolve, reject) => {
    const headers = acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding }
    http
      .get({ port, host: '127.0.0.1', path, headers, agent: false }, (res) => {
        const chunks: Buffer[] = []
        res.on('data', (chunk: Buffer) => chunks.push(chunk))
        res.on('end', () =>
          resolve({ status: res.statusCode!, headers: res.headers, bytes: Buffer.concat(chunks) }),
        )
      })
      .on('error', reject)
  })
}

const createApp = (more: Partial<TestAppOptions> = {}) => createTestApp({ pages, ...more }).app

describe('HTML', () => {
  it.each(['/', '/server', '/?a=1'])(
    '%s is compressed for those who accept it [1.59][21.10]',
    async (path) => {
      const app = createApp()
      const plain = await get(app, path)
      const gzip = await get(app, path, 'gzip')
      const brotli = await get(app, path, 'gzip, deflate, br')

      expect(plain.headers).not.toHaveProperty('content-encoding')
      expect(gzip.headers['content-encoding']).toBe('gzip')
      expect(brotli.headers['content-encoding']).toBe('br')
      expect(gunzipSync(gzip.bytes)).toEqual(plain.bytes)
      expect(brotliDecompressSync(brotli.bytes)).toEqual(plain.bytes)
      for (const { headers, bytes } of [plain, gzip, brotli]) {
        expect(headers['vary']).toContain('Accept-Encoding')
        expect(headers['content-length']).toBe(String(bytes.length))
      }
    },
  )

  it.each([
    ['gzip;q=0, br;q=0', undefined],
    ['identity', undefined],
    ['br;q=0.5, gzip', 'gzip'],
    ['*', 'br'],
    ['gzip, *;q=0', 'gzip'],
    ['GZIP', 'gzip'],
    ['x-gzip', 'gzip'],
    ['zstd', undefined],
    ['gzip;q=2', undefined],
    ['', undefined],
  ])('for Accept-Encoding %j is sent as %p', async (accept, coding) => {
    expect((await get(createApp(), '/', accept)).headers['content-encoding']).toBe(coding)
  })

  it('is sent as it is to those who ask in more words than any browser', async () => {
    const { headers } = await get(createApp(), '/', `gzip${', gzip'.repeat(2_000)}`)

    expect(headers).not.toHaveProperty('content-encoding')
  })

  it('that is short is sent as it is', async () => {
    const { headers } = await get(createApp(), '/short', 'gzip')

    expect(headers).not.toHaveProperty('content-encoding')
  })

  it('is never compressed with compress: false, in options or configuration [1.59]', async () => {
    for (const more of [{ options: { compress: false } }, { config: { compress: false } }])
      expect((await get(createApp(more), '/', 'gzip')).headers).not.toHaveProperty('content-encoding')
  })

  it('keeps what else the answer varies by', async () => {
    const { headers } = await get(createApp(), '/server', 'gzip')

    expect(headers['vary']).toBe('Cookie, Accept-Encoding')
  })

  it('of one page has one validator in all codings', async () => {
    const app = createApp()
    const etags = new Set<unknown>()
    for (const accept of [undefined, 'gzip', 'br']) etags.add((await get(app, '/', accept)).headers['etag'])

    expect(etags.size).toBe(1)
  })

  it('is compressed once for all who ask at the same time, and kept compressed', async () => {
    const { app } = createTestApp({ pages })
    await get(app, '/')

    const bodies = await Promise.all(Array.from({ length: 20 }, () => get(app, '/', 'br')))
    const later = await get(app, '/', 'br')

    for (const { bytes } of bodies) expect(bytes).toEqual(later.bytes)
  })
})

describe.each(expressVersions)('behind compression() on %s', (_name, createExpress) => {
  it('is compressed once [21.02]', async () => {
    const { app } = createTestApp({
      pages,
      createApp: createExpress,
      before: (app) => app.use(compression()),
      after: (app) => app.get('/theirs', (_req, res) => void res.send(long)),
    })
    const plain = await get(app, '/', 'identity')

    const page = await get(app, '/', 'gzip')
    expect(page.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(page.bytes)).toEqual(plain.bytes)
    const server = await get(app, '/server', 'br')
    expect(server.headers['content-encoding']).toBe('br')
    expect(brotliDecompressSync(server.bytes).toString()).toContain(long)
    const theirs = await get(app, '/theirs', 'gzip')
    expect(gunzipSync(theirs.bytes).toString()).toBe(long)
    expect(Buffer.byteLength(page.bytes)).toBeLessThan(2_000)
  })
})
