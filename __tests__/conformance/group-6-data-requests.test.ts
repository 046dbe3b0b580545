import { useConformanceSite } from '../support/conformance-site.js'
import { createControls } from '../support/controls.js'

const site = useConformanceSite('data-requests', { options: { fallthrough: false } })
const { write, advance, held, release, settled } = createControls(site)

const JSON_TYPE = 'application/json; charset=utf-8'
const DYN = 'private, no-cache, no-store, max-age=0, must-revalidate'

const propsAt = async (path: string) =>
  ((await site.get(path).expect(200)).body as { pageProps: Record<string, unknown> }).pageProps

describe('a data URL', () => {
  it.each([
    ['/_data/index.json', 'index'],
    ['/_data/index/index.json', 'index-page'],
    ['/_data/index/index/index.json', 'nested-index'],
  ])('%s is that of the page %s [6.01]', async (path, made) => {
    expect(await propsAt(path)).toMatchObject({ made })
  })

  it('is a page path with .json below the mount [6.01]', async () => {
    await site.restart({ mount: '/docs', options: { fallthrough: false } })
    expect(await propsAt('/_data/blog/a.json')).toEqual({ params: { slug: 'a' } })
    expect(await propsAt('/_data/index.json')).toMatchObject({ made: 'index' })
    await site.restart()
  })

  it('of what has no data, or is no page, is a 404 without props', async () => {
    const { headers } = await site.get('/server')
    for (const path of [
      '/_data',
      '/_data/',
      '/_data/server',
      '/_data/missing.json',
      '/_data/about.json',
      '/_data/api/x.json',
      `/_data/${headers['pagepress-build']}/server.json`,
    ]) {
      const { status, text } = await site.get(path)
      expect([path, status]).toEqual([path, 404])
      expect(text).not.toMatch(/^\{"pageProps|"random"/)
    }
  })

  it('of a path that is not listed is a 404, and getStaticProps is not asked [6.06]', async () => {
    await site.get('/_data/blog/b.json').expect(404, { notFound: true })
    await site.get('/blog/b').expect(404)

    expect(site.calls('blog')).toEqual([])
  })

  it('keeps segments encoded, and has the params of the page URL [6.07]', async () => {
    const data = await propsAt('/_data/blog/%2Fa.json')
    const { payload } = await site.page('/blog/%2Fa')

    expect(data).toEqual({ params: { slug: '/a' } })
    expect(payload.props.pageProps).toEqual(data)
    await site.get('/_data/blog//a.json').expect(404)
  })

  it('may be that of a path that ends in .json; API routes keep theirs [6.08]', async () => {
    expect(await propsAt('/_data/files/x.json.json')).toEqual({ params: { name: 'x.json' } })
    expect(await propsAt('/_data/x.json.json')).toEqual({ page: 'x.json' })
    await site.get('/_data/x.json').expect(404)
    await site.get('/api/hello.json').expect(200, { name: 'hello.json' })
  })
})

describe('a data answer', () => {
  it('is JSON with pageProps, and for a static page 304 to those who have it [6.11][6.12]', async () => {
    const { text, body, headers } = await site.get('/_data/blog/a.json').expect(200)
    expect(body).toEqual({ pageProps: { params: { slug: 'a' } } })
    expect(text).toBe(JSON.stringify(body))
    expect(headers).toMatchObject({ 'content-type': JSON_TYPE, 'x-content-type-options': 'nosniff' })

    const again = await site.get('/_data/blog/a.json').set('If-None-Match', headers['etag']!).expect(304)
    expect(again.text).toBe('')
    expect(Object.keys((await site.get('/_data/server.json')).body as object)).toEqual(['pageProps'])
  })

  it('says of caching what the document says [6.13]', async () => {
    await write('thing', { revalidate: 10 })
    const cacheControlOf = async (path: string) => (await site.get(path)).headers['cache-control']

    for (const [path, header] of [
      ['/p/thing', 's-maxage=10, stale-while-revalidate=31535990'],
      ['/blog/a', 's-maxage=31536000'],
      ['/server', DYN],
      ['/server?cache=public, max-age=60', 'public, max-age=60'],
    ] as const) {
      const [pathname, search = ''] = path.split('?')
      expect(await cacheControlOf(path)).toBe(header)
      expect(await cacheControlOf(`/_data${pathname}.json${search && `?${search}`}`)).toBe(header)
    }
  })

  it('of a static page is the same whatever the query; a server page gets it [6.14]', async () => {
    const plain = await site.get('/_data/p/asked.json')
    const asked = await site.get('/_data/p/asked.json?a=1')
    expect(asked.text).toBe(plain.text)
    expect(site.calls('asked')).toHaveLength(1)

    expect(await propsAt('/_data/server.json?a=1&a=2&b')).toMatchObject({
      query: { a: ['1', '2'], b: '' },
      resolvedUrl: '/server?a=1&a=2&b',
    })
  })

  it('has route parameters that no query can change [6.15]', async () => {
    expect(await propsAt('/_data/user/1.json?id=2&tab=b')).toMatchObject({
      params: { id: '1' },
      query: { id: '1', tab: 'b' },
      resolvedUrl: '/user/1?id=2&tab=b',
    })
    expect(await propsAt('/_data/user/1.json?id=1')).toMatchObject({
      params: { id: '1' },
      query: { id: '1' },
    })
  })

  it('says that there is nothing, or where to go [6.16]', async () => {
    await write('gone', { notFound: true })
    await write('moved', { redirect: { destination: '/about', permanent: true } })
    for (const path of ['/_data/p/gone.json', '/_data/server.json?gone=1']) {
      const { text, headers } = await site.get(path).expect(404)
      expect([text, headers['content-type']]).toEqual(['{"notFound":true}', JSON_TYPE])
    }
    const moved = await site.get('/_data/p/moved.json').expect(200)
    expect(moved.text).toBe('{"redirect":{"destination":"/about","status":308}}')
    const server = await site.get('/_data/server.json?to=/about').expect(200)
    expect(server.text).toBe('{"redirect":{"destination":"/about","status":307}}')
    expect(server.headers['content-type']).toBe(JSON_TYPE)
  })

  it('of a page that fails is a 500 that says nothing of why [6.17]', async () => {
    await write('failing', { throws: 'a secret' })
    for (const path of ['/_data/p/failing.json', '/_data/server.json?throws=a%20secret']) {
      const { text, headers } = await site.get(path).expect(500)
      expect(text).not.toMatch(/secret|Error:|\bat /)
      expect(headers['cache-control']).toBe(DYN)
    }
    expect(site.takeErrors()).toEqual(['Error: a secret', 'Error: a secret'])
  })

  it('has the status that getServerSideProps has set [6.18]', async () => {
    const { body } = await site.get('/_data/server.json?status=418').expect(418)

    expect(body).toMatchObject({ pageProps: { query: { status: '418' } } })
  })

  it('is compressed when it is large and may be [6.19]', async () => {
    await write('large', { props: { text: 'x'.repeat(5_000) } })
    const get = (coding: string) => site.get('/_data/p/large.json').set('Accept-Encoding', coding).expect(200)

    const plain = await get('identity')
    expect(plain.headers).not.toHaveProperty('content-encoding')
    for (const coding of ['gzip', 'br']) {
      const packed = await get(coding)
      expect(packed.headers['content-encoding']).toBe(coding)
      expect(Number(packed.headers['content-length'])).toBeLessThan(500)
      expect(packed.body).toEqual(plain.body)
    }
  })

  it('comes of a run that has the cookies of the visitor [6.23]', async () => {
    const { body } = await site.get('/_data/server.json').set('Cookie', 'sid=7; theme=dark')

    expect(body).toMatchObject({ pageProps: { cookies: { sid: '7', theme: 'dark' } } })
  })

  it('is valid JSON with any text [6.26]', async () => {
    const text = '</script><!-- & \u2028\u2029 😀 \ud83d é "\\'
    await write('odd', { props: { text } })

    expect(await propsAt('/_data/p/odd.json')).toMatchObject({ text })
    expect((await site.page('/p/odd')).payload.props.pageProps).toMatchObject({ text })
  })
})

describe('a request for data', () => {
  it('with another method is refused, and HEAD has headers alone and refreshes a stale page [6.09]', async () => {
    const path = '/_data/p/refreshed.json'
    await write('refreshed', { revalidate: 1 })
    await site.post(path).expect(405).expect('Allow', 'GET, HEAD')
    expect(site.calls('refreshed')).toEqual([])

    const got = await site.get(path)
    const { text, headers } = await site.head(path).expect(200)
    expect(text ?? '').toBe('')
    for (const name of ['content-type', 'content-length', 'etag', 'cache-control'])
      expect([name, headers[name]]).toEqual([name, got.headers[name]])
    await advance(1_000)
    await site.head(path).expect(200).expect('Cache-Status', /ttl=/)
    await settled()
    expect(site.calls('refreshed')).toHaveLength(2)
    expect((await site.get(path)).text).not.toBe(got.text)
  })

  it('shares a page that is being made with nine others, and with its document [6.24][6.25]', async () => {
    await write('new', { held: true })
    const asked = Array.from({ length: 10 }, () => site.get('/_data/p/new.json').then((answer) => answer))
    const document = site.page('/p/new')
    await held('new')
    await release('new')

    const answers = await Promise.all(asked)
    const { payload } = await document
    for (const { status, text } of answers) expect([status, text]).toEqual([200, answers[0]!.text])
    expect(answers[0]!.body).toEqual({ pageProps: payload.props.pageProps })
    expect(typeof payload.props.pageProps['random']).toBe('number')
    expect(site.calls('new')).toHaveLength(1)
  })

  it('finds the data of the document that the build has made [6.25]', async () => {
    // The build may be old enough by now.
    await site.get('/')
    await settled()
    const { payload } = await site.page('/')

    expect(site.builtWith('made')).toEqual(expect.arrayContaining(['index', 'index-page', 'nested-index']))
    expect(await propsAt('/_data/index.json')).toEqual(payload.props.pageProps)
  })
})
